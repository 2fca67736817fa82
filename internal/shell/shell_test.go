package shell

import (
	"encoding/json"
	"strings"
	"testing"

	"aws-connector/internal/secret"
)

func TestOf(t *testing.T) {
	for path, want := range map[string]string{
		"/bin/bash": Bash, "/usr/bin/zsh": Zsh, "/usr/local/bin/fish": Fish, "/bin/dash": Sh, "/bin/ksh": Sh, "/bin/tcsh": Sh, "/opt/pwsh": PowerShell,
		`pwsh.exe`: PowerShell, "/usr/bin/bash.exe": Bash, "": Sh, "cmd": Sh, "fish/": Fish, "json": Sh, "BASH": Bash,
	} {
		if got := Of(path, "linux"); got != want {
			t.Errorf("Of(%q) = %q, want %q", path, got, want)
		}
	}
	if got := Of("", "windows"); got != PowerShell {
		t.Errorf("on Windows it is %q", got)
	}
}

func TestText(t *testing.T) {
	values := []string{"plain+/=", "it's", `a "b" $c`, "two\nlines", `back\slash`, "`x`", "100%", "", "‘curly’"}
	unsaid := "-"
	for language, want := range map[string][]string{
		Sh:         {"export V='plain+/=';\n", `export V='it'\''s';` + "\n", "export V='a \"b\" $c';\n", "export V='two\nlines';\n", "export V='back\\slash';\n", "export V='`x`';\n", "export V='100%';\n", "export V='';\n", "export V='‘curly’';\n"},
		Fish:       {"set -gx V 'plain+/=';\n", `set -gx V 'it\'s';` + "\n", "set -gx V 'a \"b\" $c';\n", "set -gx V 'two\nlines';\n", "set -gx V 'back\\\\slash';\n", "set -gx V '`x`';\n", "set -gx V '100%';\n", "set -gx V '';\n", "set -gx V '‘curly’';\n"},
		PowerShell: {"$env:V = 'plain+/=';\n", "$env:V = 'it''s';\n", "$env:V = 'a \"b\" $c';\n", "$env:V = 'two\nlines';\n", "$env:V = 'back\\slash';\n", "$env:V = '`x`';\n", "$env:V = '100%';\n", "$env:V = '';\n", "$env:V = '‘‘curly’’';\n"},
		Cmd:        {"set \"V=plain+/=\"\r\n", "set \"V=it's\"\r\n", unsaid, unsaid, "set \"V=back\\slash\"\r\n", "set \"V=`x`\"\r\n", unsaid, "set \"V=\"\r\n", "set \"V=‘curly’\"\r\n"},
		Dotenv:     {"V=plain+/=\n", "V=\"it's\"\n", "V='a \"b\" $c'\n", unsaid, unsaid, "V='`x`'\n", "V=100%\n", "V=''\n", "V='‘curly’'\n"},
	} {
		for i, value := range values {
			got, err := Text(language, []Variable{{"V", secret.New(value)}}, nil)
			if err != nil {
				got = unsaid
				if value != "" && strings.Contains(err.Error(), value) {
					t.Errorf("%s: the error shows the value: %v", language, err)
				}
			}
			if got != want[i] {
				t.Errorf("%s: Text(%q) = %q, want %q", language, value, got, want[i])
			}
		}
		if _, err := Text(language, []Variable{{"V", secret.New("a\x00b")}}, nil); err == nil {
			t.Errorf("%s: a NUL byte is taken", language)
		}
	}
}

func TestGone(t *testing.T) {
	one := []Variable{{"A", secret.New("1")}}
	for language, want := range map[string]string{
		Bash:       "unset B;\nexport A='1';\n",
		Fish:       "set -eg B;\nset -qU B; and echo 'aws-connector: B is a universal variable, and stays; set -eU B erases it for ever' >&2;\nset -gx A '1';\n",
		PowerShell: "Remove-Item Env:B -ErrorAction Ignore;\n$env:A = '1';\n",
		Cmd:        "set \"B=\"\r\nset \"A=1\"\r\n",
		Dotenv:     "A=1\n",
		JSON:       "{\"A\":\"1\"}\n",
	} {
		if got, err := Text(language, one, []string{"B"}); got != want || err != nil {
			t.Errorf("%s: Text = %q, %v, want %q", language, got, err, want)
		}
	}
	for language, want := range map[string]string{
		Zsh: "unset A;\n", Fish: "set -eg A;\n", PowerShell: "Remove-Item Env:A -ErrorAction Ignore;\n", Cmd: "set \"A=\"\r\n", Dotenv: "", JSON: "", GitHubActions: "",
	} {
		got, err := Reset(language, []string{"A"})
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%s: Reset = %q, %v, want %q", language, got, err, want)
		}
	}
}

func TestObject(t *testing.T) {
	want := map[string]string{"A": "\"\\\n<é\u202e", "B": "2"}
	text, err := Text(JSON, []Variable{{"A", secret.New(want["A"])}, {"B", secret.New(want["B"])}}, nil)
	var got map[string]string
	if err != nil || json.Unmarshal([]byte(text), &got) != nil || len(got) != 2 || got["A"] != want["A"] || got["B"] != want["B"] {
		t.Errorf("the object is %q, %v", text, err)
	}
}

func TestGitHub(t *testing.T) {
	if got := Mask(secret.New("50%\r\n::x")); got != "::add-mask::50%25%0D%0A::x\n" {
		t.Errorf("Mask = %q", got)
	}
	got := GitHubFile([]Variable{{"A", secret.New("1")}, {"B", secret.New("two\nlines=")}}, "mark")
	if want := "A<<mark\n1\nmark\nB<<mark\ntwo\nlines=\nmark\n"; got != want {
		t.Errorf("GitHubFile = %q, want %q", got, want)
	}
}
