//go:build linux || darwin

package question_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/cli"
	"aws-connector/internal/fakeaws"
	"aws-connector/internal/question"
	"aws-connector/internal/tty"
	"aws-connector/internal/warm"

	"golang.org/x/sys/unix"
)

const (
	aliceKey = `{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMIK7MDENG"}`
	bobKey   = `{"AccessKeyId":"AKIABOBBOBBOBBOBBOBB","SecretAccessKey":"bobsSecretAccessKey1"}`
	host     = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
)

// stage is a home with all that an answer depends on.
type stage struct {
	*testing.T
	home, config string
	aws          *fakeaws.Server
	hits         int
}

func newStage(t *testing.T) *stage {
	s := &stage{T: t, home: t.TempDir(), aws: fakeaws.Start()}
	t.Cleanup(s.aws.Close)
	s.aws.AddUser("arn:aws:iam::123456789012:user/alice", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMIK7MDENG")
	s.aws.AddUser("arn:aws:iam::123456789012:user/bob", "AKIABOBBOBBOBBOBBOBB", "bobsSecretAccessKey1")
	for _, role := range []string{"Deploy", "Devops"} {
		s.aws.AddRole(fakeaws.Role{ARN: "arn:aws:iam::123456789012:role/" + role})
	}
	for _, v := range append(question.Variables(), "AWS_CONNECTOR_LOG", "AWS_CONNECTOR_CHAIN", "KUBERNETES_EXEC_INFO", "AWS_CONNECTOR_CONFIG", "AWS_CONNECTOR_CACHE_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME") {
		t.Setenv(v, "")
	}
	t.Setenv("HOME", s.home)
	t.Setenv("AWS_ENDPOINT_URL", s.aws.URL)
	t.Setenv("AWS_CONNECTOR_CONFIG", filepath.Join(s.home, "connectors.toml"))
	t.Setenv("AWS_CONNECTOR_CACHE_DIR", s.home)
	t.Setenv("AWS_CONNECTOR_PASSPHRASE_FILE", s.write("passphrase", "correct horse\n"))
	s.config = s.write("connectors.toml", variant(0))
	s.write("other.toml", variant(1))
	s.write("bundle.pem", "no certificate\n")
	s.write("printed.json", bobKey)
	s.run(nil, bobKey, "aws-connector", "key", "add", "main", "--stdin")
	if err := os.Rename(filepath.Join(s.home, "keys.age"), filepath.Join(s.home, "bob.age")); err != nil {
		t.Fatal(err)
	}
	s.run(nil, aliceKey, "aws-connector", "key", "add", "main", "--stdin")
	return s
}

// variant returns one of 16 connectors.toml, pairs of which have one size.
func variant(n byte) string {
	role := []string{"Deploy", "Devops"}[n&1]
	text := "keystore = \"file\"\n"
	if n&2 != 0 {
		text += "cache = { seal = \"off\" }\n"
	}
	if n&4 != 0 {
		text += "audit = \"~/audit.log\"\n"
	}
	if n&8 != 0 {
		text += "keys.main.process = [\"sh\", \"-c\", 'cat \"$HOME/printed.json\"']\n"
	}
	return text + fmt.Sprintf(`
[connectors.r]
auth_method = "iam-role"
region = "eu-central-1"
key = "main"
role_arn = "arn:aws:iam::123456789012:role/%s"
registries = ["123456789012"]

[connectors.q]
auth_method = "session-token"
region = "eu-central-1"
key = "main"
`, role)
}

func (s *stage) write(name, text string) string {
	s.Helper()
	path := filepath.Join(s.home, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
	return path
}

// run runs the program in this process.
func (s *stage) run(q *question.Question, stdin string, args ...string) (stdout string, status int) {
	s.Helper()
	var out, errs bytes.Buffer
	app := cli.App{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, Now: time.Now, Question: q,
		Terminal: func() (*tty.Terminal, error) { return nil, tty.ErrNone }}
	status = app.Run(context.Background(), args)
	return out.String(), status
}

var forms = [][]string{{"aws-connector", "get", "r"}, {"aws-connector", "get", "q"}, {"docker-credential-ecr", "get"}, {"aws-connector", "kube-token", "r", "--cluster", "c"}}

// compare asks this package and the ordinary path, which must not differ, and lets
// the ordinary path keep its answer.
func (s *stage) compare(form []string, what string) {
	s.Helper()
	s.stdin(host)
	q := question.Ask(form)
	var text []byte
	hit := false
	if q != nil {
		if text, hit = q.Find(); !hit {
			text, hit = warm.Find(q)
		}
	}
	want, status := s.run(q, host, form...)
	switch {
	case hit && (status != 0 || want != string(text)):
		s.Errorf("%s: %s: an answer of this package, where the ordinary path ends with %d and another one", what, strings.Join(form, " "), status)
	case hit:
		s.hits++
	}
}

// stdin makes text what is on the process's standard input.
func (s *stage) stdin(text string) {
	s.Helper()
	f, err := os.Open(s.write("stdin", text))
	if err != nil {
		s.Fatal(err)
	}
	defer f.Close()
	s.dup(f)
}

// dup makes f the process's standard input.
func (s *stage) dup(f *os.File) {
	s.Helper()
	if err := unix.Dup2(int(f.Fd()), 0); err != nil {
		s.Fatal(err)
	}
}

// files returns those in the cache that have, or have not, the suffix of answers.
func (s *stage) files(answers bool) []string {
	all, _ := filepath.Glob(filepath.Join(s.home, "aws-connector", "*"))
	return slices.DeleteFunc(all, func(path string) bool {
		return strings.HasSuffix(path, question.Suffix) != answers || strings.HasSuffix(path, ".lock") || strings.HasSuffix(path, ".TAG")
	})
}

// change makes one of the changes that somebody may make between two calls.
func (s *stage) change(op, arg byte) string {
	s.Helper()
	name := ""
	try := func(what string, errs ...error) { name = what }
	switch op % 19 {
	case 0:
		try("nothing")
	case 1:
		try("edited in place", os.WriteFile(s.config, []byte(variant(arg%16)), 0o600))
	case 2:
		try("replaced", os.Rename(s.write("new.toml", variant(arg%16)), s.config))
	case 3:
		if info, err := os.Stat(s.config); err == nil {
			try("edited, and the time set back", os.WriteFile(s.config, []byte(variant(arg%16)), 0o600), os.Chtimes(s.config, info.ModTime(), info.ModTime()))
		}
	case 4:
		try("made a link", os.Remove(s.config), os.Symlink("other.toml", s.config))
	case 5:
		try("the other file edited", os.WriteFile(filepath.Join(s.home, "other.toml"), []byte(variant(arg%16)), 0o600))
	case 6:
		all := question.Variables()
		v := all[int(arg)%len(all)]
		value := s.valueOf(v)
		if int(arg) >= len(all) {
			value = ""
		}
		try(v+"="+value, os.Setenv(v, value))
	case 7:
		try("certificates changed")
		s.write("bundle.pem", strings.Repeat("x", int(arg)))
	case 8:
		key := []string{aliceKey, bobKey}[arg&1]
		s.run(nil, key, "aws-connector", "key", "add", "main", "--stdin")
		try("key added")
	case 9:
		s.run(nil, "", "aws-connector", "key", "remove", "main", "--force")
		try("key removed")
	case 10:
		s.run(nil, "", "aws-connector", "cache", "clear")
		try("cache cleared")
	case 11:
		for _, path := range s.files(false) {
			os.Remove(path)
		}
		s.run(nil, "", forms[0]...)
		try("renewed by another process")
	case 12:
		for _, path := range s.files(true) {
			data, err := os.ReadFile(path)
			if err == nil && len(data) > 0 {
				data[int(arg)*len(data)/256] ^= 1 << (arg % 8)
				os.WriteFile(path, data, 0o600)
			}
		}
		try("a bit of the answer turned")
	case 13:
		if all := s.files(true); len(all) > 1 {
			data, _ := os.ReadFile(all[0])
			os.WriteFile(all[1], data, 0o600)
		}
		try("one answer in the place of another")
	case 14:
		try("the directory's mode", os.Chmod(filepath.Join(s.home, "aws-connector"), []os.FileMode{0o700, 0o777, 0o755}[arg%3]))
	case 15:
		try("another keys.age", os.Rename(filepath.Join(s.home, "bob.age"), filepath.Join(s.home, "keys.age")))
	case 16:
		try("the file's mode", os.Chmod(s.config, []os.FileMode{0o600, 0o666, 0o644}[arg%3]))
	case 17:
		info := []string{"", `{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"}`, `{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"}`, "{}"}[arg%4]
		try("KUBERNETES_EXEC_INFO="+info, os.Setenv("KUBERNETES_EXEC_INFO", info))
	case 18:
		s.write("printed.json", []string{aliceKey, bobKey}[arg&1])
		try("another key printed")
	}
	return name
}

// valueOf returns a value of a variable with which AWS can still be reached.
func (s *stage) valueOf(name string) string {
	switch {
	case strings.HasPrefix(name, question.EndpointPrefix):
		return s.aws.URL + "/"
	case slices.Contains(question.Switches[:], name):
		return "false"
	case slices.Contains(question.Proxies[:], name):
		return "127.0.0.1" // which is reached without any
	case name == "GODEBUG":
		return "asyncpreemptoff=1"
	}
	return filepath.Join(s.home, "bundle.pem")
}

// What this package answers is what the ordinary path would.
func FuzzSame(f *testing.F) {
	const tick = 20 * time.Millisecond // more than that of this system's clock of files
	defer question.Settle(tick)()
	for op := range byte(19) {
		f.Add([]byte{0, 0, 0, 0, op, 1, 0, 0, 0, 0})
	}
	f.Add([]byte{0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 3, 1}) // a link, and what it leads to
	variables := []byte{0, 1, 0, 0, 0, 0}
	for v, name := range question.Variables() {
		if name != "AWS_ENDPOINT_URL" {
			variables = append(variables, 6, byte(v), 6, byte(v+len(question.Variables())))
		}
	}
	f.Add(variables)
	f.Add([]byte{0, 1, 1, 8, 0, 0, 0, 0, 0, 0, 18, 0, 0, 0, 1, 0, 0, 0}) // the key of a program, and back
	bundle := byte(slices.Index(question.Variables(), "AWS_CA_BUNDLE"))
	f.Add([]byte{0, 1, 6, bundle + 1, 0, 0, 0, 0, 7, 5}) // SSL_CERT_FILE
	f.Fuzz(func(t *testing.T, ops []byte) {
		s, asked := newStage(t), forms
		if len(ops) > 1 && ops[1]&1 != 0 {
			asked = forms[:1]
		}
		for i := 0; i+1 < min(len(ops), 256); i += 2 {
			time.Sleep(tick + tick/2)
			what := s.change(ops[i], ops[i+1])
			time.Sleep(tick + tick/2)
			for _, form := range asked {
				s.compare(form, fmt.Sprintf("%d: %s", i/2, what))
			}
		}
		for try := 0; len(ops) > 4 && ops[0]|ops[2]|ops[4] == 0 && s.hits == 0 && try < 30; try++ {
			// Another test may have dropped the answers of all of this user's caches.
			for _, form := range asked {
				s.compare(form, "once more")
			}
		}
		if len(ops) > 4 && ops[0]|ops[2]|ops[4] == 0 && s.hits == 0 {
			t.Error("nothing was answered by this package")
		}
	})
}
