//go:build !windows

package owned

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// maxLinks is how many symbolic links there may be on a way, as Linux has it.
const maxLinks = 40

// Check reports whether this process may make or write what is at the absolute
// path, which need not exist. For any user but root that is for the system to
// say. For root everything on the way there must be root's, links and what they
// lead to included: its error wraps [ErrForeign] where something is not.
func Check(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return check(path, 0)
}

func check(path string, links int) error {
	path = filepath.Clean(path)
	if dir := filepath.Dir(path); dir != path {
		if err := check(dir, links); err != nil {
			return err
		}
	}
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	}
	if err != nil {
		return err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 {
		return foreign(path)
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		return nil
	}
	target, err := os.Readlink(path)
	if err != nil {
		return err
	}
	if links == maxLinks {
		return &fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
	}
	if !filepath.IsAbs(target) {
		target = filepath.Dir(path) + string(filepath.Separator) + target
	}
	return check(target, links+1)
}
