package cli

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"aws-connector/internal/question"

	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "write the topics into testdata")

// run returns what the program prints, called with args.
func run(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	a := App{Stdout: &out, Stderr: &errs}
	if status := a.Run(context.Background(), append([]string{"aws-connector"}, args...)); status != 0 {
		t.Fatalf("aws-connector %s: exit status %d: %s", strings.Join(args, " "), status, errs.String())
	}
	return out.String()
}

func TestTopicsAreAsReviewed(t *testing.T) {
	for _, topic := range topics() {
		got := run(t, "help", topic.name)
		file := filepath.Join("testdata", topic.name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("help %s is not %s; look at it, then go test -update", topic.name, file)
		}
	}
}

// The first screen fits a terminal of 24 rows, with a prompt below, and names
// every command and topic.
func TestFirstScreen(t *testing.T) {
	text := run(t)
	if n := strings.Count(text, "\n"); n > 23 {
		t.Errorf("help has %d lines", n)
	}
	named := map[string]bool{}
	for _, word := range regexp.MustCompile(`[a-z][a-z-]*`).FindAllString(text, -1) {
		named[word] = true
	}
	for _, cmd := range (&App{}).root().Commands() {
		if cmd.IsAvailableCommand() && !named[cmd.Name()] {
			t.Errorf("help does not name %s", cmd.Name())
		}
	}
	for _, topic := range topics() {
		if !named[topic.name] {
			t.Errorf("help does not name topic %s", topic.name)
		}
	}
	for _, again := range [][]string{{"-h"}, {"--help"}, {"help"}} {
		if run(t, again...) != text {
			t.Errorf("%s is another text", again)
		}
	}
}

// Each help text says how it is used, and what a person does most days has examples.
func TestHelpHasExamples(t *testing.T) {
	for _, words := range []string{"check", "configure aws", "configure docker", "configure kube", "console", "doctor", "env", "exec", "get", "key add", "list", "login", "resources", "serve", "show"} {
		text := run(t, append(strings.Fields(words), "-h")...)
		_, examples, found := strings.Cut(text, "\nexamples:\n")
		if !found || !strings.Contains(examples, "aws-connector "+words) {
			t.Errorf("%s -h has no example", words)
		}
		if !strings.Contains(text, "\nusage: aws-connector "+words) {
			t.Errorf("%s -h does not say how it is used", words)
		}
	}
}

// What every command prints when it is asked for help, in both ways.
func TestHelpIsAsReviewed(t *testing.T) {
	var got strings.Builder
	show := func(args ...string) {
		fmt.Fprintf(&got, "$ %s\n%s\n", strings.Join(append([]string{"aws-connector"}, args...), " "), run(t, args...))
	}
	show()
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		words := strings.Fields(cmd.CommandPath())[1:]
		show(append(words, "--help")...)
		show(append([]string{"help"}, words...)...)
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit((&App{}).root())
	file := filepath.Join("testdata", "help.txt")
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("what the commands print for help is not %s; look at it, then go test -update", file)
	}
}

// What takes the name of something completes it.
func TestNamesComplete(t *testing.T) {
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		if strings.Contains(cmd.Use, "NAME") && cmd.ValidArgsFunction == nil {
			t.Errorf("%s completes no name", cmd.CommandPath())
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit((&App{}).root())
}

// Every text fits a terminal of 80 columns.
func TestHelpFits(t *testing.T) {
	texts := map[string]string{}
	for _, topic := range topics() {
		texts[topic.name] = topic.text()
	}
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		words := strings.Fields(cmd.CommandPath())[1:]
		texts[cmd.CommandPath()] = run(t, append(words, "--help")...)
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit((&App{}).root())
	for name, text := range texts {
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if utf8.RuneCountInString(line) > 80 || strings.TrimRight(line, " ") != line || strings.ContainsAny(line, "\t\x1b") {
				t.Errorf("%s: %q is too wide, or has blanks at its end, a tab or a colour", name, line)
			}
		}
	}
}

// The variables that help tells of are those that this package and ambient name. HOME and
// its like are read by package os, PATH by os/exec.
func TestEnvironmentTopicIsComplete(t *testing.T) {
	told := map[string]bool{}
	for _, group := range variables() {
		for _, v := range group.variables {
			for name := range strings.FieldsSeq(v.names) {
				told[name] = true
			}
		}
	}
	named := map[string]bool{"HOME": true, "PATH": true, "XDG_CONFIG_HOME": true, "XDG_CACHE_HOME": true}
	for _, names := range append([][]string{question.Variables()}, variablesOf(sources(t))...) {
		for _, name := range names {
			named[name] = true
			if !told[name] {
				t.Errorf("help environment does not tell of %s", name)
			}
		}
	}
	for name := range told {
		if !named[name] {
			t.Errorf("help environment tells of %s, which nobody reads", name)
		}
	}
	if !named["AWS_CONNECTOR_CONFIG"] || !named["no_proxy"] || !named["AWS_USE_FIPS_ENDPOINT"] {
		t.Fatal("the sources were not read")
	}
}

func variablesOf(files []*ast.File) [][]string {
	var all [][]string
	for _, f := range files {
		all = append(all, variablesIn(f))
	}
	return all
}

func sources(t *testing.T) []*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	ambient, err2 := filepath.Glob("../ambient/*.go")
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	names = append(names, ambient...)
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || name == "variables.go" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

var variableName = regexp.MustCompile(`^([A-Z][A-Z0-9]*(_[A-Z0-9]+)+|https?_proxy|no_proxy|GODEBUG|LANG|LOCALDOMAIN|HOSTALIASES)$`)

// variablesIn returns the strings of a file that are arguments of os.Getenv
// and its like, or have the shape of a variable's name.
func variablesIn(file *ast.File) []string {
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); err == nil && variableName.MatchString(s) {
				all = append(all, s)
			}
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if !ok || len(n.Args) == 0 || !strings.HasSuffix(sel.Sel.Name, "env") && !strings.HasSuffix(sel.Sel.Name, "Env") {
				break
			}
			if lit, ok := n.Args[0].(*ast.BasicLit); ok {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					all = append(all, s)
				}
			}
		}
		return true
	})
	return all
}
