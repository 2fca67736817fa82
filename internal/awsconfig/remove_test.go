package awsconfig

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestRemove(t *testing.T) {
	const spare = "[profile deploy]\n" + process + "\nregion = eu-central-1\n" // as a person writes it
	for _, c := range []struct{ before, after, removed string }{
		{"", "", ""},
		{awsConfigure, awsConfigure, ""},
		// A section goes if it is what Set made, and a region if it is what Set gave.
		{made, "", "deploy"},
		{spare, "[profile deploy]\nregion = eu-central-1\n", "deploy"},
		{strings.Replace(made, "region = eu-central-1", "region = us-east-2", 1), "[profile deploy]\nregion = us-east-2\n", "deploy"},
		{strings.Replace(made, "region = ", "region=", 1), "[profile deploy]\nregion=eu-central-1\n", "deploy"},
		{strings.Replace(made, "region = eu-central-1\n", "", 1), "", "deploy"},
		{made + "output = json\n", "[profile deploy]\noutput = json\n", "deploy"},
		{made + "# mine\n", "[profile deploy]\n# mine\n", "deploy"},
		{made + "\n# mine\n", "# mine\n", "deploy"},
		{strings.Replace(made, "]", "] # mine", 1), "[profile deploy] # mine\n", "deploy"},
		{strings.Replace(made, "# made", "#made", 1), "[profile deploy]\n#made by aws-connector with region eu-central-1\nregion = eu-central-1\n", "deploy"},
		{made + "  y\n", "[profile deploy]\nregion = eu-central-1\n  y\n", "deploy"},
		{"[profile deploy]\n" + process + "\n  region = x\n", "[profile deploy]\n  region = x\n", "deploy"},
		{"[profile deploy]\n\n" + process + "\n", "[profile deploy]\n\n", "deploy"},
		{"[profile deploy]\ncredential_process=" + command + "\n", "[profile deploy]\n", "deploy"},
		{"[profile deploy]\nregion = x\n" + process, "[profile deploy]\nregion = x", "deploy"},
		{"[profile deploy]\r\nregion = x\r\n" + process, "[profile deploy]\r\nregion = x", "deploy"},
		// Comments around it stay.
		{"# a\n" + made + "\n# b\n[profile b]\n", "# a\n\n# b\n[profile b]\n", "deploy"},
		{"[profile a]\n" + made + "[profile b]\n", "[profile a]\n[profile b]\n", "deploy"},
		{"[profile deploy]\n" + bare + "\n" + process + "\n[profile x]\n" + bare, "", "deploy x"},
	} {
		got, err := Remove([]byte(c.before), Selection{}, isOurs)
		if err != nil || string(got.Config) != c.after || strings.Join(got.Profiles, " ") != c.removed {
			t.Errorf("Remove(%q) = %q, %q, %v, want %q, %q", c.before, got.Config, got.Profiles, err, c.after, c.removed)
		}
	}
}

// A connector is removed wherever it is, and a profile if it runs the connector.
func TestRemoveSelected(t *testing.T) {
	const file = "[profile work]\ncredential_process = aws-connector get a\n[profile a]\ncredential_process = aws-connector get -v b\n" +
		"[default]\ncredential_process = '/x y/aws-connector' --verbose get a\n[profile c]\ncredential_process = aws-vault export CANARY\n"
	for _, c := range []struct {
		selected Selection
		removed  string
		left     int
		told     string
	}{
		{Selection{}, "work a default", 0, "[]"},
		{Selection{Connectors: []string{"a"}}, "work default", 1, `[line 4: profile "a": credential_process is another command and was left]`},
		{Selection{Connectors: []string{"b"}}, "a", 2, "[]"},
		{Selection{Connectors: []string{"b", "a"}}, "work a default", 0, "[]"},
		{Selection{Connectors: []string{"work"}}, "", 3, `[line 2: profile "work": credential_process is another command and was left]`},
		{Selection{Connectors: []string{"c"}}, "", 3, `[line 8: profile "c": credential_process is another command and was left]`},
		{Selection{Profile: "a"}, "a", 2, "[]"},
		{Selection{Profile: "work", Connectors: []string{"a"}}, "work", 2, `[line 4: profile "a": credential_process is another command and was left]`},
		{Selection{Profile: "work", Connectors: []string{"b"}}, "", 3, `[line 2: profile "work": credential_process is another command and was left]`},
		{Selection{Profile: "c"}, "", 3, `[line 8: profile "c": credential_process is another command and was left]`},
		{Selection{Profile: "none"}, "", 3, "[]"},
	} {
		got, err := Remove([]byte(file), c.selected, isOurs)
		if err != nil || strings.Join(got.Profiles, " ") != c.removed || got.Left != c.left || fmt.Sprint(got.Findings) != c.told {
			t.Errorf("Remove of %+v = %q, %d left, %v, %v, want %q, %d left, %s", c.selected, got.Profiles, got.Left, got.Findings, err, c.removed, c.left, c.told)
		}
		for _, p := range []string{"work", "a", "default", "c"} {
			gone := slices.Contains(strings.Fields(c.removed), p)
			i := slices.IndexFunc(parse(got.Config).sections, func(s section) bool { return s.profile == p })
			if _, ok := parse(got.Config).sections[i].find(processKey); ok == gone {
				t.Errorf("Remove of %+v: profile %s gone: %t", c.selected, p, !ok)
			}
		}
	}
	before := "[profile deploy]\noutput = json\n  " + process + "\n"
	got, err := Remove([]byte(before), Selection{}, isOurs)
	if err != nil || string(got.Config) != before || got.Left != 1 || len(got.Findings) != 1 || got.Findings[0].Kind != OddIndent {
		t.Errorf("Remove of an indented line = %+v, %v", got, err)
	}
}

// A profile that narrows a session is its connector's too, and can be told from others.
func TestRemoveNarrowed(t *testing.T) {
	const file = "[profile a]\ncredential_process = aws-connector get a\n[profile a@s3-bucket/b]\ncredential_process = aws-connector get a --resource-type s3-bucket --resource-id s3://bbb\n" +
		"[profile mine]\ncredential_process = aws-connector get --resource-id=s3://bbb --resource-type=s3-bucket a\n[profile a@s3-bucket]\ncredential_process = aws-connector get a --resource-type s3-bucket\n"
	for _, c := range []struct {
		selected Selection
		removed  string
		left     int
	}{
		{Selection{Connectors: []string{"a"}}, "a a@s3-bucket/b mine a@s3-bucket", 0},
		{Selection{Connectors: []string{"a"}, Narrowed: []Get{{"a", "s3-bucket", "s3://bbb", ""}}}, "a@s3-bucket/b mine", 2},
		{Selection{Connectors: []string{"a"}, Narrowed: []Get{{"a", "s3-bucket", "", ""}}}, "a@s3-bucket", 3},
		{Selection{Connectors: []string{"a"}, Narrowed: []Get{{"a", "s3-bucket", "", "resource"}}}, "", 4},
		{Selection{Connectors: []string{"b"}, Narrowed: []Get{{"a", "s3-bucket", "", ""}}}, "", 4},
	} {
		got, err := Remove([]byte(file), c.selected, isOurs)
		if err != nil || strings.Join(got.Profiles, " ") != c.removed || got.Left != c.left {
			t.Errorf("Remove(%+v) = %q, left %d, %v, want %q, %d", c.selected, got.Profiles, got.Left, err, c.removed, c.left)
		}
	}
}

// What narrows a session is not replaced unasked by what does not, or otherwise.
func TestSetOverNarrowed(t *testing.T) {
	const narrow, other = " --resource-type s3-bucket --resource-id s3://bbb", " --resource-type s3-bucket --resource-id s3://ccc"
	for _, c := range []struct {
		before, after string
		replaced      bool
	}{
		{"/old/aws-connector get a", "/new/aws-connector get a" + narrow, true},
		{"/old/aws-connector get a" + narrow, "/new/aws-connector get a" + narrow, true},
		{"/old/aws-connector get a" + narrow, "/new/aws-connector get a", false},
		{"/old/aws-connector get a" + narrow, "/new/aws-connector get a" + other, false},
		{"/old/aws-connector get a" + narrow, "/new/aws-connector get a" + narrow + " --scope resource", false},
		{"/old/aws-connector get b" + narrow, "/new/aws-connector get a" + narrow, false},
		{"/old/aws-connector get a" + narrow + " -v", "/new/aws-connector get a" + narrow, false},
	} {
		text := []byte("[profile p]\ncredential_process = " + c.before + "\n")
		for _, force := range []bool{false, true} {
			got, err := Set(text, nil, []Profile{{"p", c.after, ""}}, Options{Ours: isOurs, Force: force})
			if replaced := err == nil && strings.Contains(string(got.Config), c.after+"\n"); replaced != (c.replaced || force) {
				t.Errorf("Set(%q) over %q, forced: %t: %v", c.after, c.before, force, err)
			}
		}
	}
}
