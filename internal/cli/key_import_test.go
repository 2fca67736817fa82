package cli

import (
	"strings"
	"testing"

	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

// A key that changed between the question and the edit is another, which was not stored.
func TestOnlyWhatWasImportedGoes(t *testing.T) {
	const text = "[a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = one\n[b]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = one\n"
	file := &keyFile{path: "credentials", credentials: true}
	keys, err := parseKeys(file.path, []byte(text), true)
	if err != nil {
		t.Fatal(err)
	}
	gone := removals{inFile(file, keys.Keys[0]): true}
	const b = "[b]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = one\n"
	for now, want := range map[string]string{
		text:                                      b,
		"# new\n" + text + "\n[c]\nx = y\n":       "# new\n" + b + "\n[c]\nx = y\n",
		strings.Replace(text, "one", "two", 1):    strings.Replace(text, "one", "two", 1),
		strings.Replace(text, "FODN", "FODM", 1):  strings.Replace(text, "FODN", "FODM", 1),
		"[a]\naws_session_token = x\n" + text[4:]: "[a]\naws_session_token = x\n" + text[4:],
		b: b,
	} {
		if got, err := without(file.path, []byte(now), true, gone); err != nil || string(got) != want {
			t.Errorf("without(%q) = %q, %v, want %q", now, got, err, want)
		}
		if got, err := without(file.path, []byte(now), false, gone); err != nil || string(got) != now {
			t.Errorf("in the config file, without(%q) = %q, %v", now, got, err)
		}
	}
}

func TestStartupLines(t *testing.T) {
	for line, want := range map[string]bool{
		"export AWS_ACCESS_KEY_ID=AKIA":                    true,
		"AWS_SECRET_ACCESS_KEY='x' aws s3 ls":              true,
		"set -gx AWS_SECRET_ACCESS_KEY x":                  true,
		"AWS_SESSION_TOKEN DEFAULT=x":                      true,
		"echo $AWS_ACCESS_KEY_ID ${AWS_SECRET_ACCESS_KEY}": false,
		"unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY":    false,
		"export MY_AWS_KEY=x":                              false,
		"export AWS_ACCESS_KEY_ID":                         false,
	} {
		if got := setsKey(line); got != want {
			t.Errorf("setsKey(%q) = %v", line, got)
		}
	}
}

func TestNamesOfKeys(t *testing.T) {
	for profile, want := range map[string]string{
		"work": "work", "": "default", "profile work": "work", "corp/prod": "corp-prod", "a b": "a-b", "..": "key", "été": "t", "日本": "key",
		"AKIAIOSFODNN7EXAMPLE": "key", "x\x1b[31m": "x-31m", strings.Repeat("a", 80): strings.Repeat("a", 60),
	} {
		got, exact := (&takeover{}).nameOf(&candidate{profile: profile})
		if got != want || exact != (want == profile || profile == "") {
			t.Errorf("nameOf(%q) = %q, %v, want %q", profile, got, exact, want)
		}
	}
}

func TestUserOfAFile(t *testing.T) {
	for path, want := range map[string]string{
		"/x/alice_accessKeys.csv": "alice", "accessKeys.csv": "default", "accessKeys (1).csv": "default", "rootkey.csv": "default", "bob_credentials.csv": "bob", "my keys.csv": "my keys",
	} {
		if got := userOf(path); got != want {
			t.Errorf("userOf(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestSameKey(t *testing.T) {
	key := func(id, s, token string) *candidate {
		return &candidate{key: keystore.Key{ID: id, Secret: secret.New(s), SessionToken: secret.New(token)}}
	}
	if a := key("A", "s", ""); !a.same(key("A", "s", "")) || a.same(key("B", "s", "")) || a.same(key("A", "t", "")) || a.same(key("A", "s", "u")) {
		t.Error("keys are told apart wrongly")
	}
}
