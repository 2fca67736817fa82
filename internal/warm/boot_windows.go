package warm

import (
	"time"

	"golang.org/x/sys/windows"
)

// SinceBoot returns how long ago the machine was started, times of sleep included.
func SinceBoot() time.Duration { return windows.DurationSinceBoot() }
