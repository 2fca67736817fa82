package keystore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// lockTries bounds how often a lock file may be replaced while it is being locked.
const lockTries = 100

var (
	errBusy    = errors.New("another process holds the lock")
	errNoLocks = errors.New("the file system takes no locks")
)

// lock keeps other processes out by what acquire locks, without an end if it must:
// the kernel's lock on the file at path. It waits until ctx ends, and for a holder that may be stopped: as
// long as the file watched is replaced now and then, others only had their turn.
// Its error wraps [errNoLocks] where the caller may go on alone.
func lock(ctx context.Context, path, watched string, acquire func(path string, wait bool) (func(), error)) (unlock func(), err error) {
	type result struct {
		unlock func()
		err    error
	}
	got := make(chan result, 1)
	go func() {
		unlock, err := acquire(path, true)
		got <- result{unlock, err}
	}()
	// The wait cannot be ended; a lock that comes too late is given back at once.
	giveUp := func() (func(), error) {
		go func() {
			if r := <-got; r.err == nil {
				r.unlock()
			}
		}()
		return nil, fmt.Errorf("another process keeps %s locked: wait for it or stop it, then try again", path)
	}
	progress := time.NewTicker(patience)
	defer progress.Stop()
	last := sizeAndTime(watched)
	for {
		select {
		case r := <-got:
			return r.unlock, r.err
		case <-ctx.Done():
			unlock, err := giveUp()
			if errors.Is(ctx.Err(), context.Canceled) {
				err = ctx.Err()
			}
			return unlock, err
		case <-progress.C:
			now := sizeAndTime(watched)
			if now == last {
				return giveUp()
			}
			last = now
		}
	}
}

func sizeAndTime(path string) string {
	info, err := os.Lstat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano())
}

// lockBoth locks the file at path and, where it can be, its directory: who removes
// the file meanwhile lets nobody in.
func lockBoth(path string, wait bool) (unlock func(), err error) {
	f, err := lockAt(path, wait)
	if err != nil {
		return nil, err
	}
	dir, err := lockDir(filepath.Dir(path), wait)
	if err != nil && !errors.Is(err, errNoLocks) {
		f.Close()
		return nil, err
	}
	return func() { dir.Close(); f.Close() }, nil
}

// lockFile locks the file at path alone.
func lockFile(path string, wait bool) (unlock func(), err error) {
	f, err := lockAt(path, wait)
	return func() { f.Close() }, err
}

// lockDir locks the directory; what it returns is nil where it cannot be locked.
func lockDir(path string, wait bool) (*os.File, error) {
	dir, err := openDir(path)
	if err != nil {
		return nil, err
	}
	if err := flock(dir, wait); err != nil {
		dir.Close()
		return nil, err
	}
	return dir, nil
}

// lockAt locks the file that is at path once it is locked.
func lockAt(path string, wait bool) (*os.File, error) {
	for range lockTries {
		f, err := openLock(path)
		if err != nil {
			return nil, err
		}
		if err := flock(f, wait); err != nil {
			f.Close()
			return nil, err
		}
		is, err := isAt(f, path)
		if is {
			return f, nil
		}
		f.Close()
		if err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s is another file each time", path)
}

// isAt reports whether f is the file that other processes find at path.
func isAt(f *os.File, path string) (bool, error) {
	mine, err := f.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(mine, there), err
}
