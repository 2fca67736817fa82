//go:build !windows

package keystore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
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
