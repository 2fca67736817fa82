//go:build !windows

package dotfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"
)

const (
	lockTries = 250
	lockPause = 20 * time.Millisecond
)

// checkOwner refuses to replace another user's file, or one whose directory
// nobody may write to: root could, and for a file in a read-only tree it would
// be undone or break what made the tree.
func checkOwner(path string, file fs.FileInfo, dir string, dirInfo fs.FileInfo) error {
	if dirInfo.Mode().Perm()&0o222 == 0 {
		return fmt.Errorf("directory %s is read-only", dir)
	}
	if file == nil || os.Geteuid() == 0 {
		return nil
	}
	if st, ok := file.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to another user", path)
	}
	return nil
}

// keepOwner gives temp the owner and group of the file that it replaces, or for
// root those of its directory.
func keepOwner(temp *os.File, old fs.FileInfo, dir string) error {
	if old == nil {
		return ownAs(temp.Name(), dir)
	}
	info, err := temp.Stat()
	if err != nil {
		return err
	}
	was, ok := old.Sys().(*syscall.Stat_t)
	is, ok2 := info.Sys().(*syscall.Stat_t)
	if !ok || !ok2 || was.Uid == is.Uid && was.Gid == is.Gid {
		return nil
	}
	if err := temp.Chown(int(was.Uid), int(was.Gid)); err != nil {
		return fmt.Errorf("its owner and group cannot be kept: %w", err)
	}
	return nil
}

// ownAs gives path the owner of dir if this is root, who may act for the person
// whose home it is.
func ownAs(path, dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Uid == 0 {
		return nil
	}
	return os.Chown(path, int(st.Uid), int(st.Gid))
}

// lock keeps other processes of this program out of the directory. The kernel's
// lock on the directory itself leaves nothing behind in a person's home; a file
// system that has none (NFS) goes without.
func lock(dir string) (unlock func(), err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for range lockTries {
		err = syscall.Flock(int(d.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return func() { d.Close() }, nil
		}
		time.Sleep(lockPause)
	}
	d.Close()
	return nil, fmt.Errorf("directory %s: another process keeps it locked", dir)
}

func rename(from, to string) error { return os.Rename(from, to) }
