package question

import (
	"syscall"
	"unsafe"
)

const (
	clockRealtime = 0
	clockBoottime = 7
)

// Now returns the wall clock, in nanoseconds since 1970.
func Now() int64 {
	now, _ := clock(clockRealtime)
	return now
}

// SinceBoot returns how many nanoseconds ago the machine was started, times of sleep
// included, or [NoBoot].
func SinceBoot() int64 {
	boot, ok := clock(clockBoottime)
	if !ok {
		return NoBoot
	}
	return boot
}

// clock_gettime(2)
func clock(id uintptr) (int64, bool) {
	var t syscall.Timespec
	_, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, id, uintptr(unsafe.Pointer(&t)), 0)
	return t.Nano(), errno == 0
}
