package question_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aws-connector/internal/question"
)

func TestFormOf(t *testing.T) {
	for _, test := range []struct {
		args       string
		form, name string
	}{
		{"aws-connector get deploy", "get", "deploy"},
		{"/usr/bin/aws-connector get a.b_c-1", "get", "a.b_c-1"},
		{"aws-connector docker get", "docker", ""},
		{"docker-credential-ecr get", "docker", ""},
		{"/a/docker-credential-ecr-login get", "docker", ""},
		{"aws-connector kube-token", "kube-token", ""},
		{"aws-connector kube-token k --cluster c", "kube-token", ""},
		{"aws-connector -v kube-token", "", ""},
		{"docker-credential-ecr kube-token", "", ""},
		{"aws-connector kube-token", "kube-token", ""},
		{"aws-connector kube-token k --cluster c", "kube-token", ""},
		{"aws-connector -v kube-token", "", ""},
		{"docker-credential-ecr kube-token", "", ""},
		{"", "", ""},
		{"aws-connector", "", ""},
		{"aws-connector get", "", ""},
		{"aws-connector get -v", "", ""},
		{"aws-connector get --help", "", ""},
		{"aws-connector -v get deploy", "", ""},
		{"aws-connector get deploy -v", "", ""},
		{"aws-connector get ../deploy", "", ""},
		{"aws-connector get .deploy", "", ""},
		{"aws-connector get a/b", "", ""},
		{"aws-connector get " + strings.Repeat("a", 65), "", ""},
		{"aws-connector show deploy", "", ""},
		{"aws-connector docker store", "", ""},
		{"aws-connector docker get x", "", ""},
		{"docker-credential-ecr get deploy", "", ""},
		{"docker-credential-ecr list", "", ""},
		{"/a/docker-credential-ecr/ get deploy", "", ""},
		{"docker-credential-ecr docker get", "", ""},
	} {
		form, name, ok := question.FormOf(strings.Fields(test.args))
		if form, name = only(ok, form), only(ok, name); ok != (test.form != "") || form != test.form || name != test.name {
			t.Errorf("%q: %q of %q, %t, want %q of %q", test.args, form, name, ok, test.form, test.name)
		}
	}
}

func only(ok bool, s string) string {
	if !ok {
		return ""
	}
	return s
}

// A path that package filepath would change is left to the ordinary path.
func TestClean(t *testing.T) {
	for _, path := range []string{"/a", "/a/b.c", "/a b/ä"} {
		if !question.Clean(path) || filepath.Clean(path) != path {
			t.Errorf("%q is clean", path)
		}
	}
	for _, path := range []string{"", "/", "a", "~/a", "./a", "/a/", "//a", "/a//b", "/a/./b", "/a/../b", "/..", "/a/."} {
		if question.Clean(path) {
			t.Errorf("%q is not clean", path)
		}
	}
}

// What these packages import is initialised before every answer.
func TestImports(t *testing.T) {
	for dir, allowed := range map[string]string{
		".":       "errors hash/fnv runtime strconv syscall time unsafe",
		"../warm": "bytes crypto/aes crypto/cipher errors io math os strconv strings syscall time aws-connector/internal/question",
	} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range f.Imports {
				path := strings.Trim(i.Path.Value, `"`)
				elsewhere := strings.HasSuffix(name, "_darwin.go") || strings.HasSuffix(name, "_windows.go") || strings.HasSuffix(name, "_other.go")
				if !slices.Contains(strings.Fields(allowed), path) && !(elsewhere && (path == "os" || strings.HasPrefix(path, "golang.org/x/sys/"))) {
					t.Errorf("%s imports %s", name, path)
				}
			}
		}
	}
}
