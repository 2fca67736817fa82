package cache

import (
	"time"

	"golang.org/x/sys/windows"
)

// sinceBoot returns how long ago the machine was started, times of sleep included.
func sinceBoot() time.Duration { return windows.DurationSinceBoot() }
