package connector

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func chained(links ...string) string {
	const role = "auth_method = \"iam-role\"\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\n"
	return "[defaults]\nregion = \"eu-central-1\"\n" + strings.NewReplacer("ROLE\n", role).Replace(strings.Join(links, ""))
}

// Only what is known to be a role's session makes a chain in AWS's sense.
func TestChainsThatAWSCapsAtAnHour(t *testing.T) {
	const role = "role_arn = \"arn:aws:iam::123456789012:role/r\"\n"
	for method, want := range map[string]bool{
		"iam-role\"\n" + role: true, "web-identity\"\nweb_identity_token_file = \"/t\"\n" + role: true, "implicit\"\n" + role: true,
		"implicit\"\n": false, "session-token\"\n": false, "secret-key\"\n": false, "sts-token\"\n": false, "process\"\ncredential_process = [\"p\"]\n": false,
	} {
		for _, own := range []string{"", "expiration_seconds = 7200\n"} {
			f, err := Parse("f", []byte("[defaults]\nregion = \"eu-central-1\"\nexpiration_seconds = 7200\n[connectors.b]\nauth_method = \""+method+"[connectors.c]\nauth_method = \"iam-role\"\n"+role+"source = \"b\"\n"+own))
			if err != nil {
				t.Fatal(err)
			}
			c, err := f.Lookup("c")
			switch {
			case want && own != "":
				if err == nil || !strings.Contains(err.Error(), "expiration_seconds must be 900 to 3600") {
					t.Errorf("over %s: Lookup = %v, want an error", method, err)
				}
			case err != nil, c.Chained != want, want && c.Duration != time.Hour, !want && c.Duration != 2*time.Hour:
				t.Errorf("over %s: chained %t for %v, %v, want %t", method, c.Chained, c.Duration, err, want)
			}
		}
	}
}

// What is wrong with a link is told by every connector over it, and by no other.
func TestChainNamesItsBrokenLink(t *testing.T) {
	f, err := Parse("f", []byte(chained("[connectors.c1]\nauth_method = \"session-token\"\n", "[connectors.c2]\nROLE\nsource = \"c1\"\n",
		"[connectors.c3]\nROLE\nsource = \"c2\"\nexternal_id = \"é\"\n", "[connectors.c4]\nROLE\nsource = \"c3\"\n", "[connectors.c5]\nROLE\nsource = \"c4\"\n")))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "", "external_id must be", `source "c3" is broken, on line 13: external_id`, `source "c4" leads to connector "c3", which is broken, on line 13: external_id`} {
		name := fmt.Sprintf("c%d", i+1)
		_, err := f.Lookup(name)
		if ok := err == nil; ok != (want == "") || !ok && (!strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "connector \""+name+"\"")) {
			t.Errorf("Lookup(%s) = %v, want %q", name, err, want)
		}
	}
	if got, want := f.Chain("c5"), []string{"c5", "c4", "c3", "c2", "c1"}; !slices.Equal(got, want) {
		t.Errorf("Chain = %q, want %q", got, want)
	}
}

// A token of a default does not stand beside a connector's own.
func TestTokensOfDefaults(t *testing.T) {
	const role = "role_arn = \"arn:aws:iam::123456789012:role/r\"\n"
	f, err := Parse("f", []byte("[defaults]\nregion = \"eu-central-1\"\nauth_method = \"web-identity\"\nweb_identity_token_file = \"/t\"\n[connectors.p]\nweb_identity_token_process = [\"p\", \"-x\", \"-x\"]\n"+role+"[connectors.f]\n"+role))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := f.Lookup("p"); err != nil || c.WebIdentityTokenFile != "" || len(c.WebIdentityTokenProcess) != 3 || c.Key != "" {
		t.Errorf("Lookup = %+v, %v", c, err)
	}
	if c, err := f.Lookup("f"); err != nil || c.WebIdentityTokenFile != "/t" {
		t.Errorf("Lookup = %+v, %v", c, err)
	}
}

// A code is given with a long-term key: what hands out none is no start for it.
func TestDeviceBesideASource(t *testing.T) {
	const role, device = "role_arn = \"arn:aws:iam::123456789012:role/r\"\n", "mfa_serial = \"arn:aws:iam::123456789012:mfa/alice\"\n"
	for method, fits := range map[string]bool{
		"iam-role\"\n" + role: false, "web-identity\"\nweb_identity_token_file = \"/t\"\n" + role: false, "implicit\"\n" + role: false, "session-token\"\n": false, "sts-token\"\n": false,
		"implicit\"\n": true, "secret-key\"\n": true, "process\"\ncredential_process = [\"p\"]\n": true,
	} {
		for where, text := range map[string]string{"own": "[connectors.b]\nauth_method = \"" + method + "[connectors.c]\nauth_method = \"iam-role\"\nsource = \"b\"\n" + role + device,
			"defaults": device + "[connectors.b]\nauth_method = \"" + method + "[connectors.c]\nauth_method = \"iam-role\"\nsource = \"b\"\n" + role} {
			f, err := Parse("f", []byte("[defaults]\nregion = \"eu-central-1\"\n"+text))
			if err != nil {
				t.Fatal(err)
			}
			_, err = f.Lookup("c")
			if refused := err != nil && strings.Contains(err.Error(), "mfa_serial beside source \"b\""); refused != (where == "own" && !fits) || err != nil && !refused {
				t.Errorf("%s device over %s: Lookup = %v", where, method, err)
			}
		}
	}
}
