package cache

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLockEndsWithItsContext(t *testing.T) {
	_, s := filled(t)
	unlock, err := s.Lock(t.Context())
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() {
		_, err := s.Lock(ctx)
		waiting <- err
	}()
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("Lock = %v, want %v", err, context.Canceled)
	}
	unlock()
	// The abandoned wait gives the lock back when it gets it.
	again, err := s.Lock(t.Context())
	check(t, err)
	again()
}

// Many goroutines in many processes count up one file under the lock.
func TestLockAcrossProcesses(t *testing.T) {
	const processes, rounds = 4, 20
	if dir := os.Getenv("CACHE_TEST_DIR"); dir != "" {
		countUp(t, dir, rounds)
		return
	}
	dir := filepath.Join(t.TempDir(), "cache")
	check(t, os.MkdirAll(dir, 0o700))
	check(t, os.WriteFile(filepath.Join(dir, "count"), []byte("0"), 0o600))
	var all sync.WaitGroup
	for range processes {
		all.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run=^TestLockAcrossProcesses$")
			cmd.Env = append(os.Environ(), "CACHE_TEST_DIR="+dir)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	all.Wait()
	got, err := os.ReadFile(filepath.Join(dir, "count"))
	if want := strconv.Itoa(processes * rounds); err != nil || string(got) != want {
		t.Errorf("count = %s, %v, want %s", got, err, want)
	}
}

func countUp(t *testing.T, dir string, rounds int) {
	var all sync.WaitGroup
	for range rounds {
		all.Go(func() {
			unlock, err := Open(dir, Off).Slot("a").Lock(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			text, err := os.ReadFile(filepath.Join(dir, "count"))
			n, _ := strconv.Atoi(string(text))
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "count"), []byte(strconv.Itoa(n+1)), 0o600)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// Waits that were given up do not add up in a process that lives long.
func TestWaitsThatWereGivenUpAreTakenOver(t *testing.T) {
	d, s := filled(t)
	unlock, err := s.Lock(t.Context())
	check(t, err)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	before := runtime.NumGoroutine()
	if _, err := s.Lock(ended); !errors.Is(err, context.Canceled) || runtime.NumGoroutine() > before {
		t.Fatalf("Lock with nobody to wait for it = %v, and %d goroutines more", err, runtime.NumGoroutine()-before)
	}
	waiting := make(chan bool, 100)
	d.flock = func(f *os.File, _ bool) (bool, error) {
		waiting <- true
		return lockOf(f, true)
	}
	given := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := s.Lock(ctx)
		given <- err
	}()
	<-waiting
	cancel()
	if err := <-given; !errors.Is(err, context.Canceled) {
		t.Fatalf("Lock = %v, want %v", err, context.Canceled)
	}
	for range 50 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		if _, err := s.Lock(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("Lock = %v, want %v", err, context.DeadlineExceeded)
		}
		cancel()
	}
	if n := runtime.NumGoroutine() - before; n > 1 {
		t.Errorf("%d goroutines wait, want 1", n)
	}
	d.waits.mu.Lock()
	orphan := d.waits.orphaned[s.name][0]
	d.waits.mu.Unlock()
	unlock()
	<-orphan.done
	again, err := s.Lock(t.Context())
	check(t, err)
	again()
	d.waits.mu.Lock()
	defer d.waits.mu.Unlock()
	if n := len(d.waits.orphaned); n != 0 {
		t.Errorf("%d slots have waits that nobody took over, want none", n)
	}
}

// What comes true at the last moment is not given up.
func TestGiveUpOfAWaitThatIsOver(t *testing.T) {
	d, s := filled(t)
	f, _, err := openLock(s.lockPath())
	check(t, err)
	defer f.Close()
	got, err := d.waits.giveUp(s, &wait{over: true, file: f}, context.Canceled)
	if got != f || err != nil {
		t.Errorf("giveUp = %v, %v, want the lock", got, err)
	}
	if got, err := d.waits.giveUp(s, &wait{over: true, err: errLock}, context.Canceled); got != nil || err != errLock {
		t.Errorf("giveUp = %v, %v, want %v", got, err, errLock)
	}
	if n := len(d.waits.orphaned); n != 0 {
		t.Errorf("%d slots have waits, want none", n)
	}
}

// Each wait that is given up is taken over once, by who wants the same slot.
func TestWaitsAreOfTheirSlots(t *testing.T) {
	var w waits
	one, two, other := &wait{}, &wait{}, &wait{}
	for _, given := range []struct {
		name string
		wait *wait
	}{{"a", one}, {"a", two}, {"b", other}} {
		if !w.orphan(given.name, given.wait) {
			t.Errorf("a wait for %s cannot be given up", given.name)
		}
	}
	for _, want := range []*wait{two, one, nil} {
		if got := w.adopt("a"); got != want {
			t.Errorf("adopt(a) = %p, want %p", got, want)
		}
	}
	if got := w.adopt("b"); got != other || len(w.orphaned) != 0 {
		t.Errorf("adopt(b) = %p, want %p, and %d slots are left", got, other, len(w.orphaned))
	}
}

// A wait for a lock ends with its context wherever it hangs, and one that comes
// true too late is given back.
func TestLockOnAHangingDisk(t *testing.T) {
	d, s := filled(t)
	hanging, hang := make(chan bool), make(chan bool)
	d.flock = func(f *os.File, _ bool) (bool, error) {
		hanging <- true
		<-hang
		return lockOf(f, true)
	}
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		_, err := s.Lock(ctx)
		failed <- err
	}()
	<-hanging
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("Lock = %v, want %v", err, context.Canceled)
	}
	check(t, s.Put(now, entry))
	if _, ok := s.Get(now); !ok {
		t.Error("Get beside a hanging lock = false")
	}
	d.waits.mu.Lock()
	orphan := d.waits.orphaned[s.name][0]
	d.waits.mu.Unlock()
	close(hang)
	<-orphan.done
	d.waits.mu.Lock()
	if n := len(d.waits.orphaned); n != 0 {
		t.Errorf("%d slots have waits that are over, want none", n)
	}
	d.waits.mu.Unlock()
	unlock, err := Open(d.Path(), Off).Slot(s.name).Lock(t.Context())
	check(t, err)
	unlock()
}

// A lock file tells whose it is, and is used whatever of that is in it; one that
// others wrote is not.
func TestWhatIsInALockFile(t *testing.T) {
	d, s := filled(t)
	unlock, err := s.Lock(t.Context())
	check(t, err)
	if got, err := os.ReadFile(s.lockPath()); err != nil || string(got) != lockText {
		t.Errorf("the lock file has %q, %v, want %q", got, err, lockText)
	}
	unlock()
	for text, ours := range map[string]bool{
		"": true, lockText: true, lockText[:1]: true, lockText[:len(lockText)-1]: true, product + "lock of a later version\n": true,
		strings.Repeat("\x00", len(lockText)): true, lockText[:9] + "\x00\x00": true,
		"# yarn lockfile v1\n": false, "\x00x": false, lockText[1:]: false, " ": false, strings.Repeat("\x00", len(lockText)+1): false,
	} {
		check(t, os.WriteFile(s.lockPath(), []byte(text), 0o600))
		d.flock = func(f *os.File, _ bool) (bool, error) {
			if !ours {
				t.Errorf("Lock waits for the lock of a file with %q", text)
			}
			return lockOf(f, true)
		}
		unlock, err := s.Lock(t.Context())
		if ours != (err == nil) || err != nil && !errors.Is(err, errForeign) {
			t.Errorf("Lock with %q in the file = %v, want ours: %t", text, err, ours)
		}
		if err == nil {
			unlock()
		}
		check(t, s.Remove())
		check(t, d.Sweep(now, nil))
		got, err := os.ReadFile(s.lockPath())
		if gone := strings.HasPrefix(text, product); gone != errors.Is(err, fs.ErrNotExist) || !gone && string(got) != text {
			t.Errorf("after Sweep a lock file with %q has %q, %v", text, got, err)
		}
	}
}

// However often the file is removed, one at a time holds the lock.
func TestLocksWhileSweeping(t *testing.T) {
	d, s := filled(t)
	check(t, s.Remove())
	const rounds = 200
	var all sync.WaitGroup
	var mu sync.Mutex
	for range 4 {
		all.Go(func() {
			for range rounds {
				unlock, err := s.Lock(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				if !mu.TryLock() {
					t.Error("two hold the lock")
				} else {
					mu.Unlock()
				}
				unlock()
			}
		})
		all.Go(func() {
			for range rounds {
				if err := d.Sweep(now, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// A file system that does not say whether a lock is free is not waited for; one
// that says somebody else has it is, as long as the context lasts.
func TestLockTellsAHangingDiskFromAHolder(t *testing.T) {
	for _, taken := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			d, s := filled(t)
			hang := make(chan bool)
			d.flock = func(f *os.File, wait bool) (bool, error) {
				if taken && !wait {
					return false, nil
				}
				<-hang
				return lockOf(f, false)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			began := time.Now()
			_, err := s.Lock(ctx)
			want, after := errDisk, diskWait
			if taken {
				want, after = context.DeadlineExceeded, time.Minute
			}
			if took := time.Since(began); !errors.Is(err, want) || took != after {
				t.Errorf("taken: %t: Lock = %v after %v, want %v after %v", taken, err, took, want, after)
			}
			close(hang)
			synctest.Wait() // for what is written yet
		})
	}
}
