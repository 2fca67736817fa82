package cache

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// Other programs, virus scanners first, hold a file for a moment.
const (
	renameTries = 20
	renamePause = 10 * time.Millisecond
)

func readOwn(path string) ([]byte, os.FileInfo, error) {
	f, info, err := openOwn(path, os.O_RDONLY)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if info.Size() > maxFile {
		return nil, nil, foreign(path)
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, nil, err
	}
	return data, info, nil
}

// openOwn opens a regular file, and follows no link.
func openOwn(path string, flag int) (*os.File, os.FileInfo, error) {
	before, err := os.Lstat(path)
	made := flag&os.O_EXCL != 0
	switch {
	case made && err == nil:
		return nil, nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrExist}
	case !made && err != nil:
		return nil, nil, err
	case !made && !before.Mode().IsRegular():
		return nil, nil, foreign(path)
	}
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !made && !os.SameFile(before, info) {
		err = foreign(path)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

func oneName(os.FileInfo) bool { return true }

// checkDir refuses links; that a profile's directories are the user's alone is
// what Windows sees to.
func checkDir(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &fs.PathError{Op: "cache", Path: path, Err: errDir}
	}
	return nil
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

// lockFile locks a byte far behind what is in the file, which nobody could read
// otherwise.
func lockFile(f *os.File, flags uint32) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{Offset: 1 << 30})
}
