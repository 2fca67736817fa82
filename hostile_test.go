package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"aws-connector/internal/fakeaws"
)

// measured PROGRAM ARG…: runs it, and writes into the file $MEASURED how much
// memory it took at most. It is a process of its own because a child's figure
// begins with that of its parent.
func measured() {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		panic(err)
	}
	if err := os.WriteFile(os.Getenv("MEASURED"), []byte(strconv.FormatInt(peak(cmd.ProcessState), 10)), 0o600); err != nil {
		panic(err)
	}
	os.Exit(cmd.ProcessState.ExitCode())
}

const (
	// beyond is how much more memory a command may take against a hostile server
	// than against a good one.
	beyond = 64 << 20
	// patient is longer than any call may last.
	patient = 60 * time.Second

	hostileHost = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
)

// hostileCommands are the commands that talk to servers.
var hostileCommands = [][]string{{"get", "role"}, {"docker", "get"}, {"check", "key"}, {"resources", "key"}, {"doctor"}}

// answered is what a command did.
type answered struct {
	status         int
	stdout, stderr string
	peak           int64
	busy           time.Duration // of the processor, where the system counts a child's
}

// hostileWorld is a home whose connectors call the server at url.
type hostileWorld struct {
	home string
	env  []string
}

func newHostileWorld(t *testing.T, url string) *hostileWorld {
	t.Helper()
	w := &hostileWorld{home: t.TempDir()}
	at := func(name string) string { return filepath.Join(w.home, name) }
	for _, name := range []string{"PATH", "SystemRoot", "TMPDIR", "TMP", "TEMP"} {
		w.env = append(w.env, name+"="+os.Getenv(name))
	}
	w.env = append(w.env, "HOME="+w.home, "USERPROFILE="+w.home, "AppData="+at("config"), "LocalAppData="+at("cache"), "XDG_RUNTIME_DIR="+at("run"),
		"AWS_CONNECTOR_CONFIG="+at("connectors.toml"), "AWS_CONNECTOR_CACHE_DIR="+at("cache"),
		"AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL="+url, "NO_PROXY=127.0.0.1", "GORACE="+goRace, "MEASURED="+at("measured"),
		// No keystore: opening its file takes more memory than all that is measured here.
		"AWS_ACCESS_KEY_ID="+accessKeyID, "AWS_SECRET_ACCESS_KEY="+secretKey, "AWS_CONNECTOR_ENABLE_IMPLICIT_AUTH_METHODS=true")
	text := `[defaults]
region = "eu-central-1"
auth_method = "implicit"
[connectors.role]
role_arn = "arn:aws:iam::123456789012:role/Deploy"
[connectors.key]
[connectors.images]
registries = ["` + hostileHost + `"]
`
	if err := os.WriteFile(at("connectors.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *hostileWorld) run(t *testing.T, stdin string, args ...string) answered {
	t.Helper()
	program, err := exec.LookPath("aws-connector")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "measured", append([]string{program}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = w.home, w.env, strings.NewReader(stdin), &stdout, &stderr
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); ctx.Err() != nil {
		t.Fatalf("%q does not end: %v", args, err)
	}
	size, err := os.ReadFile(filepath.Join(w.home, "measured"))
	if err != nil {
		t.Fatal(err)
	}
	most, err := strconv.ParseInt(string(size), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return answered{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String(), most, cmd.ProcessState.UserTime()}
}

// Whatever a server says, a command ends in time, in little memory, and with a
// line that a person can read.
func TestHostileServers(t *testing.T) {
	t.Parallel() // a server may keep a call waiting for as long as it may last
	aws := fakeaws.Start()
	defer aws.Close()
	aws.AddUser("arn:aws:iam::123456789012:user/alice", accessKeyID, secretKey)
	aws.AddRole(fakeaws.Role{ARN: "arn:aws:iam::123456789012:role/Deploy"})
	good := newHostileWorld(t, aws.URL)
	normal := map[string]int64{}
	for _, args := range hostileCommands {
		got := good.run(t, hostileHost, args...)
		if got.status != 0 && args[0] != "doctor" {
			t.Fatalf("%q fails with a good server: %s%s", args, got.stdout, got.stderr)
		}
		normal[args[0]] = got.peak
	}
	t.Run("servers", func(t *testing.T) {
		for _, h := range hostileServers {
			t.Run(h.name, func(t *testing.T) {
				t.Parallel()
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					io.Copy(io.Discard, r.Body) // only then the server sees the client go
					h.handler(w, r)
				}))
				t.Cleanup(server.Close)
				w := newHostileWorld(t, server.URL)
				for _, args := range hostileCommands {
					if h.only != "" && h.only != args[0] {
						continue
					}
					w.judge(t, h, args, normal[args[0]])
				}
			})
		}
	})
}

func (w *hostileWorld) judge(t *testing.T, h hostileServer, args []string, normal int64) {
	t.Helper()
	got := w.run(t, hostileHost, args...)
	all := got.stdout + got.stderr
	if more := got.peak - normal; more > beyond && !raced {
		t.Errorf("%q takes %d MB more than with a good server", args, more>>20)
	}
	if strings.Contains(all, "panic") || strings.Contains(all, "goroutine") || strings.Contains(all, "CANARY") {
		t.Errorf("%q prints a trace or a secret:\n%s", args, all)
	}
	if strings.ContainsFunc(all, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) || len(all) > 8192 {
		t.Errorf("%q prints %d bytes that are not all for a terminal: %.300q", args, len(all), all)
	}
	switch args[0] {
	case "get":
		if got.status != h.status || got.stdout != "" || !strings.HasPrefix(got.stderr, `aws-connector: connector "role": AssumeRole: `) {
			t.Errorf("get ended with %d, want %d: %q, %q", got.status, h.status, got.stdout, got.stderr)
		}
	case "docker":
		if got.status != 1 || strings.Count(got.stdout, "\n") != 1 || got.stderr != got.stdout {
			t.Errorf("docker get ended with %d: %q, %q", got.status, got.stdout, got.stderr)
		}
	case "check":
		if got.status == 0 || got.stderr != "" {
			t.Errorf("check ended with %d: %q, %q", got.status, got.stdout, got.stderr)
		}
	case "resources":
		if got.status == 0 && !h.lists || got.status == 2 {
			t.Errorf("resources ended with %d: %q, %q", got.status, got.stdout, got.stderr)
		}
	}
}
