package cache

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"sync"
)

// lockTries bounds how often a lock file may be replaced while it is being
// locked; where that never ends, the file system does not know its files.
const lockTries = 100

var errLock = errors.New("cache: the lock file is another one each time")

// Lock makes the caller the only one, of all processes and goroutines, that
// holds the slot's lock until it calls unlock or dies. The lock is the kernel's,
// on a file beside the entry. Its error is ctx's if ctx ends first, and the
// system's where the directory or its file system takes no locks: the caller
// may then go on alone.
func (s Slot) Lock(ctx context.Context) (unlock func(), err error) {
	if !validName(s.name) {
		return nil, errName
	}
	for range lockTries {
		if err := makeDir(s.dir.path); err != nil {
			return nil, err
		}
		f, err := s.lock(ctx)
		if err != nil {
			return nil, err
		}
		is, err := s.isLock(f)
		if is {
			return func() { f.Close() }, nil
		}
		f.Close()
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
		// Another process removed the file before we had its lock.
	}
	return nil, errLock
}

// lock returns a lock file that is locked, though it may be removed already.
func (s Slot) lock(ctx context.Context) (*os.File, error) {
	f, err := openLock(s.lockPath())
	if err != nil {
		return nil, err
	}
	held, err := tryLock(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	if held {
		return f, nil
	}
	return s.dir.waits.wait(ctx, s.name, f)
}

// tryLock returns the slot's lock file with its lock, if nobody holds it.
func (s Slot) tryLock() (*os.File, bool) {
	f, err := openLock(s.lockPath())
	if err != nil {
		return nil, false
	}
	if held, err := tryLock(f); held && err == nil {
		if is, err := s.isLock(f); is && err == nil {
			return f, true
		}
	}
	f.Close()
	return nil, false
}

// isLock reports whether f is the lock file that other processes find.
func (s Slot) isLock(f *os.File) (bool, error) {
	mine, err := f.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Lstat(s.lockPath())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(mine, there), err
}

func (s Slot) lockPath() string { return s.path() + lockSuffix }

// waits are the waits for locks, by slot, that were given up. The kernel cannot
// be told to end one, which holds a thread: the next caller takes it over, so
// that a process that lives long has no more of them than callers at once.
type waits struct {
	mu       sync.Mutex
	orphaned map[string][]*wait
}

// wait is a wait for a lock in a goroutine of its own.
type wait struct {
	file *os.File
	done chan struct{} // closed after over and err are set
	over bool
	err  error
}

// wait waits for the lock of f, which it closes on an error. It may return
// another file that was the lock's.
func (w *waits) wait(ctx context.Context, name string, f *os.File) (*os.File, error) {
	mine := w.adopt(name)
	if mine != nil {
		f.Close()
	} else {
		mine = &wait{file: f, done: make(chan struct{})}
		go w.run(name, mine)
	}
	select {
	case <-mine.done:
	case <-ctx.Done():
		if w.orphan(name, mine) {
			return nil, ctx.Err()
		}
	}
	if mine.err != nil {
		mine.file.Close()
		return nil, mine.err
	}
	return mine.file, nil
}

// run waits. A lock that nobody wants any more is given back at once.
func (w *waits) run(name string, one *wait) {
	err := waitLock(one.file)
	w.mu.Lock()
	defer w.mu.Unlock()
	one.over, one.err = true, err
	close(one.done)
	if i := slices.Index(w.orphaned[name], one); i >= 0 {
		w.remove(name, i)
		one.file.Close()
	}
}

// adopt returns a wait that was given up, nil if there is none.
func (w *waits) adopt(name string) *wait {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.orphaned[name]
	if len(all) == 0 {
		return nil
	}
	one := all[len(all)-1]
	w.remove(name, len(all)-1)
	return one
}

// orphan gives a wait up; false if it is over.
func (w *waits) orphan(name string, one *wait) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if one.over {
		return false
	}
	if w.orphaned == nil {
		w.orphaned = map[string][]*wait{}
	}
	w.orphaned[name] = append(w.orphaned[name], one)
	return true
}

func (w *waits) remove(name string, i int) {
	if w.orphaned[name] = slices.Delete(w.orphaned[name], i, i+1); len(w.orphaned[name]) == 0 {
		delete(w.orphaned, name)
	}
}
