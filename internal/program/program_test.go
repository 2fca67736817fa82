//go:build !windows

package program

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asProgram makes the test binary run its arguments with Run, to be killed.
const asProgram = "PROGRAM_TEST_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		_, _ = Run(context.Background(), os.Args[1:], os.Environ())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func sh(script string) []string { return []string{"sh", "-c", script} }

func TestRun(t *testing.T) {
	env := []string{"PATH=" + os.Getenv("PATH"), "A=b"}
	for name, tt := range map[string]struct {
		script       string
		stdout, said string
		failure      string
	}{
		"prints":            {script: `printf '{"A":"%s"}\n' "$A"`, stdout: "{\"A\":\"b\"}\n"},
		"fails":             {script: `echo no >&2; exit 3`, said: "no", failure: "exit status 3"},
		"reads":             {script: `cat; echo done`, stdout: "done\n"},
		"has only its own":  {script: `echo "$HOME$GOCACHE"`, stdout: "\n"},
		"speaks oddly":      {script: `printf 'a\033[31mb\n\302\233c\342\200\256 \377d'>&2; exit 1`, said: "a [31mb c ?d", failure: "exit status 1"},
		"leaves one behind": {script: `sleep 5 & echo done`, stdout: "done\n"},
		"killed":            {script: `kill -9 $$`, failure: "signal: killed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := Run(t.Context(), sh(tt.script), env)
			if got := fault(err); got != tt.failure || string(out.Stdout) != tt.stdout || out.Said != tt.said {
				t.Errorf("Run = %q, %q, %v, want %q, %q, %q", out.Stdout, out.Said, err, tt.stdout, tt.said, tt.failure)
			}
			var exit *exec.ExitError
			if tt.failure != "" && !errors.As(err, &exit) {
				t.Errorf("%T is no *exec.ExitError", err)
			}
		})
	}
	for _, argv := range [][]string{nil, {"/nowhere/program"}} {
		if _, err := Run(t.Context(), argv, env); err == nil {
			t.Errorf("Run(%q) found a program", argv)
		}
	}
	if out, err := Run(t.Context(), sh(`head -c 3000 /dev/zero | tr '\0' x >&2; echo end >&2`), env); err != nil || len(out.Said) > maxSaid+len("…") || !strings.HasSuffix(out.Said, "xend") {
		t.Errorf("Run = %q, %v, want the end of what was said", out.Said, err)
	}
}

func fault(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestRunBounds(t *testing.T) {
	for _, script := range []string{"trap '' PIPE; yes", "yes >&2", "yes & yes >&2 & wait"} {
		if out, err := Run(t.Context(), sh(script), os.Environ()); !errors.Is(err, ErrOutput) || len(out.Stdout) > MaxOutput {
			t.Errorf("%s: Run = %d bytes, %v, want %v", script, len(out.Stdout), err, ErrOutput)
		}
	}
	out, err := Run(t.Context(), sh("head -c 1048576 /dev/zero"), os.Environ())
	if err != nil || len(out.Stdout) != MaxOutput {
		t.Errorf("Run = %d bytes, %v, want %d", len(out.Stdout), err, MaxOutput)
	}
}

// family is a script whose processes all hold $HELD open: the program, a child,
// one that ignores what can be ignored, and one in a group of its own.
const family = `exec 3>"$HELD"
sh -c 'trap "" TERM INT HUP; sleep 600; :' &
set -m
sh -c 'sleep 600; :' &
echo ready >&3
wait
`

// holders returns a FIFO that family can hold, and a function that waits until
// somebody does and one that waits until nobody does any more.
func holders(t *testing.T) (path string, held, gone func()) {
	path = filepath.Join(t.TempDir(), "held")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	opened := make(chan *os.File)
	go func() {
		f, err := os.Open(path)
		if err != nil {
			t.Error(err)
		}
		opened <- f
	}()
	var f *os.File
	held = func() {
		f = <-opened
		if _, err := io.ReadFull(f, make([]byte, len("ready\n"))); err != nil {
			t.Fatal(err)
		}
	}
	gone = func() {
		defer f.Close()
		_ = f.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := io.ReadAll(f); err != nil {
			t.Errorf("a process is still there: %v", err)
		}
	}
	return path, held, gone
}

func TestRunEnds(t *testing.T) {
	path, held, gone := holders(t)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := Run(ctx, sh(family), append(os.Environ(), "HELD="+path))
		result <- err
	}()
	held()
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v, want %v", err, context.Canceled)
	}
	gone()
}

// No handler of this process's runs when it is killed.
func TestRunEndsWithUs(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		path, held, gone := holders(t)
		us := exec.Command(self, sh(family)...)
		us.Env = append(os.Environ(), asProgram+"=1", "HELD="+path)
		if err := us.Start(); err != nil {
			t.Fatal(err)
		}
		held()
		if err := us.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		_ = us.Wait()
		gone()
	}
}

func TestRunOnTime(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Run(ctx, sh("sleep 600"), os.Environ()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run = %v, want %v", err, context.DeadlineExceeded)
	}
	if _, err := Run(ctx, sh("echo x >"+filepath.Join(t.TempDir(), "x")), os.Environ()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run after the end = %v, want %v", err, context.DeadlineExceeded)
	}
}
