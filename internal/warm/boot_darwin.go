package warm

import (
	"time"

	"golang.org/x/sys/unix"
)

// SinceBoot returns how long ago the machine was started, times of sleep
// included, or NoBoot. On Darwin CLOCK_MONOTONIC_RAW goes on in sleep, as
// clock_gettime(3) there says.
func SinceBoot() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC_RAW, &t); err != nil {
		return NoBoot
	}
	return time.Duration(t.Nano())
}
