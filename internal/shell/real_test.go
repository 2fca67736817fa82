package shell

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"aws-connector/internal/secret"
)

// evaluations are how real shells take the text, which is their standard input.
var evaluations = map[string]struct {
	language string
	argv     []string
}{
	"sh":            {Sh, []string{"sh", "-euc", `eval "$(cat)"; exec env -0`}},
	"dash":          {Sh, []string{"dash", "-euc", `eval "$(cat)"; exec env -0`}},
	"bash":          {Bash, []string{"bash", "-euc", `eval "$(cat)"; exec env -0`}},
	"interactively": {Bash, []string{"bash", "--norc", "--noprofile", "-c", `set -H; set -o history; eval "$(cat)"; exec env -0`}},
	"zsh":           {Zsh, []string{"zsh", "-feuc", `eval "$(cat)"; exec env -0`}},
	"zsh, rcquotes": {Zsh, []string{"zsh", "-feuc", `setopt rcquotes banghist; eval "$(cat)"; exec env -0`}},
	"fish":          {Fish, []string{"fish", "--no-config", "-c", `source; exec env -0`}},
	"pwsh":          {PowerShell, []string{"pwsh", "-NoProfile", "-NonInteractive", "-Command", `[Console]::In.ReadToEnd() | Invoke-Expression; & env -0`}},
}

// A shell that is there gives each value on as it was, and takes out what is to go.
// $SHELLS names those that have to be there.
func TestRealShells(t *testing.T) {
	nasty := []string{"", " ", "'", `"`, `\`, "$HOME", "`id`", "$(id)", "!!", "!x", "%PATH%", "two\nlines", "\n", "ends with\n\n", "a\tb\r", "''", `'\''`, `\'`, `\\`, `"'"`, "‘’‚‛“”", "#x", "~", "*", "{a,b}", "-n", "=ls", ";x", "a&b|c<d>e", "é\u202e", "\x01\x1b[0m"}
	const alphabet = "'\"\\$`!%\n ;&|(){}<>#~*?=-abé‘’"
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		var b strings.Builder
		for range 1 + random.IntN(12) {
			b.WriteRune([]rune(alphabet)[random.IntN(len([]rune(alphabet)))])
		}
		nasty = append(nasty, b.String())
	}
	for name, shell := range evaluations {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(shell.argv[0]); err != nil {
				if slices.Contains(strings.Fields(os.Getenv("SHELLS")), shell.argv[0]) {
					t.Fatal(err)
				}
				t.Skip(err)
			}
			var set []Variable
			want := map[string]string{}
			for i, value := range nasty {
				if shell.language == PowerShell && value == "" {
					continue // it has no empty variables
				}
				name := fmt.Sprintf("V%d", i)
				set, want[name] = append(set, Variable{name, secret.New(value)}), value
			}
			text, err := Text(shell.language, set, []string{"VGONE", "VNEVER"})
			if err != nil {
				t.Fatal(err)
			}
			check(t, shell.argv, text, want)
			names := slices.Collect(maps.Keys(want))
			if text, err = Reset(shell.language, append(names, "VGONE")); err != nil {
				t.Fatal(err)
			}
			check(t, shell.argv, text, map[string]string{}, "V1=x", "V2=y\nz")
		})
	}
}

func check(t *testing.T, argv []string, text string, want map[string]string, environ ...string) {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(environ, "HOME="+t.TempDir(), "PATH="+os.Getenv("PATH"), "VGONE=x", "LC_ALL=C.UTF-8")
	var said bytes.Buffer
	cmd.Stdin, cmd.Stderr = strings.NewReader(text), &said
	out, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Errorf("ended with %v: %s", err, &said)
	}
	got := map[string]string{}
	for entry := range strings.SplitSeq(string(out), "\x00") {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "V") && name != "VERSION" {
			got[name] = value
		}
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%q arrived as %q", value, got[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d variables are there, want %d", len(got), len(want))
	}
}
