package cache

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
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
	for range 100 {
		if _, err := s.Lock(ended); !errors.Is(err, context.Canceled) {
			t.Fatalf("Lock = %v, want %v", err, context.Canceled)
		}
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

// Two that hold the lock of one slot would hold two files: a file that is
// removed between opening and locking it is no lock.
func TestLockOfARemovedFileIsTriedAgain(t *testing.T) {
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
