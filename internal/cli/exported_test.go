package cli

import (
	"slices"
	"testing"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/secret"
)

func TestEnvironOf(t *testing.T) {
	expires := time.Date(2030, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	inherited := []string{"PATH=/bin", "AWS_PROFILE=", "AWS_REGION=x", "AWS_SESSION_TOKEN=a", "AWS_SESSION_TOKEN=b", "AWS_CONNECTOR_EXEC=outer",
		"aws_profile=kept", "AWS_PROFILES=kept", "AWS_CONFIG_FILE=kept", "AWS_CONNECTOR_PASSPHRASE_FILE=kept", "odd", "=odd", "X=AWS_PROFILE=kept"}
	for _, name := range supplantedNames {
		inherited = append(inherited, name+"=inherited")
	}
	kept := []string{"PATH=/bin", "aws_profile=kept", "AWS_PROFILES=kept", "AWS_CONFIG_FILE=kept", "AWS_CONNECTOR_PASSPHRASE_FILE=kept", "odd", "=odd", "X=AWS_PROFILE=kept"}
	session := helper.Credentials{AccessKeyID: "ASIA", SecretAccessKey: secret.New("secret"), SessionToken: secret.New("token"), Expires: expires, AccountID: "123456789012"}
	got := environOf(inherited, exported(session, "eu-central-1"))
	want := append(slices.Clone(kept), "AWS_ACCESS_KEY_ID=ASIA", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=token",
		"AWS_REGION=eu-central-1", "AWS_DEFAULT_REGION=eu-central-1", "AWS_CREDENTIAL_EXPIRATION=2030-01-02T02:04:05Z")
	if !slices.Equal(got, want) {
		t.Errorf("the environment is %q, want %q", got, want)
	}
	got = environOf(inherited, exported(helper.Credentials{AccessKeyID: "AKIA", SecretAccessKey: secret.New("secret")}, "eu-central-1"))
	want = append(slices.Clone(kept), "AWS_ACCESS_KEY_ID=AKIA", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=eu-central-1", "AWS_DEFAULT_REGION=eu-central-1")
	if !slices.Equal(got, want) {
		t.Errorf("with a long-term key the environment is %q, want %q", got, want)
	}
}

func TestLasting(t *testing.T) {
	for in, want := range map[string]time.Duration{"3600": time.Hour, "1h30m": 90 * time.Minute, "900s": 15 * time.Minute, "": 0, "0": 0, "-1h": 0, "-5": 0, "soon": 0, "1e3": 0, "99999999999999999999": 0} {
		if got, err := lasting(in); got != want || (err == nil) != (want > 0) {
			t.Errorf("lasting(%q) = %v, %v, want %v", in, got, err, want)
		}
	}
}

func TestWithURL(t *testing.T) {
	for _, test := range []struct{ in, want []string }{
		{nil, []string{"U"}},
		{[]string{"--new"}, []string{"--new", "U"}},
		{[]string{"--url=%s", "x"}, []string{"--url=U", "x"}},
	} {
		if got := withURL(test.in, "U"); !slices.Equal(got, test.want) {
			t.Errorf("withURL(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}
