package helper

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"aws-connector/internal/connector"
)

// fieldOf is which key of a connector a parameter of STS comes from.
var fieldOf = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"roleArn": "role_arn", "roleSessionName": "role_session_name", "externalId": "external_id", "serialNumber": "mfa_serial",
		"sourceIdentity": "source_identity", "durationSeconds": "expiration_seconds", "policy": "policy", "policyArns": "policy_arns",
		"tags": "tags", "transitiveTagKeys": "transitive_tag_keys",
	}
})

var parameter = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[aA]t '([A-Za-z]+)`) })

// invalid is about a parameter that AWS does not take.
func (r refusal) invalid() (Reason, string) {
	name := ""
	if m := parameter().FindStringSubmatch(r.message); m != nil {
		name = m[1]
	}
	switch {
	case strings.Contains(r.message, "role chaining"):
		return Misconfigured, r.chained()
	case strings.Contains(r.message, "MaxSessionDuration"):
		return Misconfigured, fmt.Sprintf("lower %s, or raise the role's maximum session duration (12 hours at most)", r.duration())
	case strings.Contains(r.message, "DurationSeconds"), name == "durationSeconds":
		return Misconfigured, "lower " + r.duration() + r.longest()
	case name == "tokenCode", strings.Contains(r.message, "Token code"), strings.Contains(r.message, "TokenCode"):
		return NeedsPerson, "an MFA code has six digits"
	case name == "webIdentityToken":
		return Misconfigured, "what the connector reads as the web identity token is not a token"
	case fieldOf()[name] != "":
		return Misconfigured, "correct the connector's " + fieldOf()[name]
	case strings.Contains(strings.ToLower(r.message), "transitive tag"):
		return Misconfigured, "correct the connector's transitive_tag_keys: each must be the key of a tag"
	case strings.Contains(r.message, "ag key"):
		return Misconfigured, "correct the connector's tags: their keys may not differ in case alone"
	case r.c.RoleARN != "" && strings.HasSuffix(r.message, "is invalid"):
		return Misconfigured, "correct the connector's role_arn"
	}
	return Misconfigured, fmt.Sprintf("`aws-connector show %s` prints what is sent", r.c.Name)
}

// chained is for a session that a role's session asked for.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
func (r refusal) chained() string {
	advice := "lower " + r.duration() + " to 3600: a role that is assumed from another role's session lasts an hour at most, whatever its maximum"
	if r.c.Source != "" {
		advice += "; for more, give the connector a key instead of source"
	}
	return advice
}

// duration names the key that says how long a session is to live.
func (r refusal) duration() string {
	if r.c.Method == connector.Implicit {
		return "expiration_seconds (duration_seconds in a profile)"
	}
	return "expiration_seconds"
}

// longest says how long the sessions of the call may live.
func (r refusal) longest() string {
	switch r.operation {
	case opGetSessionToken, opGetFederationToken:
		return ": 129600 is the most for an IAM user, 3600 for an account's root"
	case opAssumeRole, opAssumeRoleWithWebIdentity:
		return ": the role's maximum session duration is the most"
	}
	return ""
}

// identityToken is about the token of a web identity.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
func (r refusal) identityToken() (Reason, string) {
	const reach = "AWS cannot fetch the keys of the token's issuer: try again later; if that lasts, see that its /.well-known/openid-configuration and jwks_uri can be reached from the internet and have the key that signed the token"
	switch {
	case strings.HasPrefix(r.code, "IDPCommunicationError"), strings.Contains(r.message, "verification key"):
		return Temporary, reach
	case strings.HasPrefix(r.code, "IDPRejectedClaim"):
		return NeedsPerson, "the token's issuer rejects it, as expired, revoked or for its claims: get a new one"
	case strings.Contains(r.message, "No OpenIDConnect provider"):
		return Failed, "the role's account has no IAM identity provider for the token's issuer: create one with just this URL (`aws iam create-open-id-connect-provider`), or correct role_arn"
	case strings.Contains(r.message, "audience"):
		return Failed, "request the token for an audience that the account's IAM identity provider lists as a client id (usually sts.amazonaws.com), or add the token's aud to that list"
	case strings.Contains(r.message, "not a valid JWT"):
		return Misconfigured, "what is read as the web identity token must be an OIDC ID token, which an access token is not"
	}
	return Failed, "AWS does not accept the web identity token: get a new one, and compare its iss, aud and signing key with the account's IAM identity provider"
}
