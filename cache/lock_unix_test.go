//go:build !windows

package cache

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Windows removes no file that a process has open.

// Two that hold the lock of one slot would hold two files: a file that is
// removed between opening and locking it is no lock.
func TestLockOfARemovedFileIsTriedAgain(t *testing.T) {
	d, s := filled(t)
	opened, locking := make(chan *os.File), make(chan bool)
	d.flock = func(f *os.File, _ bool) (bool, error) {
		opened <- f
		<-locking
		return lockOf(f, true)
	}
	held := make(chan func())
	go func() {
		unlock, err := s.Lock(t.Context())
		if err != nil {
			t.Error(err)
		}
		held <- unlock
	}()
	for range 2 {
		<-opened
		check(t, os.Remove(s.lockPath()))
		locking <- true
	}
	<-opened
	check(t, os.Remove(s.lockPath()))
	unlock, err := Open(d.Path(), Off).Slot(s.name).Lock(t.Context())
	check(t, err)
	locking <- true
	select {
	case <-held:
		t.Fatal("Lock holds a file that is no longer there, while another process holds the one that is")
	case <-opened: // the other one
	}
	unlock()
	locking <- true
	(<-held)()
}

// Nor does a sweep take a file that is no longer there for the lock.
func TestTryOfARemovedFile(t *testing.T) {
	_, s := filled(t)
	f, made, err := openLock(s.lockPath())
	check(t, err)
	defer f.Close()
	if !s.try(f, made) {
		t.Error("try of a lock that nobody holds = false")
	}
	check(t, os.Remove(s.lockPath()))
	if s.try(f, made) {
		t.Error("try of a removed file = true")
	}
	check(t, os.WriteFile(s.lockPath(), nil, 0o600))
	if s.try(f, made) {
		t.Error("try of a file that another one replaced = true")
	}
}

// Who may not wait is told at once that somebody else has the lock, and an error
// is no lock.
func TestLockOf(t *testing.T) {
	_, s := filled(t)
	mine, _, err := openLock(s.lockPath())
	check(t, err)
	defer mine.Close()
	other, _, err := openLock(s.lockPath())
	check(t, err)
	for _, wait := range []bool{true, false} {
		if held, err := lockOf(mine, wait); !held || err != nil {
			t.Errorf("lockOf a file that nobody else has = %t, %v", held, err)
		}
	}
	if held, err := lockOf(other, false); held || err != nil {
		t.Errorf("lockOf a file that somebody else has = %t, %v", held, err)
	}
	other.Close()
	for _, wait := range []bool{true, false} {
		if held, err := lockOf(other, wait); held || err == nil {
			t.Errorf("lockOf a closed file = %t, %v, want an error", held, err)
		}
	}
}

// What the system says about a lock is what the caller is told, but for a file
// that is gone, which is tried again, though not without end.
func TestLockFails(t *testing.T) {
	d, s := filled(t)
	tries := 0
	for want, flock := range map[error]func(f *os.File, wait bool) (bool, error){
		syscall.ENOLCK: func(*os.File, bool) (bool, error) { return false, syscall.ENOLCK },
		errLock: func(f *os.File, wait bool) (bool, error) {
			tries++
			return true, os.Remove(s.lockPath())
		},
		syscall.EDEADLK: func(_ *os.File, wait bool) (bool, error) { // while somebody else has it
			if wait {
				return false, syscall.EDEADLK
			}
			return false, nil
		},
	} {
		d.flock = flock
		if unlock, err := s.Lock(t.Context()); !errors.Is(err, want) || unlock != nil {
			t.Errorf("Lock = %v, want %v", err, want)
		}
	}
	if tries != lockTries {
		t.Errorf("%d locks were taken, want %d", tries, lockTries)
	}
}

// Where nobody can look, nobody holds anything.
func TestHoldsWhereNobodyCanLook(t *testing.T) {
	_, s := filled(t)
	f, _, err := openLock(s.lockPath())
	check(t, err)
	file := filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(file, nil, 0o600))
	if held, err := Open(file, Off).Slot("a").holds(f, false); held || err == nil {
		t.Errorf("holds below a file = %t, %v, want an error", held, err)
	}
	f.Close()
	if held, err := s.holds(f, false); held || err == nil {
		t.Errorf("holds of a closed file = %t, %v, want an error", held, err)
	}
}
