package helper

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aws-connector/internal/connector"
)

func TestClientOfSTS(t *testing.T) {
	for _, test := range []struct {
		c    connector.Connector
		env  Environment
		want string
	}{
		{connector.Connector{Region: "eu-central-1"}, Environment{}, "https://sts.eu-central-1.amazonaws.com"},
		{connector.Connector{Region: "us-east-1"}, Environment{}, "https://sts.us-east-1.amazonaws.com"},
		{connector.Connector{Region: "cn-north-1"}, Environment{}, "https://sts.cn-north-1.amazonaws.com.cn"},
		{connector.Connector{Region: "us-east-1"}, Environment{FIPS: true}, "https://sts-fips.us-east-1.amazonaws.com"},
		{connector.Connector{Region: "eu-central-1"}, Environment{DualStack: true}, "https://sts.eu-central-1.api.aws"},
		{connector.Connector{Region: "eu-central-1"}, Environment{EndpointURL: "http://127.0.0.1:1"}, "http://127.0.0.1:1"},
		{connector.Connector{Region: "eu-central-1"}, Environment{EndpointURL: "http://a", EndpointURLs: map[string]string{"sts": "http://b"}}, "http://b"},
		{connector.Connector{Region: "eu-central-1", EndpointURL: "http://c"}, Environment{EndpointURL: "http://a", FIPS: true}, "http://c"},
	} {
		h := Helper{Env: test.env}
		o, err := h.Client(test.c, Credentials{}, "sts", test.c.Region)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := o.URL(t.Context()); err != nil || got != test.want {
			t.Errorf("Client(%+v) with %+v calls %s, %v, want %s", test.c, test.env, got, err, test.want)
		}
	}
	h := Helper{Env: Environment{FIPS: true, EndpointURL: "http://a"}}
	var misconfigured *Error
	if _, err := h.Client(connector.Connector{Region: "eu-central-1"}, Credentials{}, "sts", "eu-central-1"); !errors.As(err, &misconfigured) || misconfigured.Reason != Misconfigured {
		t.Errorf("Client with FIPS and an endpoint = %v", err)
	}
}

func TestCheckProfile(t *testing.T) {
	dir := t.TempDir()
	self := filepath.Join(dir, "aws-connector.exe") // Windows wants it so
	config := filepath.Join(dir, "config")
	for path, text := range map[string]string{self: "", config: strings.ReplaceAll(`
[profile own]
credential_process = SELF get own
[profile first]
credential_process = SELF get second
[profile second]
credential_process = SELF get first
[profile behind]
role_arn = arn:aws:iam::123456789012:role/Deploy
source_profile = own
[profile other]
credential_process = /bin/other get own
[profile key]
credential_process = SELF get key
[profile unknown]
credential_process = SELF get unknown
`, "SELF", self)} {
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	text := "[defaults]\nregion = \"eu-central-1\"\n[connectors.key]\nauth_method = \"session-token\"\n"
	for _, c := range []string{"own own", "second second", "first first", "behind behind", "toother other", "tokey key", "tounknown unknown", "gone gone"} {
		name, profile, _ := strings.Cut(c, " ")
		text += "[connectors." + name + "]\nauth_method = \"implicit\"\nallow_implicit_auth_methods = true\nprofile_name = \"" + profile + "\"\n"
	}
	f, err := connector.Parse("connectors.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	h := Helper{Connectors: f, Env: Environment{Ambient: Ambient{ConfigFile: config, CredentialsFile: filepath.Join(dir, "none"), Self: self}}}
	for name, want := range map[string]string{
		"key": "", "toother": "", "tokey": "",
		"own":       "the connector starts itself: own -> own",
		"second":    "the connector starts itself: second -> first -> second",
		"behind":    "own -> own",
		"tounknown": `no connector "unknown"`,
		"gone":      `profile "gone" does not exist`,
	} {
		c, err := f.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		switch err := h.CheckProfile(t.Context(), c); {
		case err == nil && want == "":
		case err == nil || want == "" || !strings.Contains(err.Error(), want):
			t.Errorf("CheckProfile(%s) = %v, want %q", name, err, want)
		}
	}
}
