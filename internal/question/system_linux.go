package question

import (
	"runtime"
	"syscall"
	"unsafe"
)

const (
	configHome, cacheHome = "/.config", "/.cache"
	xdgHonoured           = true
)

func times(st *syscall.Stat_t) (written, changed int64) { return st.Mtim.Nano(), st.Ctim.Nano() }

// hostOf returns the name of the host, as [os.Hostname] does. uname(2)
func hostOf() (string, bool) {
	var u syscall.Utsname
	if syscall.Uname(&u) != nil {
		return "", false
	}
	name := make([]byte, 0, len(u.Nodename))
	for _, c := range u.Nodename {
		if c == 0 {
			break
		}
		name = append(name, byte(c))
	}
	return string(name), true
}

// ownStamp returns the stamp of the program's file, which was started and so need
// not be readable.
func ownStamp() (stamp, bool) {
	var st syscall.Stat_t
	if syscall.Stat("/proc/self/exe", &st) != nil {
		return stamp{}, false
	}
	return stampFrom(&st), true
}

// writable waits until something can be written to fd.
func writable(fd int) {
	const pollOut = 4
	poll(fd, pollOut, nil)
}

// readable waits for most nanoseconds until something can be read from fd, its end
// included. ppoll(2)
func readable(fd int, most int64) bool {
	const pollIn = 1
	t := syscall.NsecToTimespec(most)
	return poll(fd, pollIn, &t)
}

func poll(fd int, events int16, most *syscall.Timespec) bool {
	p := struct {
		fd              int32
		events, revents int16
	}{int32(fd), events, 0}
	n, _, _ := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&p)), 1, uintptr(unsafe.Pointer(most)), 0, 0, 0)
	return n == 1
}

// Unfit reports whether standard output is one that only the ordinary path may answer
// on: one that nobody reads, as package tty says, or a terminal, where a person must
// be warned of what is on the screen then.
func Unfit() bool {
	const null = 1<<8 | 3 // Documentation/admin-guide/devices.txt
	const kcmpFile = 0
	var st syscall.Stat_t
	if syscall.Fstat(1, &st) != nil {
		return true
	}
	if st.Mode&syscall.S_IFMT != syscall.S_IFCHR {
		return false
	}
	if st.Rdev != null {
		return true // a terminal, or nothing that is asked for much
	}
	flags, _, errno := syscall.RawSyscall(syscall.SYS_FCNTL, 1, syscall.F_GETFL, 0)
	if errno == 0 && flags&syscall.O_ACCMODE != syscall.O_RDWR {
		return false
	}
	pid := uintptr(syscall.Getpid())
	for _, other := range [...]uintptr{0, 2} {
		// Whoever throws several streams away lets them share what open(2) made.
		if r, _, errno := syscall.RawSyscall6(sysKcmp(), pid, pid, kcmpFile, 1, other, 0); errno == 0 && r == 0 {
			return false
		}
	}
	return true
}

// sysKcmp is the number of kcmp(2), which package syscall has not everywhere; where
// it is not known here there is none.
func sysKcmp() uintptr {
	switch runtime.GOARCH {
	case "amd64":
		return 312
	case "arm64", "riscv64", "loong64":
		return 272
	}
	return ^uintptr(0)
}
