package cache

import (
	"time"

	"golang.org/x/sys/unix"
)

// sinceBoot returns how long ago the machine was started, times of sleep
// included, or noBoot.
func sinceBoot() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return noBoot
	}
	return time.Duration(t.Nano())
}
