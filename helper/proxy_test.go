package helper

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"aws-connector/internal/ambient"
)

// No more of a proxy's URL is shown than one character that has no place there.
func TestProxyVariables(t *testing.T) {
	for value, want := range map[string]string{
		"http://proxy:3128": "", "proxy:3128": "", "proxy": "", "https://proxy": "", "socks5://proxy:1080": "", "socks5h://u:p@proxy:1080": "",
		"http://user:p%23w@proxy:3128": "", "user:pw@proxy:3128": "", "http://user:p@ss@proxy:3128": "", "http://10.0.0.1:3128/": "", "http://[::1]:3128": "",
		"http://user:CAN#ARY@proxy:3128":  `its user name or password has "#", which a URL cannot hold as it is`,
		"http://user:1#CANARY@proxy:3128": `its user name or password has "#", which a URL cannot hold as it is`,
		"user:CAN#ARY@proxy:3128":         `its user name or password has "#", which a URL cannot hold as it is`,
		"http://user:CAN%ARY@proxy:3128":  `its user name or password has "%", which a URL cannot hold as it is`,
		"http://user:CANARY%@proxy:3128":  `its user name or password has "%", which a URL cannot hold as it is`,
		"http://user:CAN ARY@proxy:3128":  "its user name or password has a blank, which a URL cannot hold as it is",
		"http://user:CAN?ARY@proxy:3128":  `its user name or password has "?", which a URL cannot hold as it is`,
		"http://user:1/CANARY@proxy:3128": `its user name or password has "/", which a URL cannot hold as it is`,
		"http://user:CAN^ARY@proxy:3128":  `its user name or password has "^", which a URL cannot hold as it is`,
		"http://us\\er:CANARY@proxy:3128": `its user name or password has "\\", which a URL cannot hold as it is`,
		"http://user:CANÄRY@proxy:3128":   `its user name or password has "Ä", which a URL cannot hold as it is`,
		"http://proxy:3128 ":              "it has a blank in it",
		"http://proxy:3128\r":             endOfLine,
		"http://user:CAN\nARY@proxy:3128": endOfLine,
		"ftp://proxy:3128":                noScheme,
		"http://:3128":                    notAProxy,
		"http://user:CANARY@:port":        notAProxy,
		"http://":                         notAProxy,
		"http://proxy:3128#x":             notAProxy,
	} {
		got := Variable{"HTTPS_PROXY", value}.fault()
		if got != want {
			t.Errorf("fault of %q = %q, want %q", value, got, want)
		}
		err := Proxies{HTTPS: Variable{"https_proxy", value}}.Fault("https")
		if (err != nil) != (want != "") || err != nil && (strings.Contains(err.Error(), "CAN") || !strings.HasPrefix(err.Error(), "https_proxy: ")) {
			t.Errorf("Fault of %q = %v", value, err)
		}
	}
}

// A variable that names no proxy stops no request that is not meant for one.
func TestExemptFromProxies(t *testing.T) {
	for _, test := range []struct {
		host, no string
		want     bool
	}{
		{"sts.amazonaws.com", "", false}, {"localhost", "", true}, {"127.0.0.1", "", true}, {"::1", "", true},
		{"sts.amazonaws.com", "*", true}, {"STS.amazonaws.com", "a, .Amazonaws.com", true}, {"sts.amazonaws.com", "amazonaws.com:443", true},
		{"sts.amazonaws.com", "*.amazonaws.com", true}, {"xamazonaws.com", "amazonaws.com", false}, {"10.1.2.3", "10.0.0.0/8", true}, {"11.1.2.3", "10.0.0.0/8", false},
		{"sts.amazonaws.com", ",,", false},
	} {
		if got := exempt(test.host, test.no); got != test.want {
			t.Errorf("exempt(%q, %q) = %t", test.host, test.no, got)
		}
		none := func(*http.Request) (*url.URL, error) { return nil, nil }
		w := way{none, Proxies{HTTPS: Variable{"HTTPS_PROXY", "http://user:CAN%ARY@proxy"}, No: test.no}}
		r := &http.Request{URL: &url.URL{Scheme: "https", Host: net.JoinHostPort(test.host, "443")}}
		if _, err := w.proxy(r); (err == nil) != test.want {
			t.Errorf("proxy for %q with NO_PROXY=%q: %v", test.host, test.no, err)
		}
	}
}

// What the environment's sources are refused by a proxy is no answer of AWS either.
func TestProxyBeforeTheEnvironmentsSources(t *testing.T) {
	down := &proxyDown{proxy{"proxy:1", "HTTPS_PROXY", false}, &net.OpError{Op: "proxyconnect", Err: &net.DNSError{Name: "proxy", Err: "no such host"}}}
	for _, test := range []struct {
		err    *ambient.Error
		reason Reason
		text   string
	}{
		{&ambient.Error{Reason: Temporary, Text: `profile "p": GetRoleCredentials: the proxy proxy:1 answers HTTP status 403`, Err: &proxyRefusal{proxy{"proxy:1", "HTTPS_PROXY", false}, 403, "portal.sso:443", nil}}, Failed,
			`profile "p": GetRoleCredentials: the proxy "proxy:1" (HTTPS_PROXY) does not let "portal.sso:443" through (HTTP status 403); AWS was not asked`},
		{&ambient.Error{Reason: Temporary, Text: `profile "p": GetRoleCredentials: no address for host "proxy"`, Err: down}, Temporary,
			`profile "p": GetRoleCredentials: no connection to the proxy "proxy:1" (HTTPS_PROXY): no address for host "proxy"`},
		{&ambient.Error{Reason: Temporary, Text: "x: no", Err: errors.New("no")}, Temporary, "x: no"},
	} {
		var got *Error
		if !errors.As(told(test.err, true), &got) || got.Text != test.text || got.Reason != test.reason {
			t.Errorf("told = %+v, want %s", got, test.text)
		}
	}
}

// Errors in the forms of AWS's services, moto, LocalStack and gateways have their code.
func TestErrorDocuments(t *testing.T) {
	for body, want := range map[string][2]string{
		`<ErrorResponse xmlns="x"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`:  {"AccessDenied", "no"},
		`<?xml version="1.0"?><Error><Code>NoSuchBucket</Code><Message>no</Message><RequestId>1</RequestId></Error>`:                 {"NoSuchBucket", "no"},
		`<Response><Errors><Error><Code>AuthFailure</Code><Message>no</Message></Error></Errors><RequestID>1</RequestID></Response>`: {"AuthFailure", "no"},
		`{"__type":"com.amazonaws.ecr#ServerException","message":"no"}`:                                                              {"ServerException", "no"},
		`{"Code":"AccessDeniedException:http://internal.amazon.com/","Message":"no"}`:                                                {"AccessDeniedException", "no"},
		`{"Error":{"Code":"InvalidAction","Message":"no"},"RequestId":"1"}`:                                                          {"InvalidAction", "no"},
		`{"errors":[{"code":"DENIED","message":"no"}]}`:                                                                              {"DENIED", "no"},
		`{"message":"Forbidden"}`:     {"", "Forbidden"},
		`{"error":"not found"}`:       {"", "not found"},
		`{"code":403,"message":"no"}`: {"", "no"},
		`{"message":null}`:            {"", ""},
		`<html><head><Error><Code>AccessDenied</Code></Error></head>`: {"", ""},
		`<Error><Code>two words</Code><Message>no</Message></Error>`:  {"", "no"},
		`Forbidden`: {"", ""}, ``: {"", ""}, `[]`: {"", ""}, `{`: {"", ""}, `<a>`: {"", ""},
	} {
		if code, message := errorDocument([]byte(body)); code != want[0] || message != want[1] {
			t.Errorf("errorDocument(%s) = %q, %q, want %q", body, code, message, want)
		}
	}
}
