package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/txtar"
)

// A person who knows AWS but not this program can act on what it says of a mistake
// in a file, a variable or a command line: where it is, what is wrong, what to do.
//
// testdata/mistakes has a table in each file. A case begins with "== NAME"; lines
// "env NAME=VALUE", "key NAME" for a key that is stored and "$ COMMAND" follow, or
// "2> COMMAND" for what it says on standard error alone, then
// the files of a home, of which connectors.toml is read, and in "want" the exact
// message with the exit status. ⟨ff fe⟩ in a file stands for those bytes, and a name
// that ends in .utf16le or .utf16be is written so.
//
// UPDATE_MISTAKES=1 writes the messages, to be read.
func TestMistakes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("paths and the system's errors read in another way there")
	}
	tables, err := filepath.Glob("testdata/mistakes/*.txt")
	if err != nil || len(tables) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	all := 0
	for _, path := range tables {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var written strings.Builder
		for _, c := range strings.Split("\n"+string(text), "\n== ")[1:] {
			all++
			name, body, _ := strings.Cut(c, "\n")
			a := txtar.Parse([]byte(body))
			if len(a.Files) == 0 || a.Files[len(a.Files)-1].Name != "want" {
				t.Fatalf("%s: %s has no message", path, name)
			}
			want := &a.Files[len(a.Files)-1]
			got := mistaken(t, string(a.Comment), a.Files[:len(a.Files)-1])
			if strings.TrimSpace(string(want.Data)) != strings.TrimSpace(got) && os.Getenv("UPDATE_MISTAKES") == "" {
				t.Errorf("%s: %s: it says\n%swant\n%s", path, name, got, want.Data)
			}
			if strings.Contains(got, "CANARY") || len(got) > 2100 || strings.Contains(got, "not valid TOML") {
				t.Errorf("%s: %s: a secret, too long, or without words: %s", path, name, got)
			}
			want.Data = []byte(got + "\n")
			written.WriteString("== " + name + "\n" + string(txtar.Format(a)))
		}
		if os.Getenv("UPDATE_MISTAKES") != "" {
			if err := os.WriteFile(path, []byte(written.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if all < 80 {
		t.Errorf("%d mistakes", all)
	}
}

// mistaken runs a case and returns what it says.
func mistaken(t *testing.T, script string, files []txtar.File) string {
	t.Helper()
	home := t.TempDir()
	env := []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home + "/.config", "XDG_CACHE_HOME=" + home + "/.cache", "AWS_CONNECTOR_CONFIG=" + home + "/connectors.toml",
		"AWS_CONNECTOR_PASSPHRASE_FILE=" + home + "/passphrase", "AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL=http://127.0.0.1:1", "GORACE=" + goRace, "PATH=" + os.Getenv("PATH")}
	put := func(name string, data []byte) {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("passphrase", []byte("correct horse\n"))
	for _, f := range files {
		name, data := encoded(f)
		put(name, data)
	}
	var said string
	for line := range strings.Lines(script) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "env":
			env = append(env, strings.ReplaceAll(rest, "HOME", home))
		case "key":
			saying(t, home, env, fmt.Sprintf(`{"AccessKeyId":%q,"SecretAccessKey":%q}`, accessKeyID, secretKey), "aws-connector", "key", "add", rest, "--stdin")
		case "$":
			said = saying(t, home, env, "", strings.Fields(rest)...)
		case "2>":
			env = append(env, "STDERR=alone")
			said = saying(t, home, env, "", strings.Fields(rest)...)
		}
	}
	return said
}

func saying(t *testing.T, home string, env []string, stdin string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = home, env, strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if slices.Contains(env, "STDERR=alone") {
		out.Reset()
	}
	return strings.ReplaceAll(fmt.Sprintf("%s%s[exit status %d]", out.String(), errs.String(), cmd.ProcessState.ExitCode()), home, "~")
}

var bytesIn = regexp.MustCompile(`⟨([0-9a-f ]+)⟩`)

func encoded(f txtar.File) (name string, data []byte) {
	text := bytesIn.ReplaceAllStringFunc(string(f.Data), func(s string) string {
		b, _ := hex.DecodeString(strings.ReplaceAll(strings.Trim(s, "⟨⟩"), " ", ""))
		return string(b)
	})
	for _, order := range []string{".utf16le", ".utf16be"} {
		if name, ok := strings.CutSuffix(f.Name, order); ok {
			for _, u := range utf16.Encode([]rune(text)) {
				low, high := byte(u), byte(u>>8)
				if order == ".utf16be" {
					low, high = high, low
				}
				data = append(data, low, high)
			}
			return name, data
		}
	}
	return f.Name, []byte(text)
}
