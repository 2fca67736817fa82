//go:build !windows

package keystore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// Who waits for a lock file that is removed meanwhile waits for the one that
// others find then.
func TestLockIsOfTheFileThatIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := lockFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	removed, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	waiter := make(chan func(), 1)
	go func() {
		unlock, err := lockFile(path, true)
		if err != nil {
			t.Error(err)
		}
		waiter <- unlock
	}()
	blocked(removed)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	second, err := lockFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	first()
	now, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	blocked(now)
	select {
	case <-waiter:
		t.Fatal("two have the lock")
	default:
	}
	second()
	(<-waiter)()
	if unlock, err := lockFile(path, false); err != nil {
		t.Errorf("lockFile = %v, want that it is free", err)
	} else {
		unlock()
	}
}

// blocked returns once somebody waits for the file's lock, as far as the system
// tells, or has surely had the time to.
func blocked(file os.FileInfo) {
	st, _ := file.Sys().(*syscall.Stat_t)
	for range 100 {
		text, err := os.ReadFile("/proc/locks")
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, "-> FLOCK") && strings.Contains(line, fmt.Sprintf(":%d ", st.Ino)) {
				return
			}
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// Removing the file of a lock lets nobody in: its directory is locked too.
func TestTheDirectoryIsLockedToo(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "lock")
	held, err := lockDir(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockDir(dir, false); !errors.Is(err, errBusy) {
		t.Errorf("lockDir of a locked one = %v, want %v", err, errBusy)
	}
	if _, err := lockBoth(path, false); !errors.Is(err, errBusy) {
		t.Errorf("lockBoth in a locked directory = %v, want %v", err, errBusy)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if d, err := waitDir(ctx, dir); d != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("waitDir that is interrupted = %v, want %v", err, context.Canceled)
	}
	synctest.Test(t, func(t *testing.T) {
		if d, err := waitDir(t.Context(), dir); d != nil || err == nil || !strings.Contains(err.Error(), "another process keeps the directory") {
			t.Errorf("waitDir of a locked one = %v", err)
		}
	})
	held.Close()
	if d, err := waitDir(t.Context(), filepath.Join(dir, "none")); d != nil || !errors.Is(err, errNoLocks) {
		t.Errorf("waitDir of none = %v, want %v", err, errNoLocks)
	}
	unlock, err := lockBoth(path, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := lockBoth(path, false); !errors.Is(err, errBusy) {
		t.Errorf("lockBoth after the file was removed = %v, want %v", err, errBusy)
	}
	unlock()
	if err := errors.Join(os.Remove(path), os.Symlink("x", path)); err != nil {
		t.Fatal(err)
	}
	if _, err := lockBoth(path, false); err == nil || !strings.Contains(err.Error(), "is a symbolic link") {
		t.Errorf("lockBoth of a link = %v", err)
	}
}

// A lock is of the file that others find, and an error is no answer.
func TestIsAt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	f, err := lockAt(path, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		change func() error
		is     bool
	}{
		{func() error { return nil }, true},
		{func() error { return os.Remove(path) }, false},
		{func() error { return os.WriteFile(path, nil, 0o600) }, false},
	} {
		if err := test.change(); err != nil {
			t.Fatal(err)
		}
		if is, err := isAt(f, path); is != test.is || err != nil {
			t.Errorf("isAt = %t, %v, want %t", is, err, test.is)
		}
	}
	if is, err := isAt(f, filepath.Join(path, "x")); is || err == nil {
		t.Errorf("isAt below a file = %t, %v, want an error", is, err)
	}
	f.Close()
	if is, err := isAt(f, path); is || err == nil {
		t.Errorf("isAt of a closed file = %t, %v, want an error", is, err)
	}
	if err := flock(f, false); err == nil || errors.Is(err, errBusy) || !errors.Is(err, errNoLocks) {
		t.Errorf("flock of a closed file = %v, want %v", err, errNoLocks)
	}
}

// What others put in the place of the lock is neither followed nor waited for.
func TestLockThatIsNone(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	path := filepath.Join(dir, "keys.age")
	for name, plant := range map[string]func(string) error{
		"link":      func(p string) error { return os.Symlink(target, p) },
		"FIFO":      func(p string) error { return syscall.Mkfifo(p, 0o600) },
		"directory": func(p string) error { return os.Mkdir(p, 0o700) },
	} {
		if err := plant(path + ".lock"); err != nil {
			t.Fatal(err)
		}
		if err := quick(path, passphrase("p")).Set(t.Context(), "main", long); err == nil {
			t.Errorf("Set with a %s for a lock = nil", name)
		}
		for _, made := range []string{target, path} {
			if _, err := os.Lstat(made); !os.IsNotExist(err) {
				t.Errorf("with a %s for a lock %s was made", name, made)
			}
		}
		if err := os.Remove(path + ".lock"); err != nil {
			t.Fatal(err)
		}
	}
}

// What is being written is no leftover of a killed writer.
func TestFilesThatAreHeldAreNotRemoved(t *testing.T) {
	dir := t.TempDir()
	held, err := createTemp(dir, tempOfKeys)
	if err != nil {
		t.Fatal(err)
	}
	any := func([]byte) bool { return true }
	removeTemps(dir, tempOfKeys, any)
	if _, err := os.Stat(held.Name()); err != nil {
		t.Errorf("a file that is held: %v", err)
	}
	held.Close()
	removeTemps(dir, tempOfKeys, any)
	if _, err := os.Stat(held.Name()); !os.IsNotExist(err) {
		t.Errorf("a file that nobody holds is there: %v", err)
	}
}
