package helper

import (
	"os"
	"path/filepath"
	"testing"

	"aws-connector/internal/fakeaws"
)

// implicitWorld has a connector that assumes a role with a profile's keys, and
// counts how often the environment is looked at.
func implicitWorld(t *testing.T) (w *world, config string, looks *int) {
	t.Helper()
	w = newWorld(t, "[connectors.i]\nauth_method = \"implicit\"\nallow_implicit_auth_methods = true\nprofile_name = \"p\"\n")
	config, looks = filepath.Join(t.TempDir(), "config"), new(int)
	w.aws.AddUser(bobARN, bobID, bobCanary)
	for _, name := range []string{"Dev", "Ops"} {
		w.aws.AddRole(fakeaws.Role{ARN: "arn:aws:iam::123456789012:role/" + name})
	}
	w.Env.Ambient = Ambient{ConfigFile: config, Environ: func(Chain) []string { *looks++; return nil }}
	w.writeProfile(t, config, "Dev")
	return w, config, looks
}

func (w *world) writeProfile(t *testing.T, config, role string) {
	t.Helper()
	text := "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/" + role + "\nsource_profile = k\n[profile k]\naws_access_key_id = " + accessKeyID + "\naws_secret_access_key = " + canary + "\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What is found at the beginning is what the whole call is about: a file that
// changes to and fro meanwhile would put one person's session under another's name.
func TestTheEnvironmentIsLookedAtOnce(t *testing.T) {
	w, config, looks := implicitWorld(t)
	w.STS = func(o Client) (STS, error) {
		w.writeProfile(t, config, "Ops") // while the session is made
		return o.STS()
	}
	made := w.token(t, "i", registryHost)
	if *looks != 1 {
		t.Errorf("the environment was looked at %d times, want once", *looks)
	}
	w.STS = nil
	w.writeProfile(t, config, "Dev")
	for what, arn := range map[string]string{"Dev": "arn:aws:sts::123456789012:assumed-role/Dev/aws-connector-i", "Ops": "arn:aws:sts::123456789012:assumed-role/Ops/aws-connector-i"} {
		w.writeProfile(t, config, what)
		if id, ok := w.aws.Identity(w.get(t, "i").AccessKeyID); !ok || id.ARN != arn {
			t.Errorf("with role %s the session is of %q", what, id.ARN)
		}
		token := w.token(t, "i", registryHost)
		if id, ok := w.aws.ECRToken(token.Password.Reveal()); !ok || id.ARN != arn || token.Password.Equal(made.Password) != (what == "Dev") {
			t.Errorf("with role %s the token is of %q", what, id.ARN)
		}
	}
}
