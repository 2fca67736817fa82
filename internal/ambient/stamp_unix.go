//go:build !windows

package ambient

import (
	"fmt"
	"io/fs"

	"golang.org/x/sys/unix"
)

// stampOf has the time of the last change, which nobody can set back.
func stampOf(path string, info fs.FileInfo) string {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return ""
	}
	return fmt.Sprint(st.Dev, st.Ino, info.Mode(), st.Size, st.Mtim.Nano(), st.Ctim.Nano())
}
