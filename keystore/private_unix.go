//go:build !windows

package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openPrivate reads a file of at most limit bytes that is ours and closed to others.
func openPrivate(path string, limit int64) (data []byte, stamp string, err error) {
	return openFile(path, limit, func(fs.FileInfo) bool { return false })
}

// openProvided is [openPrivate], and takes a file that root provides for this user, as
// Kubernetes mounts a secret for the group of fsGroup.
func openProvided(path string, limit int64) (data []byte, stamp string, err error) {
	return openFile(path, limit, func(info fs.FileInfo) bool { return isProvided(info, os.Geteuid()) })
}

// isProvided reports whether root alone can change the file, and of others only who is
// in a group of this process read it.
func isProvided(info fs.FileInfo, uid int) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	perm := info.Mode().Perm()
	return ok && uid != 0 && st.Uid == 0 && perm&^0o640 == 0 && (perm&0o040 == 0 || inGroup(st.Gid))
}

func openFile(path string, limit int64, provided func(fs.FileInfo) bool) (data []byte, stamp string, err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, "", fmt.Errorf("%s %w; name the file itself", path, errIsLink)
	}
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, "", err
	}
	switch {
	case !info.Mode().IsRegular():
		return nil, "", &fault{path + " is " + kindOf(info.Mode()) + ", not a regular file", moveItAway, nil}
	case provided(info):
	case !isOurs(info):
		return nil, "", &fault{path + " belongs to another user", "run this as that user, or make the file your own", nil}
	case info.Mode().Perm()&0o077 != 0:
		return nil, "", &fault{fmt.Sprintf("%s has mode %04o, so others may read it", path, info.Mode().Perm()), "run chmod 600 on it", nil}
	}
	return readOpened(f, info, limit)
}

func stampOf(f *os.File) (string, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return "", &fs.PathError{Op: "stat", Path: f.Name(), Err: err}
	}
	return fmt.Sprint(st.Dev, st.Ino, st.Size, st.Mtim.Nano(), st.Ctim.Nano()), nil
}

func isOurs(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid()
}

func isLoose(dir fs.FileInfo) bool { return dir.Mode().Perm()&0o022 != 0 }

// hold keeps [removeUnheld] off a new file until it is closed; false if that came
// before. Where there are no locks nothing is removed.
func hold(f *os.File) bool {
	if err := flock(f, false); err != nil {
		return errors.Is(err, errNoLocks)
	}
	is, err := isAt(f, f.Name())
	return is && err == nil
}

// holdPath is [hold] of a file that is there; nil where it cannot be.
func holdPath(path string) *os.File {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	hold(f)
	return f
}

// removeUnheld removes a file that no process holds.
func removeUnheld(path string) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if flock(f, false) != nil {
		return
	}
	if is, err := isAt(f, path); is && err == nil {
		os.Remove(path)
	}
}

// place renames f, which it closes if that is done, to path.
func place(f *os.File, path string) error {
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	f.Close() // what it holds was synced
	return nil
}

// syncDir makes what was renamed in dir outlast a crash, where the file system can.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
