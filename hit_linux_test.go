package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/fakeaws"
	"aws-connector/internal/question"
)

// mostMemory is the most that a hit may have at its peak, in KiB.
const mostMemory = 6_656

// early are the packages of this module that may be initialised before a hit is answered.
var early = []string{"aws-connector/internal/question", "aws-connector/internal/warm", "aws-connector/internal/zone"}

// unavoidable, where the answer is in a file, are packages of others that need nothing but context and time, and
// so are ready before crypto, which needs unicode: paths before "unicode" go first.
var unavoidable = []string{
	"github.com/BurntSushi/toml/internal",
	"github.com/aws/aws-sdk-go-v2/internal/sdk",
	"github.com/aws/aws-sdk-go-v2/internal/timeouts",
}

// heavy tells whether a package has no business to be initialised before a hit is answered.
func heavy(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	switch {
	case slices.Contains(unavoidable, pkg):
		return false
	case first == "aws-connector":
		return !slices.Contains(early, pkg)
	case strings.Contains(first, "."), first == "vendor", first == "net": // other modules
		return true
	}
	return slices.Contains([]string{"encoding/json", "encoding/xml", "regexp", "text/template", "log/slog", "crypto/tls", "crypto/x509"}, pkg)
}

// hits is a home with a connector whose session and token of ECR get cached.
type hits struct {
	program string
	env     []string
}

// hitCalls are what is answered from the cache.
var hitCalls = []struct {
	name, stdin string
	args        []string
}{
	{"get", "", []string{"aws-connector", "get", "deploy"}},
	{"docker get", "123456789012.dkr.ecr.eu-central-1.amazonaws.com", []string{"docker-credential-ecr", "get"}},
}

func newHits(t *testing.T) *hits {
	t.Helper()
	aws := fakeaws.Start()
	t.Cleanup(aws.Close)
	aws.AddUser("arn:aws:iam::123456789012:user/alice", accessKeyID, secretKey)
	aws.AddRole(fakeaws.Role{ARN: "arn:aws:iam::123456789012:role/Deploy"})
	home := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("passphrase", "correct horse\n")
	write("connectors.toml", fmt.Sprintf(`keystore = "file"
[connectors.deploy]
auth_method = "iam-role"
region = "eu-central-1"
endpoint_url = %q
key = "main"
role_arn = "arn:aws:iam::123456789012:role/Deploy"
registries = ["123456789012.dkr.ecr.eu-central-1.amazonaws.com"]
`, aws.URL))
	h := &hits{program: filepath.Join(home, "program")}
	goBuild(t, h.program, ".", "")
	h.env = []string{
		"HOME=" + home, "AWS_CONNECTOR_CONFIG=" + filepath.Join(home, "connectors.toml"), "AWS_CONNECTOR_CACHE_DIR=" + home,
		"AWS_CONNECTOR_PASSPHRASE_FILE=" + filepath.Join(home, "passphrase"), "AWS_EC2_METADATA_DISABLED=true", "NO_PROXY=127.0.0.1",
		"GODEBUG=inittrace=1", // always: a changed environment would be a miss
	}
	key := fmt.Sprintf(`{"AccessKeyId":%q,"SecretAccessKey":%q}`, accessKeyID, secretKey)
	if _, _, err := h.run(h.program, []string{"aws-connector", "key", "add", "main", "--stdin"}, key); err != nil {
		t.Fatalf("key add: %v", err)
	}
	return h
}

// run returns what a program printed on both streams.
func (h *hits) run(program string, args []string, stdin string) (out, errs string, err error) {
	var stdout, stderr bytes.Buffer
	cmd := &exec.Cmd{Path: program, Args: args, Env: h.env, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr}
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}

// initialised returns the packages that are initialised before a hit is answered.
// Files that are younger than two seconds are not trusted, so it asks until there
// are no heavy ones among them, or 20 s have passed.
func (h *hits) initialised(t *testing.T, args []string, stdin string) (all, tooMany []string) {
	t.Helper()
	answer := ""
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		out, trace, err := h.run(h.program, args, stdin)
		if err != nil || out == "" || answer != "" && out != answer {
			t.Fatalf("%v ended with %v and answered %d bytes, first %d: %.500s", args, err, len(out), len(answer), trace)
		}
		all, tooMany, answer = nil, nil, out
		for line := range strings.Lines(trace) {
			if words := strings.Fields(line); len(words) > 1 && words[0] == "init" {
				all = append(all, words[1])
			}
		}
		if tooMany = slices.DeleteFunc(slices.Clone(all), func(p string) bool { return !heavy(p) }); len(tooMany) == 0 || time.Now().After(deadline) {
			return all, tooMany
		}
	}
}

// A hit is answered before what is heavy is initialised, and so in little memory.
// Go initialises packages in an order that an import, or a renamed package, can
// change without anything else being seen.
func TestHitIsAnsweredFirst(t *testing.T) {
	t.Parallel()
	h := newHits(t)
	peak := filepath.Join(t.TempDir(), "peak")
	goBuild(t, peak, "./testdata/bench/peak", "")
	for _, call := range hitCalls {
		all, tooMany := h.initialised(t, call.args, call.stdin)
		if len(all) < 3 {
			t.Errorf("%s: GODEBUG=inittrace=1 tells of %d packages: its form has changed, adapt this test", call.name, len(all))
		}
		if len(tooMany) > 0 {
			t.Errorf("%s: before a hit is answered, %d packages are initialised, and these must not be: %s; see what internal/warm imports, and why it comes first, at its head",
				call.name, len(all), strings.Join(tooMany[:min(len(tooMany), 8)], " "))
			continue
		}
		files, _ := filepath.Glob(filepath.Join(filepath.Dir(h.program), "aws-connector", "*"+question.Suffix))
		if late := slices.IndexFunc(all, func(p string) bool { return p == "os" || p == "unicode" || strings.Contains(p, ".") }); len(files) == 0 && late >= 0 {
			t.Errorf("%s: %s is initialised before an answer that the kernel keeps; see what internal/question imports", call.name, all[late])
		}
		if least := h.peak(t, peak, call.args, call.stdin); least > mostMemory {
			t.Errorf("%s: a hit has %d KiB at its peak, want %d: look for what is allocated or read whole before the answer", call.name, least, mostMemory)
		}
	}
}

// peak returns the least peak memory, in KiB, of many runs: what else the machine
// does makes some larger. Without the trace the environment, and so the session,
// is another one, so it asks until the answer is old enough and takes as little as
// it may, or 20 s have passed.
func (h *hits) peak(t *testing.T, program string, args []string, stdin string) (least int) {
	t.Helper()
	quiet := *h
	quiet.env = slices.DeleteFunc(slices.Clone(h.env), func(v string) bool { return strings.HasPrefix(v, "GODEBUG=") })
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		out, _, err := quiet.run(program, append([]string{"peak", h.program}, args...), stdin)
		var status, kib int
		if _, scanErr := fmt.Sscan(out, &status, &kib); err != nil || scanErr != nil || status != 0 {
			t.Fatalf("peak memory of %v: %v, %v, status %d: %s", args, err, scanErr, status, out)
		}
		if least == 0 || kib < least {
			least = kib
		}
		if least <= mostMemory || time.Now().After(deadline) {
			return least
		}
	}
}

func TestHeavy(t *testing.T) {
	for pkg, want := range map[string]bool{
		"runtime": false, "os": false, "syscall": false, "crypto/internal/fips140/aes": false, "internal/poll": false, "aws-connector/internal/warm": false,
		"net": true, "net/http": true, "encoding/json": true, "github.com/BurntSushi/toml/internal": false, "github.com/BurntSushi/toml": true, "golang.org/x/sys/unix": true, "filippo.io/age": true,
		"vendor/golang.org/x/sys/cpu": true, "aws-connector/internal/cli": true, "aws-connector/cache": true, "aws-connector/internal/warmer": true,
	} {
		if got := heavy(pkg); got != want {
			t.Errorf("heavy(%q) = %t, want %t", pkg, got, want)
		}
	}
}
