package warm

import (
	"syscall"
	"time"
	"unsafe"
)

// SinceBoot returns how long ago the machine was started, times of sleep
// included, or [NoBoot]. clock_gettime(2)
func SinceBoot() time.Duration {
	const clockBoottime = 7
	var t syscall.Timespec
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockBoottime, uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		return NoBoot
	}
	return time.Duration(t.Nano())
}
