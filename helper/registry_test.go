package helper

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"aws-connector/internal/connector"
	"aws-connector/internal/fakeaws"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"
)

const registryHost = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"

func registry(t *testing.T, host string) connector.Registry {
	t.Helper()
	r, ok := connector.ParseRegistry(host)
	if !ok {
		t.Fatalf("%q is no registry", host)
	}
	return r
}

func (w *world) token(t *testing.T, name, host string) RegistryToken {
	t.Helper()
	got, err := w.RegistryToken(t.Context(), name, registry(t, host))
	if err != nil || got.Password.Empty() {
		t.Fatalf("RegistryToken(%s) = %v, expires %v", name, err, got.Expires)
	}
	return got
}

func TestRegistryToken(t *testing.T) {
	w := newWorld(t, roleConnector+"[connectors.s]\nauth_method = \"secret-key\"\n")
	got := w.token(t, "r", registryHost)
	issued, ok := w.aws.ECRToken(got.Password.Reveal())
	if !ok || issued.ARN != "arn:aws:sts::123456789012:assumed-role/Deploy/aws-connector-r" || issued.Region != "eu-central-1" || !issued.Expires.Equal(got.Expires) {
		t.Errorf("the token is of %+v, %v", issued, ok)
	}
	// Every registry of the region that the caller reaches takes it, whatever its account or name.
	for _, host := range []string{registryHost, strings.Replace(registryHost, "123456789012", "999999999999", 1), "123456789012.dkr-ecr.eu-central-1.on.aws"} {
		if again := w.token(t, "r", host); !again.Password.Equal(got.Password) {
			t.Errorf("%s has another token", host)
		}
	}
	// Another connector, region or service does not.
	for name, host := range map[string]string{"s": registryHost, "r": "123456789012.dkr.ecr.us-east-1.amazonaws.com"} {
		if other := w.token(t, name, host); other.Password.Equal(got.Password) {
			t.Errorf("%s has the same token for %s", name, host)
		}
	}
	if public := w.token(t, "r", "public.ecr.aws"); public.Password.Equal(w.token(t, "r", "123456789012.dkr.ecr.us-east-1.amazonaws.com").Password) {
		t.Error("ECR Public has the token of a private registry")
	}
	if n, m := w.aws.Calls("ecr:GetAuthorizationToken"), w.aws.Calls("ecr-public:GetAuthorizationToken"); n != 3 || m != 1 {
		t.Errorf("%d calls of ECR and %d of ECR Public, want 3 and 1", n, m)
	}
	if n := w.aws.Calls("AssumeRole"); n != 1 {
		t.Errorf("%d calls of AssumeRole, want 1", n)
	}
}

func TestRegistryTokenAges(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.aws.SetClock(w.clock)
	first := w.token(t, "r", registryHost)
	w.later(6*time.Hour - time.Second) // the session has ended and the token has not
	if again := w.token(t, "r", registryHost); !again.Password.Equal(first.Password) {
		t.Error("a token with more than half of its life left was not used")
	}
	w.later(time.Second)
	w.aws.Fail(fakeaws.Fault{Status: 503, Code: "ServiceUnavailable", Message: "busy"})
	w.aws.Fail(fakeaws.Fault{Action: "AssumeRole", Status: 503, Code: "ServiceUnavailable", Message: "busy"})
	if again := w.token(t, "r", registryHost); !again.Password.Equal(first.Password) {
		t.Error("the old token was not used while AWS is down")
	}
	w.later(6*time.Hour - 60*time.Second)
	var e *Error
	if _, err := w.RegistryToken(t.Context(), "r", registry(t, registryHost)); !errors.As(err, &e) || e.Reason != Temporary {
		t.Errorf("RegistryToken with 60 s left = %v, want a temporary error", err)
	}
	w.aws.ClearFaults()
	w.later(failureLife + time.Second)
	if again := w.token(t, "r", registryHost); again.Password.Equal(first.Password) {
		t.Error("the old token was used to its end")
	}
}

func TestFiftyRegistryTokensAtOnce(t *testing.T) {
	w := newWorld(t, roleConnector)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { w.token(t, "r", registryHost) })
	}
	all.Wait()
	if n, m := w.aws.Calls("ecr:GetAuthorizationToken"), w.aws.Calls("AssumeRole"); n != 1 || m != 1 {
		t.Errorf("%d calls of GetAuthorizationToken and %d of AssumeRole, want 1 and 1", n, m)
	}
}

func TestForgetRegistryToken(t *testing.T) {
	for name, forget := range map[string]func(*world) error{
		"erase": func(w *world) error { return w.ForgetRegistryToken(t.Context(), "r", registry(t, registryHost)) },
		"clear": func(w *world) error { _, err := w.Clear(t.Context(), "r"); return err },
		"key":   func(w *world) error { _, err := w.Forget(t.Context(), "main"); return err },
	} {
		w := newWorld(t, roleConnector)
		first := w.token(t, "r", registryHost)
		if err := forget(w); err != nil {
			t.Fatal(err)
		}
		if w.token(t, "r", registryHost).Password.Equal(first.Password) {
			t.Errorf("the token outlived %s", name)
		}
	}
	w := newWorld(t, roleConnector)
	first := w.token(t, "r", registryHost)
	if n, err := w.Forget(t.Context(), "other"); n != 0 || err != nil || !w.token(t, "r", registryHost).Password.Equal(first.Password) {
		t.Errorf("Forget of another key = %d, %v, or dropped the token", n, err)
	}
}

func TestForgetRegistryTokenFails(t *testing.T) {
	w := newWorld(t, roleConnector)
	first := w.token(t, "r", registryHost)
	var missing *connector.NotFoundError
	if err := w.ForgetRegistryToken(t.Context(), "none", registry(t, registryHost)); !errors.As(err, &missing) {
		t.Errorf("ForgetRegistryToken of no connector = %v", err)
	}
	if !w.token(t, "r", registryHost).Password.Equal(first.Password) {
		t.Error("the token is gone")
	}
	w.Cache = nil
	if err := w.ForgetRegistryToken(t.Context(), "r", registry(t, registryHost)); err != nil {
		t.Errorf("ForgetRegistryToken without a cache = %v", err)
	}
}

// A file system that takes no locks keeps nobody from forgetting.
func TestForgettingWithoutLocks(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.token(t, "r", registryHost)
	slots, err := w.Cache.Slots()
	if err != nil || len(slots) != 2 {
		t.Fatalf("Slots() = %v, %v, want a session's and a token's", slots, err)
	}
	for _, s := range slots {
		lock := filepath.Join(w.Cache.Path(), s.Name()+".lock")
		if err := errors.Join(os.Remove(lock), os.Mkdir(lock, 0o700)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.ForgetRegistryToken(t.Context(), "r", registry(t, registryHost)); err != nil {
		t.Errorf("ForgetRegistryToken = %v", err)
	}
	if n, err := w.Forget(t.Context(), "main"); n != 1 || err != nil {
		t.Errorf("Forget = %d, %v, want the session", n, err)
	}
	if all, err := w.Sessions(t.Context()); len(all) != 0 || err != nil {
		t.Errorf("Sessions() = %+v, %v, want none", all, err)
	}
}

func TestATokenOfAConnectorThatIsNotAllowed(t *testing.T) {
	const implicit = "[connectors.i]\nauth_method = \"implicit\"\n"
	w := newWorld(t, implicit+"allow_implicit_auth_methods = true\n")
	w.Env.Ambient.Environ = func(Chain) []string {
		return []string{"AWS_ACCESS_KEY_ID=" + accessKeyID, "AWS_SECRET_ACCESS_KEY=" + canary}
	}
	w.token(t, "i", registryHost)
	w.edit(t, implicit)
	if _, err := w.RegistryToken(t.Context(), "i", registry(t, registryHost)); err == nil || !strings.Contains(err.Error(), "auth_method implicit is not allowed") {
		t.Errorf("RegistryToken = %v, want a refusal", err)
	}
}

func TestWrongAnswersOfECR(t *testing.T) {
	data := func(inner string) string { return `{"authorizationData":[{` + inner + `}]}` }
	token := func(s string) string {
		return `"authorizationToken":"` + base64.StdEncoding.EncodeToString([]byte(s)) + `","expiresAt":4000000000`
	}
	const (
		incomplete = "the answer has no token"
		malformed  = "the answer's token is not of the form that ECR documents"
		noAnswer   = "HTTP status 200, but not an answer of AWS ECR"
	)
	for _, test := range []struct {
		fault  fakeaws.Fault
		text   string // after `connector "r": GetAuthorizationToken: `
		reason Reason
		advice string // a part of it
	}{
		{fakeaws.Fault{Code: "AccessDeniedException", Message: "no"}, "AccessDeniedException: no", Failed, "must be allowed ecr:GetAuthorizationToken on *"},
		{fakeaws.Fault{Code: "ExpiredTokenException", Message: "old"}, "ExpiredTokenException: old", NeedsPerson, "cache clear r"},
		{fakeaws.Fault{Code: "UnrecognizedClientException", Message: "who"}, "UnrecognizedClientException: who", NeedsPerson, "cache clear r"},
		{fakeaws.Fault{Code: "ThrottlingException", Message: "slow"}, "ThrottlingException: slow", Temporary, "later"},
		{fakeaws.Fault{Code: "ServerException", Message: "oops", Status: 500}, "ServerException: oops", Temporary, "later"},
		{fakeaws.Fault{Status: 502, Body: "<html>"}, "HTTP status 502 without an AWS error", Temporary, "later"},
		{fakeaws.Fault{Body: "<html>", ContentType: "text/html"}, "HTTP status 200 with a web page, not an answer of AWS ECR", Failed, "proxy"},
		{fakeaws.Fault{Body: `{"authorizationData":[{"authori`}, noAnswer, Failed, "proxy"},
		{fakeaws.Fault{CloseConnection: true}, "the connection broke off before an answer came", Temporary, "network"},
		{fakeaws.Fault{Body: `{}`}, incomplete, Failed, "endpoint"},
		{fakeaws.Fault{Body: `{"authorizationData":[]}`}, incomplete, Failed, "endpoint"},
		{fakeaws.Fault{Body: data(`"expiresAt":4000000000`)}, incomplete, Failed, "endpoint"},
		{fakeaws.Fault{Body: data(`"authorizationToken":"!","expiresAt":4000000000`)}, malformed, Failed, "endpoint"},
		{fakeaws.Fault{Body: data(token("CANARY"))}, malformed, Failed, "endpoint"},
		{fakeaws.Fault{Body: data(token("AWS:"))}, malformed, Failed, "endpoint"},
		{fakeaws.Fault{Body: data(token("<token>:CANARY"))}, malformed, Failed, "endpoint"},
		{fakeaws.Fault{Body: data(token("AWS:CAN\nARY"))}, malformed, Failed, "endpoint"},
		{fakeaws.Fault{Body: data(token("AWS:CANARY") + `,"proxyEndpoint":"https://evil.example"`)}, "the token is for https://evil.example, not for " + registryHost, Failed, "it was not used"},
		{fakeaws.Fault{Body: data(token("AWS:CANARY") + `,"proxyEndpoint":"https://123456789012.dkr.ecr.us-east-1.amazonaws.com"`)},
			"the token is for https://123456789012.dkr.ecr.us-east-1.amazonaws.com, not for " + registryHost, Failed, "it was not used"},
		{fakeaws.Fault{Body: data(token("AWS:CANARY") + `,"proxyEndpoint":"http://` + registryHost + `"`)}, "the token is for http://" + registryHost + ", not for " + registryHost, Failed, "it was not used"},
		{fakeaws.Fault{Body: data(token("AWS:CANARY") + `,"proxyEndpoint":"https://x@` + registryHost + `"`)}, "the token is for https://x@" + registryHost + ", not for " + registryHost, Failed, "it was not used"},
	} {
		w := newWorld(t, roleConnector)
		test.fault.Action = "GetAuthorizationToken"
		w.aws.Fail(test.fault)
		_, err := w.RegistryToken(t.Context(), "r", registry(t, registryHost))
		var e *Error
		if !errors.As(err, &e) || err.Error() != `connector "r": GetAuthorizationToken: `+test.text || e.Reason != test.reason || !strings.Contains(e.Advice, test.advice) {
			t.Errorf("RegistryToken = %v (%+v), want %s with advice about %s", err, e, test.text, test.advice)
		}
		if err != nil && strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%q shows the token", err)
		}
	}
}

// The token of one kind of registry is for no other.
func TestWhichRegistryATokenIsFor(t *testing.T) {
	const private = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
	for _, test := range []struct {
		host, endpoint string
		fits           bool
	}{
		{private, "https://" + private, true},
		{private, "https://999999999999.dkr.ecr.us-east-1.amazonaws.com", true},
		{private, "HTTPS://" + strings.ToUpper(private), true},
		{private, "https://public.ecr.aws", false},
		{private, "https://" + strings.Replace(private, "us-east-1", "us-east-2", 1), false},
		{private, "https://" + private + ".evil.example", false},
		{private, private, false}, {private, "https://%zz", false}, {private, "http://" + private, false}, {private, "https://a@" + private, false},
		{"public.ecr.aws", "https://" + private, false},
		{"public.ecr.aws", "https://public.ecr.aws", true},
	} {
		if got := (authorization{endpoint: &test.endpoint}).fits(registry(t, test.host)); got != test.fits {
			t.Errorf("an answer for %s fits %s: %t, want %t", test.endpoint, test.host, got, test.fits)
		}
	}
}

func TestFailuresOfECRPublic(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.aws.Fail(fakeaws.Fault{Action: "GetAuthorizationToken", Status: 503, Code: "ServiceUnavailable", Message: "busy"})
	var e *Error
	if _, err := w.RegistryToken(t.Context(), "r", registry(t, "public.ecr.aws")); !errors.As(err, &e) || e.Reason != Temporary {
		t.Errorf("RegistryToken = %v, want a temporary error", err)
	}
	if n := w.aws.Calls("ecr-public:GetAuthorizationToken"); n != attempts {
		t.Errorf("%d calls of GetAuthorizationToken, want %d", n, attempts)
	}
}

func TestATokenWithoutALifeIsNotKept(t *testing.T) {
	for _, expires := range []string{"", `,"expiresAt":1420070400`} {
		w := newWorld(t, roleConnector)
		body := `{"authorizationData":[{"authorizationToken":"` + base64.StdEncoding.EncodeToString([]byte("AWS:x:y")) + `"` + expires + `}]}`
		w.aws.Fail(fakeaws.Fault{Action: "GetAuthorizationToken", Body: body})
		for range 2 {
			if got := w.token(t, "r", registryHost); got.Password.Reveal() != "x:y" {
				t.Errorf("the password is %q", got.Password.Reveal())
			}
		}
		if n := w.aws.Calls("GetAuthorizationToken"); n != 2 {
			t.Errorf("%d calls of GetAuthorizationToken, want 2", n)
		}
	}
}

func TestRegistryClient(t *testing.T) {
	const own = "https://vpce.example"
	for _, test := range []struct {
		host string
		env  Environment
		c    connector.Connector
		want string
	}{
		{registryHost, Environment{}, connector.Connector{}, "https://api.ecr.eu-central-1.amazonaws.com"},
		{"123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", Environment{}, connector.Connector{}, "https://api.ecr-fips.us-east-1.amazonaws.com"},
		{"123456789012.dkr-ecr.us-east-1.on.aws", Environment{}, connector.Connector{}, "https://ecr.us-east-1.api.aws"},
		{"123456789012.dkr-ecr-fips.us-east-1.on.aws", Environment{}, connector.Connector{}, "https://ecr-fips.us-east-1.api.aws"},
		{"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", Environment{}, connector.Connector{}, "https://api.ecr.cn-north-1.amazonaws.com.cn"},
		{"123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", Environment{}, connector.Connector{}, "https://api.ecr.eusc-de-east-1.amazonaws.eu"},
		{registryHost, Environment{DualStack: true}, connector.Connector{}, "https://ecr.eu-central-1.api.aws"},
		{"123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", Environment{EndpointURL: own}, connector.Connector{}, own},
		{"123456789012.dkr-ecr.us-east-1.on.aws", Environment{FIPS: true}, connector.Connector{EndpointURLs: map[string]string{"ecr": own}}, own},
		{"public.ecr.aws", Environment{}, connector.Connector{}, "https://api.ecr-public.us-east-1.amazonaws.com"},
		{"ecr-public.aws.com", Environment{}, connector.Connector{}, "https://ecr-public.us-east-1.api.aws"},
		{"public.ecr.aws", Environment{}, connector.Connector{EndpointURLs: map[string]string{"ecr": "https://other.example", "ecr-public": own}}, own},
	} {
		h := Helper{Env: test.env}
		o, err := h.registryClient(test.c, session{}, registry(t, test.host))
		if err != nil {
			t.Errorf("registryClient(%q) = %v", test.host, err)
			continue
		}
		if got, err := o.URL(t.Context()); got != test.want || err != nil {
			t.Errorf("registryClient(%q) asks %s, want %s", test.host, got, test.want)
		}
	}
}

// The endpoints are those of the SDK's clients.
func TestEndpointsOfECR(t *testing.T) {
	for _, region := range []string{"us-east-1", "mx-central-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1"} {
		for _, kind := range [][2]bool{{}, {true, false}, {false, true}, {true, true}} {
			fips, dualStack := kind[0], kind[1]
			private, err := ecr.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(), ecr.EndpointParameters{Region: &region, UseFIPS: &fips, UseDualStack: &dualStack})
			if err != nil {
				t.Fatal(err)
			}
			public, err := ecrpublic.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(), ecrpublic.EndpointParameters{Region: &region, UseFIPS: &fips, UseDualStack: &dualStack})
			if err != nil {
				t.Fatal(err)
			}
			for service, want := range map[string]string{serviceECR: private.URI.String(), serviceECRPublic: public.URI.String()} {
				if got, err := (Client{Service: service, Region: region, FIPS: fips, DualStack: dualStack}).URL(t.Context()); got != want || err != nil {
					t.Errorf("%s in %s, FIPS %t, dual-stack %t: %s, %v, want %s", service, region, fips, dualStack, got, err, want)
				}
			}
		}
	}
}
