package cli

import (
	"strings"
	"testing"

	"aws-connector/internal/connector"
)

// The example parses, each of its connectors is right, and it has each method.
func TestExample(t *testing.T) {
	f, err := connector.Parse("example.toml", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	methods := map[connector.Method]bool{}
	for _, name := range f.Names() {
		c, err := f.Lookup(name)
		if err != nil {
			t.Errorf("Lookup(%q) = %v", name, err)
		}
		if err := f.CheckClaims(name); err != nil {
			t.Errorf("CheckClaims(%q) = %v", name, err)
		}
		methods[c.Method] = true
	}
	if len(methods) != len(choices) {
		t.Errorf("the example has %d methods, want %d", len(methods), len(choices))
	}
	for line := range strings.Lines(example) {
		if len(line) > 81 {
			t.Errorf("%q is wider than 80 columns", line)
		}
	}
}

func TestAppendTo(t *testing.T) {
	draftOf := func(old string) *draft {
		f, err := connector.Parse("f", []byte(old))
		if err != nil {
			t.Fatal(err)
		}
		return &draft{file: f, name: "a.b", fields: []draftField{{"auth_method", "implicit"}, {"allow_implicit_auth_methods", "true"}, {"region", "eu-central-1"}, {"profile_name", `a "b" \c`}}}
	}
	for _, old := range []string{
		"keystore = \"file\"\n",
		"keystore = \"file\"",                      // no newline at the end
		"# über\r\nkeystore = \"file\"\r\n",        // CRLF
		"\ufeffkeystore = \"file\"\n",              // BOM
		"[defaults]\nregion = \"eu-west-1\"\n\n\n", // blank lines
		"[connectors.x]\nauth_method = \"broken\"\n",
	} {
		text, err := draftOf(old).appendTo([]byte(old))
		if err != nil {
			t.Errorf("appendTo(%q) = %v", old, err)
			continue
		}
		if !strings.HasPrefix(string(text), old) {
			t.Errorf("appendTo(%q) = %q, which changes what was there", old, text)
		}
		added := string(text)[len(old):]
		if strings.Contains(old, "\r\n") != strings.Contains(added, "\r\n") || strings.Count(added, "\r") > 0 && strings.Count(added, "\r") != strings.Count(added, "\n") {
			t.Errorf("appendTo(%q) mixes line ends: %q", old, added)
		}
		f, err := connector.Parse("f", text)
		if err != nil {
			t.Fatal(err)
		}
		c, err := f.Lookup("a.b")
		if err != nil || c.Profile != `a "b" \c` || !c.AllowImplicit || c.Region != "eu-central-1" {
			t.Errorf("after appendTo(%q) the connector is %+v, %v", old, c, err)
		}
	}
	d := draftOf("")
	d.set("role_arn", "arn:aws-cn:iam::123456789012:role/r")
	if text, err := d.appendTo(nil); err == nil {
		t.Errorf("appendTo of a role in another partition = %q, want an error", text)
	}
}
