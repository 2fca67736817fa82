package warm

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const configHome, cacheHome = "/Library/Application Support", "/Library/Caches"

func times(st *syscall.Stat_t) (written, changed int64) {
	return st.Mtimespec.Nano(), st.Ctimespec.Nano()
}

// ownStamp returns the stamp of the program's file.
func ownStamp() (stamp, bool) {
	path, err := os.Executable()
	if err != nil {
		return stamp{}, false
	}
	var st syscall.Stat_t
	if syscall.Stat(path, &st) != nil {
		return stamp{}, false
	}
	return stampFrom(&st), true
}

// readable waits until something can be read from fd, its end included.
func readable(fd int, most time.Duration) bool {
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(most.Milliseconds()))
	return n == 1 && err == nil
}

func deaf() bool { return false }
