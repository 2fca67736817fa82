package awsconfig

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const keyFiles = "../../testdata/import/"

// found are the keys of the files in testdata/import, as they are told of here.
var found = map[string]string{
	"01-aws-configure":    "default A",
	"02-several":          "default A, work B",
	"03-crlf":             "default A, work B",
	"04-bom":              "default A",
	"05-comments":         "default A, work B, commented 7",
	"06-no-final-newline": "work B",
	"07-temporary":        "work B, saml T until 2099-01-02T02:04:05Z",
	"08-process-beside":   "work B",
	"09-nested-and-tabs":  "default A, work B",
	"10-same-key-twice":   "default A, personal A, work B",
	"11-odd-names":        "profile work B, été 2019 A",
	"12-duplicates":       "work B, default A twice 8, broken ?, half: aws_secret_access_key is missing",
}

var idNames = map[string]string{"AKIAIOSFODNN7EXAMPLE": "A", "AKIABOBBOBBOBBOBBOBB": "B", "ASIAIOSFODNN7EXAMPLE": "T"}

func describe(f KeyFile) string {
	var all []string
	for _, k := range f.Keys {
		name, ok := idNames[k.ID]
		if !ok {
			name = "?"
		}
		s := k.Profile + " " + name
		if k.Problem != "" {
			s = k.Profile + ": " + k.Problem
		}
		if k.Second > 0 {
			s += fmt.Sprint(" twice ", k.Second)
		}
		if !k.Expires.IsZero() {
			s += " until " + k.Expires.UTC().Format(time.RFC3339)
		}
		all = append(all, s)
	}
	for _, line := range f.Commented {
		all = append(all, fmt.Sprint("commented ", line))
	}
	return strings.Join(all, ", ")
}

// Each file, and what is left of it without those of its keys that can be imported
// and are long-term ones.
func TestKeyFiles(t *testing.T) {
	for name, want := range found {
		before, after := readKeyFile(t, name+".before"), readKeyFile(t, name+".after")
		f, err := ReadKeys(before, true)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := describe(f); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		if got := f.Without(importable(f)); !bytes.Equal(got, after) {
			t.Errorf("%s: what is left is %q, want %q", name, got, after)
		}
		if got := f.Without(nil); !bytes.Equal(got, before) {
			t.Errorf("%s: without nothing it is %q, want %q", name, got, before)
		}
	}
	if files, err := filepath.Glob(keyFiles + "*.before"); err != nil || len(files) != len(found) {
		t.Errorf("%d files, %v, want %d", len(files), err, len(found))
	}
}

func importable(f KeyFile) (keys []AccessKey) {
	for _, k := range f.Keys {
		if k.Problem == "" && k.Second == 0 && k.Token.Empty() && idNames[k.ID] != "" {
			keys = append(keys, k)
		}
	}
	return keys
}

func readKeyFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(keyFiles + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const keyLines = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = CANARY\n"

func TestReadKeys(t *testing.T) {
	const id, secretLine = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n", "aws_secret_access_key = CANARY\n"
	for _, c := range []struct {
		name, text string
		config     bool
		want       string
		after      string
	}{
		{"nothing", "", false, "", ""},
		{"no key", "[a]\nregion = x\n[b]\n", false, "", "[a]\nregion = x\n[b]\n"},
		{"empty values", "[a]\naws_access_key_id =\naws_secret_access_key =\n", false, "", "[a]\naws_access_key_id =\naws_secret_access_key =\n"},
		{"empty token", "[a]\n" + keyLines + "aws_session_token =\n", false, "a A", ""},
		{"quotes and comments", "[a]\naws_access_key_id = \"AKIAIOSFODNN7EXAMPLE\" ; mine\naws_secret_access_key = 'CANARY'\t# too\n", false, "a A", ""},
		{"key in a nested block", "[a]\ns3 =\n  aws_access_key_id = x\n  aws_secret_access_key = y\n", false, "", "[a]\ns3 =\n  aws_access_key_id = x\n  aws_secret_access_key = y\n"},
		{"nested block behind it", "[a]\n" + keyLines + "s3 =\n  max = 1\n", false, "a A", "[a]\ns3 =\n  max = 1\n"},
		{"goes on", "[a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = CAN\n  ARY\n", false, "a: its value goes on in another line", "[a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = CAN\n  ARY\n"},
		{"indented deeper", "[a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n  aws_secret_access_key = CANARY\n", false,
			"a: it is indented so that some SDKs take it for a part of the line before", "[a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n  aws_secret_access_key = CANARY\n"},
		{"all indented", "[a]\n\taws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\taws_secret_access_key = CANARY\n", false, "a A", ""},
		{"DEFAULT", "[DEFAULT]\n" + keyLines, false, "DEFAULT: the AWS CLI gives every profile what stands in [DEFAULT]", "[DEFAULT]\n" + keyLines},
		{"the same line twice", "[a]\n" + id + keyLines, false, "a A", ""},
		{"another id before it", "[a]\naws_access_key_id = AKIAOLDOLDOLDOLDOLD1\n" + keyLines, false, "a A twice 3", "[a]\naws_access_key_id = AKIAOLDOLDOLDOLDOLD1\n" + keyLines},
		{"two sections", "[a]\n" + id + "[b]\nx = y\n[a]\n" + secretLine, false, "a A", "[b]\nx = y\n"},
		{"comment in the header", "[a] ; mine\n" + keyLines, false, "a A", "[a] ; mine\n"},
		{"blank lines", "\n[a]\n\n" + keyLines + "\n\n[b]\nx = y\n", false, "a A", "\n\n\n\n[b]\nx = y\n"},
		{"not a line of the format", "[a]\n" + keyLines + "what\n", false, "a A", "[a]\nwhat\n"},
		{"before the first section", keyLines + "[a]\nx = y\n", false, "", keyLines + "[a]\nx = y\n"},
		{"old token", "[a]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = CANARY\naws_security_token = CANARY\n", false, "a T", "[a]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = CANARY\naws_security_token = CANARY\n"},
		{"config", "[default]\n" + keyLines + "[profile \"a b\"]\n" + keyLines + "[c]\n" + keyLines + "[sso-session d]\nsso_region = x\n", true, "default A, a b A", "[c]\n" + keyLines + "[sso-session d]\nsso_region = x\n"},
	} {
		f, err := ReadKeys([]byte(c.text), !c.config)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := describe(f); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := string(f.Without(importable(f))); got != c.after {
			t.Errorf("%s: what is left is %q, want %q", c.name, got, c.after)
		}
	}
}

func TestKeysOfNoText(t *testing.T) {
	for _, text := range []string{"\xff\xfe[\x00a\x00]\x00", "[a]\n# cl\xe9\n", "[a]\rx = y\r", "[a]\n\x00"} {
		if _, err := ReadKeys([]byte(text), true); err == nil {
			t.Errorf("ReadKeys(%q) is no error", text)
		}
	}
}

// Whatever the file: what is left is some of its lines, whole and in their order;
// of those that went each begins with one of three names or was a header; and
// what is left has no key that was taken.
func FuzzWithout(f *testing.F) {
	files, err := filepath.Glob(keyFiles + "*.before")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), true)
		f.Add(string(text), false)
	}
	f.Fuzz(func(t *testing.T, text string, credentials bool) {
		file, err := ReadKeys([]byte(text), credentials)
		if err != nil {
			return
		}
		var taken []AccessKey
		for _, k := range file.Keys {
			if k.Problem == "" && k.Second == 0 {
				taken = append(taken, k)
			}
		}
		left := file.Without(taken)
		now := strings.SplitAfter(string(left), "\n")
		at := 0
		for _, line := range strings.SplitAfter(text, "\n") {
			if at < len(now) && line == now[at] {
				at++
				continue
			}
			line = strings.TrimLeftFunc(strings.TrimPrefix(line, byteOrderMark), isBlank)
			if name, _, _ := strings.Cut(strings.ToLower(line), "_"); line != "" && line[0] != '[' && name != "aws" {
				t.Fatalf("%q went from %q, which became %q", line, text, left)
			}
		}
		again, err := ReadKeys(left, credentials)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, left, err)
		}
		if slices.ContainsFunc(again.Keys, func(k AccessKey) bool {
			return slices.ContainsFunc(taken, func(was AccessKey) bool { return was.Profile == k.Profile })
		}) {
			t.Fatalf("%q became %q, which has the key still", text, left)
		}
	})
}
