package cache

import (
	"errors"
	"io"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// Other programs, virus scanners first, hold a file for a moment.
const (
	renameTries = 20
	renamePause = 10 * time.Millisecond
)

var errForeign = errors.New("cache: not a regular file")

func readOwn(path string) ([]byte, error) {
	before, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !before.Mode().IsRegular() || !os.SameFile(before, info) || info.Size() > maxFile {
		return nil, errForeign
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, err
	}
	return data, nil
}

// checkDir refuses links; that a profile's directories are the user's alone is
// what Windows sees to.
func checkDir(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return errDir
	}
	return nil
}

func makeDir(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return checkDir(path)
}

func rename(from, to string) error {
	var err error
	for range renameTries {
		err = os.Rename(from, to)
		if !inUse(err) {
			return err
		}
		time.Sleep(renamePause)
	}
	return err
}

func openLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	before, err := os.Lstat(path)
	if err == nil && !before.Mode().IsRegular() {
		err = errForeign
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// removeLock releases a lock and removes its file. Windows refuses that while
// any process has it open, and so it never takes a lock from one: it stays then.
func removeLock(f *os.File, path string) error {
	if err := f.Close(); err != nil {
		return err
	}
	if err := removeIfThere(path); err != nil && !inUse(err) {
		return err
	}
	return nil
}

func inUse(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
}

func tryLock(f *os.File) (bool, error) {
	err := lockFile(f, windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}

func waitLock(f *os.File) error { return lockFile(f, windows.LOCKFILE_EXCLUSIVE_LOCK) }

func lockFile(f *os.File, flags uint32) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
}
