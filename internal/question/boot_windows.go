package question

import (
	"time"

	"golang.org/x/sys/windows"
)

// Now returns the wall clock, in nanoseconds since 1970.
func Now() int64 { return time.Now().UnixNano() }

// SinceBoot returns how many nanoseconds ago the machine was started, times of sleep included.
func SinceBoot() int64 { return int64(windows.DurationSinceBoot()) }
