//go:build !windows

package program

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// as makes the test binary do something else with its arguments, a script: run
// it with Run, to be killed, or become it in a process group of its own.
const as = "PROGRAM_TEST_AS"

func TestMain(m *testing.M) {
	switch os.Getenv(as) {
	case "runner":
		_, _ = Run(context.Background(), os.Args[1:], os.Environ())
		os.Exit(0)
	case "group":
		if err := syscall.Setpgid(0, 0); err != nil {
			panic(err)
		}
		panic(syscall.Exec("/bin/sh", os.Args[1:], os.Environ()))
	}
	// Under nohup what is started would not end when its terminal goes; exec takes
	// back what is caught, and not what is ignored.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	os.Exit(detached(m))
}

// detached runs the tests without the terminal that they may have been started
// on: Run gives a program that.
func detached(m *testing.M) int {
	if _, err := syscall.Setsid(); err == nil {
		return m.Run()
	}
	again := exec.Command(os.Args[0], os.Args[1:]...) // no group's leader can leave it
	again.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	again.Stdout, again.Stderr = os.Stdout, os.Stderr
	if err := again.Run(); err != nil {
		return 1
	}
	return 0
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

// family is a script whose processes all hold $HELD open: the program, a child
// that ignores what can be ignored, one in a group of its own, and an orphan.
const family = `exec 3>"$HELD"
sh -c 'trap "" TERM INT HUP; sleep 600; :' &
` + as + `=group "$SELF" sh -c 'echo ready >&3; sleep 600; :' &
sh -c 'sleep 600 &'
`

// wild is a process that is neither a child nor of the group any more.
const wild = as + `=group sh -c '"$SELF" sh -c "sleep 600; :" &'
`

// all is family and, where processes can be told by their environment, a wild one.
func all() string {
	if runtime.GOOS == "linux" {
		return family + wild + "wait\n"
	}
	return family + "wait\n"
}

func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// holders returns a FIFO that family can hold, and a function that waits until
// somebody does and one that waits until nobody does any more.
func holders(t *testing.T) (path string, held func(), gone func() string) {
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
	gone = func() string {
		defer f.Close()
		_ = f.SetReadDeadline(time.Now().Add(20 * time.Second))
		said, err := io.ReadAll(f)
		if err != nil {
			t.Errorf("a process is still there: %v", err)
		}
		return string(said)
	}
	return path, held, gone
}

func TestRunEnds(t *testing.T) {
	path, held, gone := holders(t)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := Run(ctx, sh(all()), append(os.Environ(), "HELD="+path, "SELF="+self(t)))
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
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		path, held, gone := holders(t)
		us := exec.Command(self(t), sh(all())...)
		us.Env = append(os.Environ(), as+"=runner", "HELD="+path, "SELF="+self(t))
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

// ^C reaches a program in the foreground before it reaches us.
func TestRunEndsWithItsProgram(t *testing.T) {
	path, held, gone := holders(t)
	signal := path + ".signal"
	if err := syscall.Mkfifo(signal, 0o600); err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() {
		_, err := Run(t.Context(), sh(family+`read -r x <"$HELD.signal"; kill -INT $$`), append(os.Environ(), "HELD="+path, "SELF="+self(t)))
		result <- err
	}()
	held()
	if err := os.WriteFile(signal, []byte("now\n"), 0); err != nil {
		t.Fatal(err)
	}
	if err := <-result; fault(err) != "signal: interrupt" {
		t.Errorf("Run = %v, want an interrupt", err)
	}
	gone()
}

// A program may leave a daemon behind, such as an agent that keeps a password.
func TestRunLeavesDaemons(t *testing.T) {
	path, held, gone := holders(t)
	const daemon = `sh -c 'exec 3>"$HELD"; sleep 600 3>&- & trap "kill $!; echo left >&3; exit" TERM; echo ready >&3; wait' >/dev/null 2>&1 & echo $!`
	out, err := Run(t.Context(), sh(daemon), append(os.Environ(), "HELD="+path))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(out.Stdout)))
	if err != nil {
		t.Fatal(err)
	}
	held()
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Errorf("what was left running: %v", err)
	}
	if said := gone(); said != "left\n" {
		t.Errorf("what was left running said %q before its end", said)
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
