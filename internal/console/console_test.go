package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/secret"
)

func TestPartitions(t *testing.T) {
	for region, want := range map[string][2]string{
		"eu-central-1":   {"signin.aws.amazon.com", "https://console.aws.amazon.com/s3/home?region=eu-central-1"},
		"cn-north-1":     {"signin.amazonaws.cn", "https://console.amazonaws.cn/s3/home?region=cn-north-1"},
		"us-gov-west-1":  {"signin.amazonaws-us-gov.com", "https://console.amazonaws-us-gov.com/s3/home?region=us-gov-west-1"},
		"eusc-de-east-1": {"eusc-de-east-1.signin.amazonaws-eusc.eu", "https://eusc-de-east-1.console.amazonaws-eusc.eu/s3/home?region=eusc-de-east-1"},
		"us-iso-east-1":  {"signin.c2shome.ic.gov", "https://console.c2shome.ic.gov/s3/home?region=us-iso-east-1"},
		"us-isob-east-1": {"signin.sc2shome.sgov.gov", "https://console.sc2shome.sgov.gov/s3/home?region=us-isob-east-1"},
		"eu-isoe-west-1": {"signin.csphome.adc-e.uk", "https://console.csphome.adc-e.uk/s3/home?region=eu-isoe-west-1"},
		"us-isof-east-1": {"signin.csphome.hci.ic.gov", "https://console.csphome.hci.ic.gov/s3/home?region=us-isof-east-1"},
	} {
		c := connector.Connector{Region: region}
		if got := [2]string{hostsOf(c).signin, (Page{Service: "s3"}).destination(c)}; got != want {
			t.Errorf("%s: got %q, want %q", region, got, want)
		}
	}
}

var session = helper.Credentials{AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: secret.New("CANARY/secret+="), SessionToken: secret.New("CANARY&token")}

func TestSignIn(t *testing.T) {
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.RequestURI
		fmt.Fprint(w, `{"SigninToken":"a+b/c=&d"}`)
	}))
	defer server.Close()
	c := connector.Connector{Region: "eu-central-1", Method: connector.IAMRole}
	got, err := SignIn(t.Context(), helper.Client{Service: Service, Endpoint: server.URL + "/"}, c, session, Page{Duration: Shortest})
	if err != nil {
		t.Fatal(err)
	}
	want := server.URL + "/federation?Action=login&Issuer=aws-connector&Destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fconsole%2Fhome%3Fregion%3Deu-central-1&SigninToken=a%2Bb%2Fc%3D%26d"
	if got.Reveal() != want {
		t.Errorf("the URL is %q, want %q", got.Reveal(), want)
	}
	if want := "/federation?Action=getSigninToken&SessionDuration=900&Session=%7B%22sessionId%22%3A%22ASIAEXAMPLE%22%2C%22sessionKey%22%3A%22CANARY%2Fsecret%2B%3D%22%2C%22sessionToken%22%3A%22CANARY%5Cu0026token%22%7D"; asked != want {
		t.Errorf("asked for %q, want %q", asked, want)
	}
}

// Whatever goes wrong, nothing of the session or of what came back is told.
func TestFailures(t *testing.T) {
	const huge = 2 << 20
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		reason helper.Reason
		calls  int32
	}{
		"refused": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400); fmt.Fprint(w, "CANARY") }, helper.Failed, 1},
		"redirected": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/CANARY?"+r.URL.RawQuery, http.StatusFound)
		}, helper.Failed, 1},
		"in trouble":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, helper.Temporary, 3},
		"throttled":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, helper.Temporary, 3},
		"no JSON":     {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>CANARY") }, helper.Failed, 1},
		"no token":    {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"SigninToken":""}`) }, helper.Failed, 1},
		"without end": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("CANARY", huge/6)) }, helper.Failed, 1},
		"hangs up":    {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, helper.Temporary, 3},
		"begins a page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			fmt.Fprint(w, "{")
		}, helper.Temporary, 3},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { calls.Add(1); test.answer(w, r) }))
			defer server.Close()
			c := connector.Connector{Name: "deploy", Region: "eu-central-1", Method: connector.IAMRole}
			got, err := SignIn(t.Context(), helper.Client{Service: Service, Endpoint: server.URL}, c, session, Page{})
			var told *helper.Error
			if !errors.As(err, &told) || told.Reason != test.reason || !got.Empty() || calls.Load() != test.calls {
				t.Fatalf("got %v after %d calls, want %d", err, calls.Load(), test.calls)
			}
			if strings.Contains(err.Error()+told.Advice, "CANARY") || told.Advice == "" {
				t.Errorf("it says %q, %q", err, told.Advice)
			}
		})
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := SignIn(ctx, helper.Client{Service: Service, Endpoint: "http://127.0.0.1:1"}, connector.Connector{Method: connector.IAMRole}, session, Page{})
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("got %v", err)
	}
}

func TestLongTermKey(t *testing.T) {
	_, err := SignIn(t.Context(), helper.Client{}, connector.Connector{Method: connector.Implicit}, helper.Credentials{AccessKeyID: "AKIA"}, Page{})
	if err == nil || err.Error() != longTerm().Error() {
		t.Errorf("got %v", err)
	}
}
