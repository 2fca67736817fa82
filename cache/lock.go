package cache

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// lockTries bounds how often a lock file may be replaced while it is being
// locked; where that never ends, the file system does not know its files.
const lockTries = 100

// lockText is what is in a lock file, by which its removal is ours to decide.
const lockText = product + "lock\n"

// diskWait is how long a file system may take to say whether a lock is free.
const diskWait = 2 * time.Second

var (
	errLock = errors.New("cache: the lock file is another one each time")
	errDisk = errors.New("cache: the file system does not answer")
)

// Lock makes the caller the only one, of all processes and goroutines, that
// holds the slot's lock until it calls unlock or dies. The lock is the kernel's,
// on a file beside the entry. Its error is ctx's if ctx ends first, however the
// file system hangs, and else the system's where the directory or its file system
// takes no locks or does not answer in 2 s, or where something else lies in the lock file's place: the
// caller may then go on alone.
func (s Slot) Lock(ctx context.Context) (unlock func(), err error) {
	if !validName(s.name) {
		return nil, errName
	}
	if err := ctx.Err(); err != nil {
		return nil, err // what nobody waits for would leave a file later
	}
	f, err := s.dir.waits.wait(ctx, s)
	if err != nil {
		return nil, err
	}
	return func() { f.Close() }, nil
}

// lockOf takes the lock of f, and waits for it if it must and may.
func lockOf(f *os.File, wait bool) (held bool, err error) {
	if !wait {
		return tryLock(f)
	}
	err = waitLock(f)
	return err == nil, err
}

// lock returns the lock file, locked. It may never return. It calls taken before
// it waits for somebody else who has the lock.
func (s Slot) lock(taken func()) (*os.File, error) {
	for range lockTries {
		if err := makeDir(s.dir.path); err != nil {
			return nil, err
		}
		f, made, err := openLock(s.lockPath())
		if err != nil {
			return nil, err
		}
		held, err := s.dir.flock(f, false)
		if err == nil && !held {
			taken()
			held, err = s.dir.flock(f, true)
		}
		if held {
			held, err = s.holds(f, made)
		}
		if held {
			return f, nil
		}
		f.Close()
		if err != nil {
			return nil, err
		}
		// Another process removed the file before we had its lock.
	}
	return nil, errLock
}

// tryLock returns the slot's lock file with its lock, if nobody holds it.
func (s Slot) tryLock() (*os.File, bool) {
	f, made, err := openLock(s.lockPath())
	if err != nil {
		return nil, false
	}
	if !s.try(f, made) {
		f.Close()
		return nil, false
	}
	return f, true
}

func (s Slot) try(f *os.File, made bool) bool {
	if locked, err := tryLock(f); !locked || err != nil {
		return false
	}
	held, err := s.holds(f, made)
	return held && err == nil
}

// openLock opens the lock file at path, or makes it, empty. It refuses another
// program's, whose lock it would wait for.
func openLock(path string) (f *os.File, made bool, err error) {
	for range lockTries {
		f, info, err := openOwn(path, os.O_RDWR)
		made := errors.Is(err, fs.ErrNotExist)
		if made {
			f, info, err = openOwn(path, os.O_RDWR|os.O_CREATE|os.O_EXCL)
		}
		switch {
		case made && errors.Is(err, fs.ErrExist):
			continue
		case err != nil:
			return nil, false, err
		case made || oneName(info) && locks(f, info.Size()):
			return f, made, nil
		}
		f.Close()
		return nil, false, foreign(path)
	}
	return nil, false, errLock
}

// locks reports whether a file of so many bytes is a lock file: it begins as
// ours do, or has less, and may be of an earlier version, of a process that is
// about to fill it, or of one that was killed then. That one is not removed.
func locks(f *os.File, size int64) bool {
	text, err := beginning(f, len(lockText))
	torn := size <= int64(len(lockText)) && strings.HasPrefix(lockText, string(bytes.TrimRight(text, "\x00")))
	return err == nil && (torn || bytes.HasPrefix(text, []byte(product)))
}

// holds reports whether the locked file f is the lock file that other processes
// find. It fills one that this process made.
func (s Slot) holds(f *os.File, made bool) (bool, error) {
	mine, err := f.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Lstat(s.lockPath())
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(mine, there) {
		return false, nil
	}
	if made && err == nil {
		// On a full disk it stays empty, and locks as well.
		_, _ = f.WriteAt([]byte(lockText), 0)
	}
	return err == nil, err
}

func (s Slot) lockPath() string { return s.path() + lockSuffix }

// waits are the waits for locks, by slot, that were given up. The kernel cannot
// be told to end one, which holds a thread: the next caller takes it over, so
// that a process that lives long has no more of them than callers at once.
type waits struct {
	mu       sync.Mutex // never held while the file system is asked
	orphaned map[string][]*wait
}

// wait is a wait for a lock in a goroutine of its own.
type wait struct {
	taken chan struct{} // closed when somebody else is seen to have the lock
	done  chan struct{} // closed after the others are set
	over  bool
	file  *os.File
	err   error
}

// wait waits for the lock of s until ctx ends, but for a file system that does
// not even say whether somebody has it no longer than [diskWait].
func (w *waits) wait(ctx context.Context, s Slot) (*os.File, error) {
	mine := w.adopt(s.name)
	if mine == nil {
		mine = &wait{taken: make(chan struct{}), done: make(chan struct{})}
		go w.run(s, mine)
	}
	disk := time.NewTimer(diskWait)
	defer disk.Stop()
	select {
	case <-mine.done:
		return mine.file, mine.err
	case <-ctx.Done():
		return w.giveUp(s, mine, ctx.Err())
	case <-disk.C:
		return w.giveUp(s, mine, errDisk)
	case <-mine.taken:
	}
	select {
	case <-mine.done:
		return mine.file, mine.err
	case <-ctx.Done():
		return w.giveUp(s, mine, ctx.Err())
	}
}

// giveUp leaves a wait to others and returns why, unless it is over.
func (w *waits) giveUp(s Slot, mine *wait, why error) (*os.File, error) {
	if w.orphan(s.name, mine) {
		return nil, why
	}
	return mine.file, mine.err
}

// run waits. A lock that nobody wants any more is given back at once.
func (w *waits) run(s Slot, one *wait) {
	f, err := s.lock(sync.OnceFunc(func() { close(one.taken) }))
	if w.finish(s.name, one, f, err) && f != nil {
		f.Close()
	}
}

// finish ends a wait, and reports whether it was given up.
func (w *waits) finish(name string, one *wait, f *os.File, err error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	one.over, one.file, one.err = true, f, err
	close(one.done)
	i := slices.Index(w.orphaned[name], one)
	if i >= 0 {
		w.remove(name, i)
	}
	return i >= 0
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
