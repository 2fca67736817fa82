//go:build !windows

package dotfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"aws-connector/internal/owned"
)

const (
	lockTries = 500
	lockPause = 20 * time.Millisecond

	// readFlags do not wait where a FIFO took the place of a file.
	readFlags = os.O_RDONLY | syscall.O_NOFOLLOW | syscall.O_NONBLOCK
)

func ownerOf(info fs.FileInfo) (uid, gid int, ok bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(st.Uid), int(st.Gid), true
}

func isOwn(info fs.FileInfo) bool {
	uid, _, ok := ownerOf(info)
	return ok && uid == os.Geteuid()
}

// checkDir looks at the directory that was opened, whatever its path was a
// moment ago when [owned.Check] saw it.
func checkDir(dir string, info fs.FileInfo) error {
	if os.Geteuid() == 0 && !isOwn(info) {
		return fmt.Errorf("%s %w", dir, owned.ErrForeign)
	}
	return nil
}

// checkOwner refuses to replace another user's file, or one whose directory
// nobody may write to: root could, and for a file in a read-only tree it would
// be undone or break what made the tree.
func (p *place) checkOwner(f *File) error {
	if p.info.Mode().Perm()&0o222 == 0 {
		return fmt.Errorf("directory %s is read-only", p.dir)
	}
	if f.info != nil && !isOwn(f.info) {
		return fmt.Errorf("%s belongs to another user", f.real)
	}
	return nil
}

// keepOwner gives temp the group of the file that it replaces, which is this
// user's own.
func keepOwner(temp *os.File, old fs.FileInfo) error {
	info, err := temp.Stat()
	if err != nil {
		return err
	}
	_, was, ok := ownerOf(old)
	if _, is, ok2 := ownerOf(info); !ok || !ok2 || was == is {
		return nil
	}
	if err := temp.Chown(-1, was); err != nil {
		return fmt.Errorf("its group cannot be kept: %w", errors.Unwrap(err))
	}
	return nil
}

// lock keeps other processes of this program out of the directory. The kernel's
// lock on the directory itself leaves nothing behind in a person's home; a file
// system that has none (NFS) goes without, and locked is false.
func lock(root *os.Root) (unlock func(), locked bool, err error) {
	d, err := root.Open(".")
	if err != nil {
		return nil, false, err
	}
	for range lockTries {
		err = syscall.Flock(int(d.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return func() { d.Close() }, err == nil, nil
		}
		time.Sleep(lockPause)
	}
	d.Close()
	return nil, false, fmt.Errorf("directory %s: another process keeps it locked", root.Name())
}

func rename(root *os.Root, from, to string) error { return root.Rename(from, to) }
