//go:build !linux && !darwin && !windows

package cache

import "time"

// sinceBoot knows no clock here that goes on in sleep.
func sinceBoot() time.Duration { return noBoot }
