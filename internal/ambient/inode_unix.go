//go:build !windows

package ambient

import (
	"fmt"
	"io/fs"
	"syscall"
)

// inode tells one file from another at the same path.
func inode(info fs.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprint(st.Dev, st.Ino)
}
