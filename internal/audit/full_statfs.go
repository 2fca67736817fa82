//go:build linux || darwin || freebsd

package audit

import (
	"os"

	"golang.org/x/sys/unix"
)

// full reports whether the file system of dir has no block left for this user.
func full(dir string) bool {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil || st.Blocks == 0 {
		return false
	}
	// The last ones are root's.
	return st.Bavail <= 0 && (os.Geteuid() != 0 || st.Bfree == 0)
}
