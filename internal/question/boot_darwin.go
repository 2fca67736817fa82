package question

import (
	"time"

	"golang.org/x/sys/unix"
)

// Now returns the wall clock, in nanoseconds since 1970.
func Now() int64 { return time.Now().UnixNano() }

// SinceBoot returns how many nanoseconds ago the machine was started, times of sleep
// included, or [NoBoot]. On Darwin CLOCK_MONOTONIC_RAW goes on in sleep, as
// clock_gettime(3) there says.
func SinceBoot() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC_RAW, &t); err != nil {
		return NoBoot
	}
	return t.Nano()
}
