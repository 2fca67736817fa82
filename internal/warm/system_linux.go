package warm

import (
	"errors"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

const configHome, cacheHome = "/.config", "/.cache"

func times(st *syscall.Stat_t) (written, changed int64) { return st.Mtim.Nano(), st.Ctim.Nano() }

// ownStamp returns the stamp of the program's file, which was started and so need
// not be readable.
func ownStamp() (stamp, bool) {
	var st syscall.Stat_t
	if syscall.Stat("/proc/self/exe", &st) != nil {
		return stamp{}, false
	}
	return stampFrom(&st), true
}

// readable waits until something can be read from fd, its end included. ppoll(2)
func readable(fd int, most time.Duration) bool {
	const pollIn = 1
	p := struct {
		fd              int32
		events, revents int16
	}{int32(fd), pollIn, 0}
	t := syscall.NsecToTimespec(int64(most))
	n, _, _ := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&p)), 1, uintptr(unsafe.Pointer(&t)), 0, 0, 0)
	return n == 1
}

// deaf reports whether standard output may be one that nobody reads: package tty
// says what that is, and the ordinary path what to do.
func deaf() bool {
	const null = 1<<8 | 3 // Documentation/admin-guide/devices.txt
	var st syscall.Stat_t
	if syscall.Fstat(1, &st) != nil || st.Mode&syscall.S_IFMT == syscall.S_IFCHR && st.Rdev == null {
		flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, 1, syscall.F_GETFL, 0)
		return errno != 0 || flags&syscall.O_ACCMODE != syscall.O_WRONLY
	}
	return false
}

// KeyName is the description of the key in the kernel's keyring of the user.
const KeyName = "aws-connector:cache"

const errNoKey = syscall.ENOKEY

// KernelKey returns the key of this description. It does not ask the kernel's
// "request key" helpers, which are programs. keyctl(2)
func KernelKey(description string) ([]byte, error) {
	const search, read, userKeyring = 10, 11, ^uintptr(4 - 1) // KEY_SPEC_USER_KEYRING is -4
	kind := [...]byte{'u', 's', 'e', 'r', 0}
	name, err := syscall.BytePtrFromString(description)
	if err != nil {
		return nil, err
	}
	id, _, errno := syscall.RawSyscall6(syscall.SYS_KEYCTL, search, userKeyring, uintptr(unsafe.Pointer(&kind)), uintptr(unsafe.Pointer(name)), 0, 0)
	if errno != 0 {
		return nil, errno
	}
	key := make([]byte, KeySize)
	n, _, errno := syscall.RawSyscall6(syscall.SYS_KEYCTL, read, id, uintptr(unsafe.Pointer(unsafe.SliceData(key))), KeySize, 0, 0)
	switch {
	case errno != 0:
		return nil, errno
	case n != KeySize:
		return nil, errors.New("a key " + description + " of " + strconv.Itoa(int(n)) + " bytes is not ours")
	}
	return key, nil
}
