//go:build !windows

package tty

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func open() (*Terminal, error) {
	f, err := os.OpenFile("/dev/tty", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNone, err)
	}
	// A background job that reads its terminal is stopped by the kernel, and its caller waits for ever.
	if pgrp, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP); err == nil && pgrp != unix.Getpgrp() {
		f.Close()
		return nil, fmt.Errorf("%w: running in the background", ErrNone)
	}
	return newTerminal(f, f), nil
}
