package question

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	configHome, cacheHome = "/Library/Application Support", "/Library/Caches"
	xdgHonoured           = false
)

func times(st *syscall.Stat_t) (written, changed int64) {
	return st.Mtimespec.Nano(), st.Ctimespec.Nano()
}

func hostOf() (string, bool) {
	name, err := os.Hostname()
	return name, err == nil
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

// readable waits for most nanoseconds until something can be read from fd, its end
// included.
func readable(fd int, most int64) bool {
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(most/1e6))
	return n == 1 && err == nil
}

// Unfit reports whether standard output is a terminal, where only the ordinary path
// answers, or another device; whether anybody reads it cannot be told here.
func Unfit() bool {
	const null = 3<<24 | 2
	var st syscall.Stat_t
	return syscall.Fstat(1, &st) != nil || st.Mode&syscall.S_IFMT == syscall.S_IFCHR && st.Rdev != null
}
