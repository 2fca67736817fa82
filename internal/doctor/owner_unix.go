//go:build !windows

package doctor

import (
	"errors"
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// owner returns the user id of a file's owner.
func owner(info fs.FileInfo) (int, bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(st.Uid), true
}

// Writable reports why this user cannot make files in a directory.
func Writable(dir string) error { return unix.Access(dir, unix.W_OK|unix.X_OK) }

// TryLock takes the kernel's lock on a directory, shared, and gives it back.
// Nothing is written; that another process has it is no error.
func TryLock(dir string) error {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Flock(fd, unix.LOCK_SH|unix.LOCK_NB); err != nil && !errors.Is(err, unix.EWOULDBLOCK) {
		return err
	}
	return nil
}

// refused tells whether nobody listens at a port.
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
