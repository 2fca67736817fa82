package cache

import (
	"time"

	"golang.org/x/sys/unix"
)

// sinceBoot returns how long ago the machine was started, times of sleep
// included, or noBoot. On Darwin CLOCK_MONOTONIC_RAW goes on in sleep, as
// clock_gettime(3) there says.
func sinceBoot() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC_RAW, &t); err != nil {
		return noBoot
	}
	return time.Duration(t.Nano())
}
