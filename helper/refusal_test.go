package helper

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aws-connector/internal/connector"
	"aws-connector/internal/secret"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// recorded serves an answer of AWS from testdata/awserrors, whatever it is asked.
func recorded(t *testing.T, name string) string {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "awserrors", name+".http"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	answer, err := http.ReadResponse(bufio.NewReader(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range answer.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(answer.StatusCode)
		w.Write(body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// ask makes the call o at url for c and returns what is said of its error.
func ask(ctx context.Context, url string, o operation, c connector.Connector) error {
	client := Client{Service: o.service, Region: c.Region, Endpoint: url, AccessKeyID: accessKeyID, SecretAccessKey: secret.New(canary)}
	if o.service != serviceSTS {
		_, err := client.authorize(ctx, connector.Registry{Region: c.Region, Public: o.service == serviceECRPublic})
		return CallError(c, o.service, o.name, err)
	}
	client.SessionToken = secret.New("CANARYtoken")
	api, err := client.STS()
	if err != nil {
		return err
	}
	text := "text"
	switch o {
	case opAssumeRole:
		_, err = api.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &c.RoleARN, RoleSessionName: &text})
	case opAssumeRoleWithWebIdentity:
		_, err = api.AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{RoleArn: &c.RoleARN, RoleSessionName: &text, WebIdentityToken: &text})
	case opGetSessionToken:
		_, err = api.GetSessionToken(ctx, nil)
	case opGetFederationToken:
		_, err = api.GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: &text})
	case opGetCallerIdentity:
		_, err = api.GetCallerIdentity(ctx, nil)
	}
	return CallError(c, o.service, o.name, err)
}

// What AWS answers to a wrong set-up becomes the sentence that helps.
func TestRefusals(t *testing.T) {
	ecrToken, publicToken := operation{serviceECR, "GetAuthorizationToken"}, operation{serviceECRPublic, "GetAuthorizationToken"}
	mfa := func(c *connector.Connector) { c.MFASerial = "arn:aws:iam::123456789012:mfa/bob" }
	external := func(c *connector.Connector) { c.ExternalID = "acme-42" }
	source := func(c *connector.Connector) { c.Source = "hub" }
	tags := func(c *connector.Connector) { c.Tags = map[string]string{"Team": "red"} }
	identity := func(c *connector.Connector) { c.SourceIdentity = "bob" }
	policy := func(c *connector.Connector) { c.Policy = `{"Version":"2012-10-17","Statement":[]}` }
	arns := func(c *connector.Connector) { c.PolicyARNs = []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"} }
	bucket := func(c *connector.Connector) {
		c.ResourceType, c.ResourceID, c.Scope = connector.S3Bucket, "s3://b-1", connector.ScopeResource
	}
	method := func(m connector.Method) func(*connector.Connector) {
		return func(c *connector.Connector) { c.Method = m }
	}
	for _, test := range []struct {
		answer string
		o      operation
		has    []func(*connector.Connector) // what the connector has beside a role
		reason Reason
		advice string
	}{
		{"trust-same-account", opAssumeRole, nil, Failed, "the role's trust policy must name arn:aws:iam::123456789012:user/bob, or its account if a policy of the user allows sts:AssumeRole on the role; if the trust policy asks for an external id or MFA, set external_id or mfa_serial; AWS says the same where there is no such role"},
		{"trust-same-account", opAssumeRole, []func(*connector.Connector){source}, Failed, "the role's trust policy must name arn:aws:iam::123456789012:user/bob, or its account if a policy of the user allows sts:AssumeRole on the role; if the trust policy asks for an external id or MFA, set external_id or mfa_serial in connector \"hub\"; AWS says the same where there is no such role"},
		{"trust-same-account", opAssumeRole, []func(*connector.Connector){mfa}, Failed, "the role's trust policy must name arn:aws:iam::123456789012:user/bob, or its account if a policy of the user allows sts:AssumeRole on the role; if the trust policy asks for an external id, set external_id; AWS says the same where there is no such role"},
		{"trust-same-account", opAssumeRole, []func(*connector.Connector){external}, Failed, "the role's trust policy must name arn:aws:iam::123456789012:user/bob, or its account if a policy of the user allows sts:AssumeRole on the role; its condition sts:ExternalId must have the connector's external_id, and if it asks for MFA, set mfa_serial; AWS says the same where there is no such role"},
		{"trust-same-account", opAssumeRole, []func(*connector.Connector){mfa, external}, Failed, "the role's trust policy must name arn:aws:iam::123456789012:user/bob, or its account if a policy of the user allows sts:AssumeRole on the role; its condition sts:ExternalId must have the connector's external_id; AWS says the same where there is no such role"},
		{"trust-other-account", opAssumeRole, nil, Failed, "the role's trust policy must name arn:aws:iam::111122223333:user/bob, or its account, and a policy of the user must allow sts:AssumeRole on the role: between accounts it takes both; if the trust policy asks for an external id or MFA, set external_id or mfa_serial; AWS says the same where there is no such role"},
		{"trust-session", opAssumeRole, []func(*connector.Connector){source}, Failed, "the role's trust policy must name role Hub of account 111122223333, or its account, and a policy of that role must allow sts:AssumeRole on the role: between accounts it takes both; if the trust policy asks for an external id, set external_id; AWS says the same where there is no such role"},
		{"trust-federated", opAssumeRole, nil, Failed, "AWS does not allow a federated user to assume a role: start from a key or from a role's session"},
		{"trust-no-names", opAssumeRole, nil, Failed, "the role's trust policy must name the caller, and the caller's policy must allow sts:AssumeRole on the role; if the trust policy asks for an external id or MFA, set external_id or mfa_serial; AWS says the same where there is no such role"},
		{"root", opAssumeRole, nil, Misconfigured, "AWS does not allow an account's root user to assume a role: store the access key of an IAM user"},
		{"mfa-wrong", opGetSessionToken, []func(*connector.Connector){mfa}, NeedsPerson, "the MFA code was wrong or used before: each works only once, so wait for the next; if none is accepted, resynchronize the device in IAM"},
		{"mfa-wrong", opAssumeRole, []func(*connector.Connector){mfa}, NeedsPerson, "the MFA code was wrong or used before: each works only once, so wait for the next; if none is accepted, resynchronize the device in IAM"},
		{"mfa-serial", opGetSessionToken, []func(*connector.Connector){mfa}, Misconfigured, "mfa_serial must be a device of the user whose key it is: `aws iam list-mfa-devices` lists them"},
		{"mfa-missing", opAssumeRole, nil, Misconfigured, "set mfa_serial to the user's MFA device"},
		{"mfa-missing", opAssumeRole, []func(*connector.Connector){mfa}, NeedsPerson, "AWS wants a code of the MFA device: `aws-connector login r`"},
		{"mfa-digits", opGetSessionToken, []func(*connector.Connector){mfa}, NeedsPerson, "an MFA code has six digits"},
		{"tag-session", opAssumeRole, []func(*connector.Connector){tags}, Failed, "the connector has tags: the role's trust policy must have sts:TagSession in its Action beside sts:AssumeRole, with conditions that fit, and a policy of arn:aws:iam::111122223333:user/bob must allow it too"},
		{"tag-session-chain", opAssumeRole, []func(*connector.Connector){source}, Failed, "the caller's session hands its tags on: the role's trust policy must have sts:TagSession in its Action beside sts:AssumeRole, with conditions that fit, and a policy of role Hub of account 111122223333 must allow it too"},
		{"tag-session-web", opAssumeRoleWithWebIdentity, nil, Failed, "the token carries tags: the role's trust policy must have sts:TagSession in its Action beside sts:AssumeRoleWithWebIdentity, with conditions that fit"},
		{"source-identity", opAssumeRole, []func(*connector.Connector){identity}, Failed, "the connector has source_identity: the role's trust policy must have sts:SetSourceIdentity in its Action beside sts:AssumeRole, with conditions that fit, and a policy of arn:aws:iam::111122223333:user/bob must allow it too"},
		{"source-identity-chain", opAssumeRole, []func(*connector.Connector){source, identity}, Failed, "the connector has source_identity: the role's trust policy must have sts:SetSourceIdentity in its Action beside sts:AssumeRole, with conditions that fit, and a policy of role Hub of account 111122223333 must allow it too; a session that has a source identity keeps it, and another is refused"},
		{"deny-scp", opAssumeRole, nil, Failed, "a service control policy of the AWS organization denies sts:AssumeRole: only the organization's administrators can change that, and no policy within the account helps"},
		{"no-scp", opAssumeRole, nil, Failed, "a service control policy of the AWS organization does not allow sts:AssumeRole: only the organization's administrators can change that, and no policy within the account helps"},
		{"deny-rcp", opAssumeRole, nil, Failed, "a resource control policy of the AWS organization that has the resource denies sts:AssumeRole: only that organization's administrators can change it"},
		{"deny-identity", opAssumeRole, nil, Failed, "a policy of arn:aws:iam::123456789012:user/bob denies sts:AssumeRole: an administrator of its account can change that; if it does so only without MFA, set mfa_serial"},
		{"deny-identity", opAssumeRole, []func(*connector.Connector){mfa}, Failed, "a policy of arn:aws:iam::123456789012:user/bob denies sts:AssumeRole: an administrator of its account can change that"},
		{"no-identity", opAssumeRole, nil, Failed, "a policy of arn:aws:iam::123456789012:user/bob must allow sts:AssumeRole on the role, and the role's trust policy must allow it too"},
		{"no-identity-tags", opAssumeRole, []func(*connector.Connector){tags}, Failed, "a policy of arn:aws:iam::123456789012:user/bob must allow sts:TagSession on the role, and the role's trust policy must allow it too"},
		{"deny-boundary", opAssumeRole, nil, Failed, "the permissions boundary of arn:aws:iam::123456789012:user/bob denies sts:AssumeRole: an administrator of its account can change it, and further policies do not help"},
		{"no-boundary", opAssumeRole, []func(*connector.Connector){source}, Failed, "the permissions boundary of role Hub of account 111122223333 does not allow sts:AssumeRole: an administrator of its account can change it, and further policies do not help"},
		{"deny-session", opAssumeRole, []func(*connector.Connector){source}, Failed, `the session policy of connector "hub" denies sts:AssumeRole: change its policy, policy_arns or scope`},
		{"no-session", opAssumeRole, []func(*connector.Connector){method(connector.Implicit)}, Failed, "the session policy of the environment's credentials does not allow sts:AssumeRole: start from others"},
		{"deny-trust", opAssumeRole, nil, Failed, "a statement of the role's trust policy denies sts:AssumeRole to arn:aws:iam::123456789012:user/bob; if that is because MFA is missing, set mfa_serial"},
		{"no-trust", opAssumeRole, nil, Failed, "the role's trust policy must name arn:aws:iam::123456789012:user/bob, or its account if a policy of the user allows sts:AssumeRole on the role; if the trust policy asks for an external id or MFA, set external_id or mfa_serial"},
		{"no-resource", opAssumeRole, nil, Failed, "the role's trust policy must name arn:aws:iam::123456789012:user/bob, or its account if a policy of the user allows sts:AssumeRole on the role; if the trust policy asks for an external id or MFA, set external_id or mfa_serial"},
		{"deny-endpoint", opAssumeRole, nil, Failed, "the policy of the VPC endpoint by which this machine reaches AWS denies sts:AssumeRole: whoever runs that network can change it"},
		{"no-endpoint", opAssumeRole, nil, Failed, "the policy of the VPC endpoint by which this machine reaches AWS does not allow sts:AssumeRole: whoever runs that network can change it"},
		{"deny-plain", opAssumeRole, nil, Failed, "some policy has a Deny for sts:AssumeRole, which no Allow overrides: look at the policies of arn:aws:iam::123456789012:user/bob, of the resource and of the organization; if it denies only without MFA, set mfa_serial"},
		{"encoded", opAssumeRole, nil, Failed, "a service control policy of the AWS organization denies sts:AssumeRole: only the organization's administrators can change that, and no policy within the account helps; the AWS CLI shows AWS's encoded details for the same call, and `aws sts decode-authorization-message` reads them"},
		{"duration-role", opAssumeRole, nil, Misconfigured, "lower expiration_seconds, or raise the role's maximum session duration (12 hours at most)"},
		{"duration-role", opAssumeRole, []func(*connector.Connector){method(connector.Implicit)}, Misconfigured, "lower expiration_seconds (duration_seconds in a profile), or raise the role's maximum session duration (12 hours at most)"},
		{"duration-chain", opAssumeRole, []func(*connector.Connector){source}, Misconfigured, "lower expiration_seconds to 3600: a role that is assumed from another role's session lasts an hour at most, whatever its maximum; for more, give the connector a key instead of source"},
		{"duration-chain", opAssumeRole, nil, Misconfigured, "lower expiration_seconds to 3600: a role that is assumed from another role's session lasts an hour at most, whatever its maximum"},
		{"duration-limit", opGetSessionToken, nil, Misconfigured, "lower expiration_seconds: 129600 is the most for an IAM user, 3600 for an account's root"},
		{"session-name", opAssumeRole, nil, Misconfigured, "correct the connector's role_session_name"},
		{"serial", opGetSessionToken, []func(*connector.Connector){mfa}, Misconfigured, "correct the connector's mfa_serial"},
		{"role-invalid", opAssumeRole, nil, Misconfigured, "correct the connector's role_arn"},
		{"tag-keys", opAssumeRole, []func(*connector.Connector){tags}, Misconfigured, "correct the connector's tags: their keys may not differ in case alone"},
		{"transitive", opAssumeRole, []func(*connector.Connector){tags}, Misconfigured, "correct the connector's transitive_tag_keys: each must be the key of a tag"},
		{"packed", opAssumeRole, []func(*connector.Connector){policy}, Misconfigured, "shorten the connector's policy: AWS packs what is sent into one limited space"},
		{"packed", opAssumeRole, []func(*connector.Connector){policy, arns, tags}, Misconfigured, "shorten the connector's policy, policy_arns or tags: AWS packs what is sent into one limited space"},
		{"packed", opAssumeRole, []func(*connector.Connector){bucket, tags}, Misconfigured, "shorten the connector's generated policy (scope) or tags: AWS packs what is sent into one limited space"},
		{"packed-tags", opAssumeRole, []func(*connector.Connector){tags}, Misconfigured, "shorten the connector's tags: AWS packs what is sent into one limited space"},
		{"packed-tags", opAssumeRole, []func(*connector.Connector){source}, Misconfigured, `shorten the session policy, or use fewer tags and policy_arns; the tags that connector "hub" hands on (transitive_tag_keys) count too`},
		{"policy-json", opAssumeRole, []func(*connector.Connector){policy}, Misconfigured, "correct the connector's policy; `aws-connector show r` prints what is sent"},
		{"policy-syntax", opAssumeRole, []func(*connector.Connector){arns}, Misconfigured, "correct the connector's policy_arns; `aws-connector show r` prints what is sent"},
		{"region", opAssumeRole, nil, Misconfigured, "activate STS for region eu-central-1 in that account (IAM console, Account settings), or set another region"},
		{"unknown-key", opAssumeRole, nil, NeedsPerson, "AWS does not know the stored key: deleted, deactivated or mistyped, or region eu-central-1 is of another partition or not enabled in the account"},
		{"unknown-key", opAssumeRole, []func(*connector.Connector){source}, NeedsPerson, "AWS refuses the session of connector \"hub\": `aws-connector cache clear hub`; is region eu-central-1 enabled in its account?"},
		{"unknown-key", opGetCallerIdentity, nil, NeedsPerson, "AWS refuses the cached session: `aws-connector cache clear r`, and check whether AWS still accepts the stored key"},
		{"unknown-key", opGetCallerIdentity, []func(*connector.Connector){method(connector.SecretKey)}, NeedsPerson, "AWS does not know the stored key: deleted, deactivated or mistyped, or region eu-central-1 is of another partition or not enabled in the account"},
		{"expired", opAssumeRole, []func(*connector.Connector){method(connector.Implicit)}, NeedsPerson, "the session token of the environment's credentials expired: store or get new credentials"},
		{"unknown-key", opGetCallerIdentity, []func(*connector.Connector){func(c *connector.Connector) { c.Method, c.RoleARN = connector.Implicit, "" }}, NeedsPerson, "AWS refuses the environment's credentials: make sure that they are current, then `aws-connector cache clear r`"},
		{"expired", opGetCallerIdentity, nil, NeedsPerson, "AWS refuses the cached session: `aws-connector cache clear r`, and check whether AWS still accepts the stored key"},
		{"expired", opGetCallerIdentity, []func(*connector.Connector){method(connector.STSToken)}, NeedsPerson, "the session token of the stored key expired: store or get new credentials"},
		{"signature", opAssumeRole, nil, NeedsPerson, "the secret of the stored key does not match its access key id; a proxy that changes requests breaks signatures too"},
		{"signature-canonical", opAssumeRole, nil, NeedsPerson, "the secret of the stored key does not match its access key id; a proxy that changes requests breaks signatures too"},
		{"clock-behind", opAssumeRole, nil, Failed, "set this machine's clock: it is 37m16s behind AWS's"},
		{"clock-ahead", opAssumeRole, nil, Failed, "set this machine's clock: it is 11m14s ahead of AWS's"},
		{"scope", opAssumeRole, nil, Misconfigured, "the endpoint is not one of region eu-central-1: correct region, or endpoint_url (AWS_ENDPOINT_URL)"},
		{"request-expired", opAssumeRole, nil, Failed, "AWS takes a request for 15 minutes after its date: set this machine's clock (`aws-connector doctor` measures it), or look for a proxy that holds requests back"},
		{"unsigned", opAssumeRole, nil, Failed, "the request's signature did not reach AWS whole: look for a proxy that drops or changes the header Authorization"},
		{"opt-in", opAssumeRole, nil, Failed, "region eu-central-1 is not enabled for the account, or the account's sign-up is not finished: enable it (`aws account enable-region --region-name eu-central-1`, or Account settings, which takes some minutes), or set another region"},
		{"invalid-action", opAssumeRole, nil, Misconfigured, "is the endpoint really AWS STS? look at endpoint_url (AWS_ENDPOINT_URL)"},
		{"web-expired", opAssumeRoleWithWebIdentity, nil, NeedsPerson, "the web identity token expired: check that its issuer writes new ones to where it is read, or get a new one"},
		{"web-provider", opAssumeRoleWithWebIdentity, nil, Failed, "the role's account has no IAM identity provider for the token's issuer: create one with just this URL (`aws iam create-open-id-connect-provider`), or correct role_arn"},
		{"web-audience", opAssumeRoleWithWebIdentity, nil, Failed, "request the token for an audience that the account's IAM identity provider lists as a client id (usually sts.amazonaws.com), or add the token's aud to that list"},
		{"web-keys", opAssumeRoleWithWebIdentity, nil, Temporary, "AWS cannot fetch the keys of the token's issuer: try again later; if that lasts, see that its /.well-known/openid-configuration and jwks_uri can be reached from the internet and have the key that signed the token"},
		{"web-jwt", opAssumeRoleWithWebIdentity, nil, Misconfigured, "what is read as the web identity token must be an OIDC ID token, which an access token is not"},
		{"web-other", opAssumeRoleWithWebIdentity, nil, Failed, "AWS does not accept the web identity token: get a new one, and compare its iss, aud and signing key with the account's IAM identity provider"},
		{"web-value", opAssumeRoleWithWebIdentity, nil, Misconfigured, "what the connector reads as the web identity token is not a token"},
		{"web-claim", opAssumeRoleWithWebIdentity, nil, NeedsPerson, "the token's issuer rejects it, as expired, revoked or for its claims: get a new one"},
		{"web-reach", opAssumeRoleWithWebIdentity, nil, Temporary, "AWS cannot fetch the keys of the token's issuer: try again later; if that lasts, see that its /.well-known/openid-configuration and jwks_uri can be reached from the internet and have the key that signed the token"},
		{"web-denied", opAssumeRoleWithWebIdentity, nil, Failed, "the role's trust policy must name the IAM identity provider of the token's issuer as its Federated principal, allow sts:AssumeRoleWithWebIdentity, and its conditions must fit the token's aud and sub; AWS says the same where there is no such role"},
		{"federation-session", opGetFederationToken, []func(*connector.Connector){method(connector.FederationToken)}, Misconfigured, `AWS answers GetFederationToken only to a long-term key: use an IAM user's access key, or auth_method = "iam-role"`},
		{"session-session", opGetSessionToken, []func(*connector.Connector){method(connector.SessionToken)}, Misconfigured, `AWS answers GetSessionToken only to a long-term key: use an IAM user's access key, or auth_method = "iam-role"`},
		{"federation-denied", opGetFederationToken, []func(*connector.Connector){method(connector.FederationToken)}, Failed, "a policy of arn:aws:iam::123456789012:user/bob must allow sts:GetFederationToken"},
		{"session-denied", opGetSessionToken, []func(*connector.Connector){method(connector.SessionToken)}, Failed, "a policy of arn:aws:iam::123456789012:user/bob denies sts:GetSessionToken: an administrator of its account can change that; if it does so only without MFA, set mfa_serial"},
		{"throttled", opAssumeRole, nil, Temporary, "AWS accepts no more calls right now: try again a little later"},
		{"unavailable", opAssumeRole, nil, Temporary, "AWS has trouble: try again later; https://health.aws.amazon.com shows what is known"},
		{"ecr-session", ecrToken, []func(*connector.Connector){bucket}, Failed, "the connector's session policy (`aws-connector show r`) does not allow ecr:GetAuthorizationToken: change policy, policy_arns or scope"},
		{"ecr-identity", ecrToken, nil, Failed, "a policy of role Deploy of account 123456789012 must allow ecr:GetAuthorizationToken on *"},
		{"ecr-scp", ecrToken, nil, Failed, "a service control policy of the AWS organization denies ecr:GetAuthorizationToken: only the organization's administrators can change that, and no policy within the account helps"},
		{"ecr-endpoint", ecrToken, nil, Failed, "the policy of the VPC endpoint by which this machine reaches AWS does not allow ecr:GetAuthorizationToken: whoever runs that network can change it"},
		{"ecr-unknown", ecrToken, nil, NeedsPerson, "AWS refuses the cached session: `aws-connector cache clear r`, and check whether AWS still accepts the stored key"},
		{"ecr-expired", ecrToken, nil, NeedsPerson, "AWS refuses the cached session: `aws-connector cache clear r`, and check whether AWS still accepts the stored key"},
		{"ecr-signature", ecrToken, nil, NeedsPerson, "AWS refuses the cached session: `aws-connector cache clear r`, and check whether AWS still accepts the stored key; a proxy that changes requests breaks signatures too"},
		{"ecr-clock", ecrToken, nil, Failed, "set this machine's clock: it is 9h1m14s ahead of AWS's"},
		{"public-identity", publicToken, nil, Failed, "a policy of arn:aws:iam::123456789012:user/bob must allow ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken on *"},
		{"public-bearer", publicToken, []func(*connector.Connector){arns}, Failed, "the connector's user or role, and its session policy (`aws-connector show r`), must allow ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken on *"},
		{"expired", opAssumeRole, []func(*connector.Connector){source}, NeedsPerson, "AWS refuses the session of connector \"hub\": `aws-connector cache clear hub`"},
		{"deny-plain", opAssumeRole, []func(*connector.Connector){mfa}, Failed, "some policy has a Deny for sts:AssumeRole, which no Allow overrides: look at the policies of arn:aws:iam::123456789012:user/bob, of the resource and of the organization"},
		{"deny-resource", opAssumeRole, nil, Failed, "a statement of the role's trust policy denies sts:AssumeRole to arn:aws:iam::111122223333:user/bob; if that is because MFA is missing, set mfa_serial"},
		{"ecr-resource", ecrToken, nil, Failed, "the resource's own policy does not allow ecr:GetAuthorizationToken to role Deploy of account 123456789012"},
		{"mfa-session", opAssumeRole, nil, Failed, "the role's trust policy must name role Hub of account 123456789012, or its account if a policy of that role allows sts:AssumeRole on the role; if the trust policy asks for an external id, set external_id; AWS says the same where there is no such role"},
	} {
		t.Run(test.answer, func(t *testing.T) {
			t.Parallel()
			c := connector.Connector{Name: "r", Method: connector.IAMRole, Region: "eu-central-1", RoleARN: roleARN, Scope: connector.ScopeNone, ResourceType: connector.Generic}
			for _, set := range test.has {
				set(&c)
			}
			err := ask(t.Context(), recorded(t, test.answer), test.o, c)
			var e *Error
			if !errors.As(err, &e) || !strings.HasPrefix(e.Text, test.o.name+": ") {
				t.Fatalf("%s = %v, want an *Error of it", test.o.name, err)
			}
			if e.Reason != test.reason || e.Advice != test.advice {
				t.Errorf("%s\nreason %d, advice %q\nwant   %d,        %q", e.Text, e.Reason, e.Advice, test.reason, test.advice)
			}
			if n := len(e.Text) + len(e.Advice); n > 1900 || strings.Contains(e.Text+e.Advice, "CANARY") || strings.Contains(e.Text, "RjpafXihrUW41WAUxaBKeALVOZxxGdy7u") {
				t.Errorf("%d bytes, or something secret or encoded: %s", n, e.Text)
			}
		})
	}
}

// Whatever a server says, what is shown is short, plain and without the request.
func FuzzRefusal(f *testing.F) {
	answers, err := filepath.Glob(filepath.Join("testdata", "awserrors", "*.http"))
	if err != nil || len(answers) == 0 {
		f.Fatal(answers, err)
	}
	for _, name := range answers {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, code := range []string{"AccessDenied", "ValidationError", "SignatureDoesNotMatch", "InvalidIdentityToken"} {
			f.Add(code, string(text))
		}
	}
	f.Add("AccessDenied", "User: arn:aws:iam::123456789012:user/"+strings.Repeat("a", 3000)+" is not authorized to perform: sts:"+strings.Repeat("b", 3000)+" with an explicit deny")
	f.Fuzz(func(t *testing.T, code, message string) {
		for _, o := range []operation{opAssumeRole, opGetSessionToken, opAssumeRoleWithWebIdentity, {serviceS3, "ListBuckets"}} {
			c := connector.Connector{Name: "r", Method: connector.IAMRole, RoleARN: roleARN, Tags: map[string]string{"a": "b"}}
			var e *Error
			if !errors.As(CallError(c, o.service, o.name, &smithy.GenericAPIError{Code: cmp.Or(code, "Odd"), Message: message + " The Canonical String for this request CANARY"}), &e) {
				t.Fatal("no *Error")
			}
			if len(e.Text)+len(e.Advice) > 1900 || e.Text+e.Advice != oneLine(e.Text+e.Advice) || strings.Contains(e.Text, "CANARY") && !strings.Contains(code+message, "CANARY") {
				t.Errorf("%q %q", e.Text, e.Advice)
			}
		}
	})
}
