//go:build !windows

package cache

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// process is the test binary running one test in the part that it has for
// processes of their own.
type process struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(t *testing.T, test string, env ...string) process {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+test+"$")
	if _, err := os.Stat(cmd.Path); err != nil {
		cmd = exec.Command(os.Args[0], cmd.Args[1:]...)
	}
	return startCommand(t, cmd, env...)
}

func startCommand(t *testing.T, cmd *exec.Cmd, env ...string) process {
	t.Helper()
	cmd.Env = append(os.Environ(), env...)
	in, err := cmd.StdinPipe()
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return process{cmd, in, bufio.NewReader(out)}
}

func (p process) line(t *testing.T) string {
	t.Helper()
	line, err := p.out.ReadString('\n')
	check(t, err)
	return line
}

// holder starts a process that holds the lock of slot a in dir.
func holder(t *testing.T, dir string) process {
	t.Helper()
	p := start(t, "TestHolder", "CACHE_TEST_HOLD="+dir)
	if got := p.line(t); got != "held\n" {
		t.Fatalf("the holder says %q", got)
	}
	return p
}

// TestHolder is the process that holder starts; by itself it tests that the
// holder's lock is seen.
func TestHolder(t *testing.T) {
	dir := os.Getenv("CACHE_TEST_HOLD")
	if dir == "" {
		dir = filepath.Join(t.TempDir(), "cache")
		holder(t, dir)
		if f, ok := Open(dir, Off).Slot("a").tryLock(); ok {
			f.Close()
			t.Error("tryLock of a held lock = true")
		}
		return
	}
	unlock, err := Open(dir, Off).Slot("a").Lock(t.Context())
	check(t, err)
	defer unlock()
	os.Stdout.WriteString("held\n")
	io.Copy(io.Discard, os.Stdin)
}

func TestLockOfAKilledProcessIsHandedOver(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	p := holder(t, dir)
	const waiting = 5
	got := make(chan error)
	for range waiting {
		go func() {
			unlock, err := Open(dir, Off).Slot("a").Lock(t.Context())
			if err == nil {
				unlock()
			}
			got <- err
		}()
	}
	check(t, p.Process.Signal(syscall.SIGKILL))
	for range waiting {
		check(t, <-got)
	}
}

func TestAStoppedProcessHoldsNobodyUp(t *testing.T) {
	d := Open(filepath.Join(t.TempDir(), "cache"), Off)
	p := holder(t, d.Path())
	check(t, p.Process.Signal(syscall.SIGSTOP))
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := d.Slot("a").Lock(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Lock = %v, want %v", err, context.DeadlineExceeded)
	}
	check(t, d.Sweep(now, nil))
	check(t, d.Slot("a").Put(now, entry))
	if _, ok := d.Slot("a").Get(now); !ok {
		t.Error("Get past the stopped process = false")
	}
	check(t, p.Process.Signal(syscall.SIGKILL))
	unlock, err := d.Slot("a").Lock(t.Context())
	check(t, err)
	unlock()
}

// What is planted at the place of a lock neither hangs nor is followed.
func TestPlantedLocks(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	for name, plant := range map[string]func(path string) error{
		"link":      func(path string) error { return os.Symlink(elsewhere, path) },
		"FIFO":      func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"hard link": func(path string) error {
			return errors.Join(os.WriteFile(path+".other", nil, 0o600), os.Link(path+".other", path))
		},
	} {
		d, s := filled(t)
		check(t, plant(s.lockPath()))
		if _, err := s.Lock(t.Context()); err == nil {
			t.Errorf("Lock of a %s = nil", name)
		}
		check(t, d.Sweep(entry.Expires, nil))
		if _, err := os.Lstat(s.lockPath()); err != nil {
			t.Errorf("%s after Sweep: %v", name, err)
		}
	}
	if _, err := os.Lstat(elsewhere); err == nil {
		t.Error("a link was followed")
	}
}
