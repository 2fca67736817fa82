//go:build !windows

package cache

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"aws-connector/internal/owned"
)

// readOwn returns what is in a file that only this user can have written.
func readOwn(path string) ([]byte, os.FileInfo, error) {
	f, info, err := openOwn(path, os.O_RDONLY)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if info.Mode().Perm()&0o077 != 0 || !oneName(info) || info.Size() > maxFile {
		return nil, nil, foreign(path)
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, nil, err
	}
	return data, info, nil
}

// openOwn opens a regular file of this user's. It looks at the file that it
// opened, not at a name that may change meanwhile, and follows no link;
// O_NONBLOCK keeps a planted FIFO from blocking it.
func openOwn(path string, flag int) (*os.File, os.FileInfo, error) {
	f, err := os.OpenFile(path, flag|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil {
		if st, ok := info.Sys().(*syscall.Stat_t); !ok || !info.Mode().IsRegular() || int(st.Uid) != os.Geteuid() {
			err = foreign(path)
		}
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// oneName reports whether a file is under one name only. It is under none at all
// where another process replaced it a moment ago.
func oneName(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink <= 1
}

// checkDir tells whether nobody else can put files into the directory.
func checkDir(path string) error {
	if err := owned.Check(path); err != nil {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || info.Mode().Perm()&0o022 != 0 || int(st.Uid) != os.Geteuid() {
		return &fs.PathError{Op: "cache", Path: path, Err: errDir}
	}
	return nil
}

func rename(from, to string) error { return os.Rename(from, to) }

// removeLock removes the file of a lock that is held, and releases it.
func removeLock(f *os.File, path string) error {
	return errors.Join(removeIfThere(path), f.Close())
}

func tryLock(f *os.File) (bool, error) {
	err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

func waitLock(f *os.File) error { return flock(f, syscall.LOCK_EX) }

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
