//go:build !windows

package cache

import (
	"errors"
	"io"
	"os"
	"syscall"
)

var errForeign = errors.New("cache: not a regular file of ours that others cannot reach")

// readOwn returns what is in a file that only this user can have written. It
// looks at the file that it opened, not at a name that may change meanwhile;
// O_NONBLOCK keeps a planted FIFO from blocking it.
func readOwn(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !ownFile(info) || info.Mode().Perm()&0o077 != 0 || info.Size() > maxFile {
		return nil, errForeign
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, err
	}
	return data, nil
}

// ownFile reports whether it is a regular file of this user's under no other
// name. It has none at all where another process replaced it a moment ago.
func ownFile(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode().IsRegular() && int(st.Uid) == os.Getuid() && st.Nlink <= 1
}

// checkDir tells whether nobody else can put files into the directory.
func checkDir(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || info.Mode().Perm()&0o022 != 0 || int(st.Uid) != os.Getuid() {
		return errDir
	}
	return nil
}

// makeDir makes the directory, or closes to others one that is ours.
func makeDir(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(st.Uid) != os.Getuid() {
		return errDir
	}
	if info.Mode().Perm() != 0o700 {
		return os.Chmod(path, 0o700)
	}
	return nil
}

func rename(from, to string) error { return os.Rename(from, to) }

// openLock opens a lock file that is ours, or makes it.
func openLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !ownFile(info) {
		err = errForeign
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

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
