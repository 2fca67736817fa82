//go:build !linux

package audit

import "os"

// Parent returns the process that started this one.
func Parent() Caller { return Caller{PID: os.Getppid()} }
