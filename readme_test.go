//go:build !windows

package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aws-connector/internal/connector"
	"aws-connector/internal/fakeaws"

	"github.com/rogpeppe/go-internal/testscript"
)

// block is a fenced block of a document.
type block struct{ where, language, text string }

var fence = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

func blocksOf(t *testing.T, name string) []block {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var all []block
	for _, at := range fence.FindAllSubmatchIndex(text, -1) {
		where := fmt.Sprintf("%s:%d", name, strings.Count(string(text[:at[0]]), "\n")+1)
		all = append(all, block{where, string(text[at[2]:at[3]]), string(text[at[4]:at[5]])})
	}
	if n := strings.Count(string(text), "\n```"); n != 2*len(all) || n == 0 {
		t.Fatalf("%s has %d fences, in %d blocks that can be run", name, n, len(all))
	}
	return all
}

// answers are what is typed where a command of a session asks. There is no keyring.
var answers = map[string]string{
	"aws-connector init": "1\neu-central-1\narn:aws:iam::123456789012:role/Deploy\n\ny\nmain\n" + accessKeyID + "\n" + secretKey + "\n\n\n",
}

// Every block of the README is tried, in its order and in one home: commands are
// run, with doubles of the clients that they name, connectors are read, and what is
// shown is what is printed, but for what … stands for.
func TestREADME(t *testing.T) {
	t.Parallel()
	var script strings.Builder
	script.WriteString("registries 123456789012.dkr.ecr.eu-central-1.amazonaws.com\n")
	files := map[string]string{}
	for _, b := range blocksOf(t, "README.md") {
		fmt.Fprintf(&script, "# %s\n", b.where)
		switch b.language {
		case "sh":
			runBlock(&script, files, b.text)
		case "console":
			runSession(&script, files, b.text)
		case "toml":
			name := fmt.Sprintf("connectors%d", len(files))
			files[name] = b.text
			fmt.Fprintf(&script, "addtoml %s\n", name)
		case "ini", "powershell":
			// Checked below.
		default:
			t.Errorf("%s: a block of %q cannot be tried", b.where, b.language)
		}
	}
	var text strings.Builder
	text.WriteString(script.String())
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&text, "-- %s --\n%s", name, files[name])
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "readme.txtar")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Files: []string{path}, Setup: readmeSetup, Cmds: map[string]func(*testscript.TestScript, bool, []string){"addtoml": addTOML, "freshhome": freshHome, "output": output, "registries": registries}})
}

// readmeSetup is setup without what only tests need, and with doubles of the
// clients, first on the PATH, and of the source that is installed.
func readmeSetup(env *testscript.Env) error {
	if err := setup(env); err != nil {
		return err
	}
	server := env.Values["aws"].(*fakeaws.Server)
	server.AddBucket(fakeaws.Bucket{Account: "123456789012", Region: "eu-central-1", Name: "quarterly-reports"})
	server.AddCluster(fakeaws.Cluster{Account: "123456789012", Region: "eu-central-1", Name: "prod", Endpoint: "https://prod.eks.example", CertificateAuthority: "authority"})
	for _, name := range []string{"AWS_CONNECTOR_CONFIG", "AWS_CONNECTOR_CACHE_DIR", "XDG_CONFIG_HOME", "DBUS_SESSION_BUS_ADDRESS"} {
		env.Setenv(name, "")
	}
	doubles := filepath.Join(env.WorkDir, "doubles")
	if err := os.Mkdir(doubles, 0o700); err != nil {
		return err
	}
	for _, name := range []string{"aws", "docker", "kubectl", "terraform", "op", "git"} {
		text := fmt.Sprintf("#!/bin/sh\nexec double %s \"$@\"\n", name)
		if err := os.WriteFile(filepath.Join(doubles, name), []byte(text), 0o700); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(doubles, "go"), []byte(strings.Replace(fakeGo, "\n", "\ncase \"$*\" in \"run ./internal/demo\" | \"test ./...\") exit ;; esac\n", 1)), 0o700); err != nil {
		return err
	}
	env.Setenv("PATH", doubles+":"+env.Getenv("PATH"))
	env.Setenv("TOLD", filepath.Join(env.WorkDir, "told"))
	script, err := os.ReadFile("install.sh")
	return errors.Join(err, os.WriteFile(filepath.Join(env.WorkDir, "install.sh"), script, 0o700),
		os.WriteFile(filepath.Join(env.WorkDir, "go.mod"), []byte("module aws-connector\n"), 0o600))
}

// freshHome: another home, with the connectors of the one before and nothing else.
func freshHome(ts *testscript.TestScript, neg bool, args []string) {
	old, fresh := ts.Getenv("HOME"), ts.MkAbs("fresh")
	connectors, err := os.ReadFile(filepath.Join(old, ".config", "aws-connector", "connectors.toml"))
	ts.Check(err)
	if neg || len(args) > 0 {
		ts.Fatalf("usage: freshhome")
	}
	dir := filepath.Join(fresh, ".config", "aws-connector")
	text := strings.Replace(string(connectors), "keystore = \"file\"\n", "", 1)
	ts.Check(errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "connectors.toml"), []byte(text), 0o600)))
	for _, name := range []string{"HOME", "XDG_CACHE_HOME"} {
		ts.Setenv(name, fresh)
	}
}

var tableHeader = regexp.MustCompile(`(?m)^\[.*$`)

// addTOML BLOCK: connectors.toml has what the block shows: its keys at the top, and
// its tables in the place of those of the same name.
func addTOML(ts *testscript.TestScript, neg bool, args []string) {
	add := ts.ReadFile(args[0])
	path := filepath.Join(ts.Getenv("HOME"), ".config", "aws-connector", "connectors.toml")
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) || neg {
		ts.Fatalf("addtoml: %v", err)
	}
	first := tableHeader.FindStringIndex(add)
	if first == nil {
		first = []int{len(add)}
	}
	text := add[:first[0]] + string(old)
	for _, table := range tablesOf(add[first[0]:]) {
		header, _, _ := strings.Cut(table, "\n")
		for _, before := range tablesOf(text) {
			if strings.HasPrefix(before, strings.TrimSpace(header)) {
				text = strings.Replace(text, before, "", 1)
			}
		}
		text += "\n" + table
	}
	ts.Check(os.WriteFile(path, []byte(text), 0o600))
}

func tablesOf(text string) []string {
	var all []string
	at := tableHeader.FindAllStringIndex(text, -1)
	for i := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		all = append(all, text[at[i][0]:end])
	}
	return all
}

// output PATTERN: the last command printed it, on whichever stream.
func output(ts *testscript.TestScript, neg bool, args []string) {
	both := ts.ReadFile("stdout") + ts.ReadFile("stderr")
	if !regexp.MustCompile(args[0]).MatchString(both) || neg {
		ts.Fatalf("%q is not in what was printed:\n%s", args[0], both)
	}
}

// Connectors that a document shows are right, and so are its profiles.
func TestDocumentedConnectors(t *testing.T) {
	for _, name := range documents(t) {
		for _, b := range blocksOf(t, name) {
			if b.language != "toml" {
				continue
			}
			text := "[defaults]\nregion = \"eu-central-1\"\n" + b.text
			if strings.Contains(b.text, "[defaults]") || !strings.HasPrefix(strings.TrimSpace(b.text), "[") {
				text = b.text // what stands at the top, or has defaults of its own
			}
			f, err := connector.Parse(b.where, []byte(text))
			if err != nil {
				t.Errorf("%s: %v", b.where, err)
				continue
			}
			for _, name := range f.Names() {
				if _, err := f.Lookup(name); err != nil {
					t.Errorf("%s: %v", b.where, err)
				}
			}
		}
	}
}

func documents(t *testing.T) []string {
	t.Helper()
	docs, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(docs, "README.md")
}

// The README stays short enough to be read.
func TestREADMEIsShort(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n > 250 {
		t.Errorf("README.md has %d lines, want 250 at most: longer explanations belong to docs/ and help", n)
	}
}

// runBlock runs a block as one script, in a home of its own if that is about a
// machine of its own, and keeps the variables that it exports.
func runBlock(script *strings.Builder, files map[string]string, text string) {
	name := fmt.Sprintf("block%d.sh", len(files))
	files[name] = text
	if strings.Contains(text, "keystore use file") {
		script.WriteString("freshhome\n")
	}
	fmt.Fprintf(script, "exec sh -eu $WORK/%s\n", name)
	for line := range strings.Lines(text) {
		if set, ok := strings.CutPrefix(strings.TrimSpace(line), "export "); ok {
			name, value, _ := strings.Cut(set, "=")
			fmt.Fprintf(script, "env %s=%s\n", name, strings.Replace(value, "~/", "${HOME}/", 1))
		}
	}
}

// runLine runs a command, at which is typed what it asks for.
func runLine(script *strings.Builder, files map[string]string, line string) {
	if typed, ok := answers[line]; ok {
		name := fmt.Sprintf("typed%d", len(files))
		files[name] = typed
		fmt.Fprintf(script, "ttyin -stdin %s\n", name)
	}
	fmt.Fprintf(script, "exec sh -euc '%s'\n", strings.ReplaceAll(line, "'", "''"))
}

// runSession runs the commands of a session, and compares what each prints.
func runSession(script *strings.Builder, files map[string]string, text string) {
	for part := range strings.SplitSeq(text, "$ ") {
		line, shown, _ := strings.Cut(part, "\n")
		if line == "" {
			continue
		}
		runLine(script, files, line)
		for want := range strings.Lines(shown) {
			if want = strings.TrimSpace(want); want != "" && want != "…" {
				pattern := strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*")
				pattern = regexp.MustCompile(`\s+`).ReplaceAllString(pattern, `\s+`)
				fmt.Fprintf(script, "output '%s'\n", strings.ReplaceAll(pattern, "'", "''"))
			}
		}
	}
}
