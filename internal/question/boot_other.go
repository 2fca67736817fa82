//go:build !linux && !darwin && !windows

package question

import "time"

// Now returns the wall clock, in nanoseconds since 1970.
func Now() int64 { return time.Now().UnixNano() }

// SinceBoot knows no clock here that goes on in sleep.
func SinceBoot() int64 { return NoBoot }
