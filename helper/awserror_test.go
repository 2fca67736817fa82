package helper

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/fakeaws"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

const noAnswer = `connector "r": AssumeRole: HTTP status 200, but not an answer of AWS STS`

func TestWrongAnswers(t *testing.T) {
	xml := func(inner string) string {
		return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>` + inner + `</AssumeRoleResult></AssumeRoleResponse>`
	}
	for _, test := range []struct {
		name   string
		fault  fakeaws.Fault
		reason Reason
		text   string
		advice string // a part of it
	}{
		{"denied", fakeaws.Fault{Status: 403, Code: "AccessDenied", Message: "User: x is not authorized to perform: sts:AssumeRole"}, Failed,
			`connector "r": AssumeRole: AccessDenied: User: x is not authorized to perform: sts:AssumeRole`, "trust policy"},
		{"expired token", fakeaws.Fault{Status: 403, Code: "ExpiredToken", Message: "The security token included in the request is expired"}, NeedsPerson,
			`connector "r": AssumeRole: ExpiredToken: The security token included in the request is expired`, "store or get new credentials"},
		{"unknown key", fakeaws.Fault{Status: 403, Code: "InvalidClientTokenId", Message: "The security token included in the request is invalid."}, NeedsPerson,
			`connector "r": AssumeRole: InvalidClientTokenId: The security token included in the request is invalid.`, "deleted, deactivated"},
		{"wrong secret", fakeaws.Fault{Status: 403, Code: "SignatureDoesNotMatch", Message: "The request signature we calculated does not match"}, NeedsPerson,
			`connector "r": AssumeRole: SignatureDoesNotMatch: The request signature we calculated does not match`, "the secret of the stored key"},
		{"region off", fakeaws.Fault{Status: 403, Code: "RegionDisabledException", Message: "STS is not activated"}, Misconfigured,
			`connector "r": AssumeRole: RegionDisabledException: STS is not activated`, "activate STS for region eu-central-1"},
		{"packed policy", fakeaws.Fault{Code: "PackedPolicyTooLarge", Message: "too large"}, Misconfigured,
			`connector "r": AssumeRole: PackedPolicyTooLarge: too large`, "shorten"},
		{"malformed policy", fakeaws.Fault{Code: "MalformedPolicyDocument", Message: "syntax"}, Misconfigured,
			`connector "r": AssumeRole: MalformedPolicyDocument: syntax`, "show r"},
		{"duration", fakeaws.Fault{Code: "ValidationError", Message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."}, Misconfigured,
			`connector "r": AssumeRole: ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.`, "expiration_seconds"},
		{"MFA", fakeaws.Fault{Status: 403, Code: "AccessDenied", Message: "MultiFactorAuthentication failed with invalid MFA one time pass code."}, NeedsPerson,
			`connector "r": AssumeRole: AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code.`, "MFA"},
		{"throttled", fakeaws.Fault{Code: "Throttling", Message: "Rate exceeded"}, Temporary,
			`connector "r": AssumeRole: Throttling: Rate exceeded`, "later"},
		{"unavailable", fakeaws.Fault{Status: 503, Code: "ServiceUnavailable", Message: "busy"}, Temporary,
			`connector "r": AssumeRole: ServiceUnavailable: busy`, "later"},
		{"internal", fakeaws.Fault{Status: 500, Code: "InternalFailure", Message: "oops"}, Temporary,
			`connector "r": AssumeRole: InternalFailure: oops`, "later"},
		{"control characters", fakeaws.Fault{Code: "Odd", Message: "a&#10;b\u009bc\u202ed"}, Failed,
			``, ""},
		{"HTML of a proxy", fakeaws.Fault{Status: 200, Body: "<html><body>Please log in</body></html>", ContentType: "text/html"}, Failed,
			`connector "r": AssumeRole: HTTP status 200 with a web page, not an answer of AWS STS`, "proxy"},
		{"HTML with 502", fakeaws.Fault{Status: 502, Body: "<html><body>Bad Gateway</body></html>", ContentType: "text/html"}, Temporary,
			`connector "r": AssumeRole: HTTP status 502 without an AWS error`, "later"},
		{"HTML with 403", fakeaws.Fault{Status: 403, Body: "<html>Forbidden</html>", ContentType: "text/html"}, Failed,
			`connector "r": AssumeRole: HTTP status 403 with a web page, not an answer of AWS STS`, "proxy"},
		{"empty", fakeaws.Fault{Status: 200, Body: ""}, Failed, `connector "r": AssumeRole: the answer has no complete credentials`, "endpoint"},
		{"empty 500", fakeaws.Fault{Status: 500, Body: ""}, Temporary, `connector "r": AssumeRole: HTTP status 500 without an AWS error`, "later"},
		{"truncated XML", fakeaws.Fault{Body: xml("<Credentials><AccessKeyId>ASIA")[:150], ContentType: "text/xml"}, Failed, noAnswer, "proxy"},
		{"JSON", fakeaws.Fault{Body: `{"a":1}`, ContentType: "application/json"}, Failed, `connector "r": AssumeRole: the answer has no complete credentials`, "endpoint"},
		{"no credentials", fakeaws.Fault{Body: xml(""), ContentType: "text/xml"}, Failed, `connector "r": AssumeRole: the answer has no complete credentials`, "endpoint"},
		{"half credentials", fakeaws.Fault{Body: xml("<Credentials><AccessKeyId>ASIA</AccessKeyId></Credentials>"), ContentType: "text/xml"}, Failed,
			`connector "r": AssumeRole: the answer has no complete credentials`, "endpoint"},
		{"born expired", fakeaws.Fault{Body: xml("<Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2001-01-01T00:00:00Z</Expiration></Credentials>"), ContentType: "text/xml"}, Failed,
			`connector "r": AssumeRole: the new session has expired already, at 2001-01-01T00:00:00Z by AWS's clock`, "clock"},
		{"dropped connection", fakeaws.Fault{CloseConnection: true}, Temporary, `connector "r": AssumeRole: the connection broke off before an answer came`, "network"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, roleConnector)
			w.aws.Fail(test.fault)
			_, err := w.Credentials(t.Context(), "r")
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("Credentials = %v, want an *Error", err)
			}
			if test.text != "" && err.Error() != test.text {
				t.Errorf("Credentials = %s, want %s", err, test.text)
			}
			if e.Reason != test.reason || !strings.Contains(e.Advice, test.advice) {
				t.Errorf("reason %d, advice %q, want %d, %q", e.Reason, e.Advice, test.reason, test.advice)
			}
			if strings.Contains(err.Error()+e.Advice, "CANARY") || strings.ContainsAny(err.Error(), "\n\u009b\u202e") {
				t.Errorf("%q has a secret or control characters", err.Error())
			}
		})
	}
}

// arrivals is told of each request that the fake AWS gets.
type arrivals chan struct{}

func (a arrivals) Write(p []byte) (int, error) {
	a <- struct{}{}
	return len(p), nil
}

func TestStall(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.aws.Fail(fakeaws.Fault{Stall: true})
	arrived := make(arrivals, 10)
	w.aws.LogTo(arrived)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := w.Credentials(ctx, "r")
		done <- err
	}()
	<-arrived
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Credentials = %v, want %v", err, context.Canceled)
	}
	past, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	_, err := w.Credentials(past, "r")
	var e *Error
	if !errors.As(err, &e) || e.Reason != Temporary || e.Text != "no answer in time" {
		t.Errorf("Credentials = %v, want a temporary error", err)
	}
}

func TestNobodyListens(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.aws.Close()
	_, err := w.Credentials(t.Context(), "r")
	var e *Error
	if !errors.As(err, &e) || e.Reason != Temporary || !strings.Contains(err.Error(), "refused") {
		t.Errorf("Credentials = %v, want a temporary error", err)
	}
}

func TestRealRefusals(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.Keys.(keys)["main"] = keystore.Key{ID: accessKeyID, Secret: secret.New("CANARYwrong")}
	if _, err := w.Credentials(t.Context(), "r"); err == nil || !strings.HasPrefix(err.Error(), `connector "r": AssumeRole: SignatureDoesNotMatch: `) {
		t.Errorf("Credentials with a wrong secret = %v", err)
	}
	w.later(failureLife + time.Second)
	w.Keys.(keys)["main"] = keystore.Key{ID: "AKIAI44QH8DHBEXAMPLE", Secret: secret.New("CANARY")}
	if _, err := w.Credentials(t.Context(), "r"); err == nil || !strings.HasPrefix(err.Error(), `connector "r": AssumeRole: InvalidClientTokenId: `) {
		t.Errorf("Credentials with an unknown key = %v", err)
	}
}

func TestEndpointSettings(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.edit(t, strings.Replace(roleConnector, "[connectors.r]", "[connectors.r]\nendpoint_urls = { sts = \""+w.aws.URL+"\" }", 1))
	var made []Client
	w.STS = func(c Client) (STS, error) {
		made = append(made, c)
		return nil, errors.New("stop")
	}
	w.Env = Environment{EndpointURL: "http://env", FIPS: true, DualStack: true}
	w.Credentials(t.Context(), "r")
	if len(made) != 1 || made[0].Endpoint != w.aws.URL || made[0].FIPS || made[0].DualStack {
		t.Errorf("client %+v, want the connector's own endpoint", made)
	}
	w.STS = nil
	w.Env = Environment{CABundle: "/nonexistent"}
	var e *Error
	if _, err := w.Credentials(t.Context(), "r"); !errors.As(err, &e) || e.Reason != Misconfigured {
		t.Errorf("Credentials without the CA bundle = %v, want a misconfiguration", err)
	}
}
