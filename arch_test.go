package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// allowed says which packages of this module each of them may import.
var allowed = map[string][]string{
	"":                          {"internal/cli", "internal/tty", "internal/warm"},
	"helper":                    {"cache", "keystore", "internal/ambient", "internal/awsconfig", "internal/connector", "internal/plain", "internal/program", "internal/question", "internal/secret", "internal/totp"},
	"docker":                    {"helper", "internal/connector", "internal/plain", "internal/secret"},
	"keystore":                  {"internal/owned", "internal/plain", "internal/question", "internal/secret", "internal/sshage"},
	"cache":                     {"internal/owned", "internal/question", "internal/warm"},
	"internal/ambient":          {"internal/awsconfig", "internal/charset", "internal/owned", "internal/plain", "internal/secret"},
	"internal/audit":            {"internal/owned", "internal/plain"},
	"internal/rotate":           {"helper", "internal/connector", "internal/secret", "keystore"},
	"internal/cli":              {"cache", "docker", "helper", "keystore", "internal/audit", "internal/awsconfig", "internal/awsvault", "internal/charset", "internal/connector", "internal/console", "internal/consolecsv", "internal/dockerconfig", "internal/doctor", "internal/dotfile", "internal/kube", "internal/kubeconfig", "internal/plain", "internal/program", "internal/question", "internal/resource", "internal/rotate", "internal/secret", "internal/serve", "internal/shell", "internal/totp", "internal/tty"},
	"internal/awsconfig":        {"internal/charset", "internal/secret"},
	"internal/awsvault":         {"internal/awsconfig", "internal/secret"},
	"internal/consolecsv":       {"internal/charset", "internal/secret"},
	"internal/console":          {"helper", "internal/connector", "internal/secret"},
	"internal/charset":          nil,
	"internal/doctor":           {"helper", "keystore", "internal/awsconfig", "internal/connector", "internal/dockerconfig", "internal/dotfile", "internal/owned", "internal/plain", "internal/question"},
	"internal/connector":        {"internal/charset", "internal/zone"},
	"internal/dockerconfig":     {"internal/charset"},
	"internal/dotfile":          {"internal/owned", "internal/plain"},
	"internal/owned":            nil,
	"internal/program":          nil,
	"internal/resource":         {"helper", "internal/connector", "internal/secret"},
	"internal/kube":             {"internal/secret"},
	"internal/kubeconfig":       nil,
	"internal/secret":           nil,
	"internal/serve":            {"helper", "internal/plain", "internal/secret"},
	"internal/sshage":           nil,
	"internal/shell":            {"internal/plain", "internal/secret"},
	"internal/plain":            nil,
	"internal/totp":             {"internal/secret"},
	"internal/question":         nil,
	"internal/warm":             {"internal/question"},
	"internal/tty":              {"internal/secret", "internal/plain"},
	"internal/zone":             nil,
	"internal/fakeaws":          nil,
	"internal/fakeaws/fakeawsd": {"internal/fakeaws"},
	"internal/demo":             {"internal/fakeaws"},
}

// programs have streams, arguments and an exit status of their own. Package warm
// may be all of the program that there is time for.
var programs = []string{"", "internal/fakeaws/fakeawsd", "internal/demo", "internal/warm"}

// only says which file alone may import a module or package.
var only = map[string]string{
	"github.com/aws/aws-sdk-go-v2/config": "",                   // it runs what a profile says, shows what that prints, and weighs 1.4 MB
	"github.com/zalando/go-keyring":       "keystore/system.go", // it hangs and panics unless guarded
	"github.com/godbus/dbus/v5":           "keystore/probe_bus.go",
	"os/signal":                           "main.go internal/tty/hide_unix.go internal/serve/child.go internal/fakeaws/fakeawsd/main.go",
}

// process are the parts of os that belong to a program's main.
var process = []string{"Stdin", "Stdout", "Stderr", "Args", "Exit"}

func TestArchitecture(t *testing.T) {
	const module = "aws-connector/"
	eachFile(t, func(path, pkg string, file *ast.File) {
		may, known := allowed[pkg]
		if !known {
			t.Errorf("%s: package %q is not in the architecture", path, pkg)
		}
		for _, i := range file.Imports {
			name := strings.Trim(i.Path.Value, `"`)
			if own, ok := strings.CutPrefix(name, module); ok && !slices.Contains(may, own) {
				t.Errorf("%s imports %s", path, own)
			}
			if place, ok := only[name]; ok && !slices.Contains(strings.Fields(place), path) {
				t.Errorf("%s imports %s, which is for %s alone", path, name, place)
			}
		}
	})
}

func TestWhoTouchesTheProcess(t *testing.T) {
	eachFile(t, func(path, pkg string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); !ok || x.Name != "os" {
				return true
			}
			if slices.Contains(process, sel.Sel.Name) && !slices.Contains(programs, pkg) {
				t.Errorf("%s uses os.%s", path, sel.Sel.Name)
			}
			if strings.HasSuffix(sel.Sel.Name, "env") || sel.Sel.Name == "Environ" {
				if pkg != "internal/cli" && pkg != "internal/demo" {
					t.Errorf("%s reads the environment with os.%s", path, sel.Sel.Name)
				}
			}
			return true
		})
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "init" && f.Recv == nil {
				t.Errorf("%s has an init", path)
			}
		}
	})
}

// Regular expressions that are compiled when the program starts would cost a hit
// more than everything else.
func TestNothingIsCompiledAtStart(t *testing.T) {
	eachFile(t, func(path, pkg string, file *ast.File) {
		for _, d := range file.Decls {
			vars, ok := d.(*ast.GenDecl)
			if !ok || strings.HasPrefix(pkg, "internal/fakeaws") {
				continue
			}
			ast.Inspect(vars, func(n ast.Node) bool {
				if _, later := n.(*ast.FuncLit); later {
					return false
				}
				if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "MustCompile" {
					t.Errorf("%s compiles a regular expression at the start", path)
				}
				return true
			})
		}
	})
}

// A template that is set for cobra, or a method that is looked up by a name, makes
// the linker keep every exported method: a sixth of the program.
func TestMethodsThatAreNotCalledAreNotLinked(t *testing.T) {
	eachFile(t, func(path, pkg string, file *ast.File) {
		for _, i := range file.Imports {
			if name := strings.Trim(i.Path.Value, `"`); strings.HasSuffix(name, "/template") {
				t.Errorf("%s imports %s", path, name)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains([]string{"SetHelpTemplate", "SetUsageTemplate", "SetVersionTemplate", "MethodByName"}, sel.Sel.Name) {
				t.Errorf("%s calls %s", path, sel.Sel.Name)
			}
			return true
		})
	})
}

// eachFile parses every Go file that is not a test.
func eachFile(t *testing.T, visit func(path, pkg string, file *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || path != "." && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		pkg := strings.TrimSuffix(path[:strings.LastIndex("/"+path, "/")], "/")
		visit(path, pkg, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
