//go:build !linux && !darwin && !windows

package warm

import "time"

// SinceBoot knows no clock here that goes on in sleep.
func SinceBoot() time.Duration { return NoBoot }
