package tty

import "golang.org/x/sys/unix"

// The requests of ioctl_tty(2): the last one throws away what was not read.
const (
	getTermios      = unix.TCGETS
	setTermios      = unix.TCSETS
	setTermiosFlush = unix.TCSETSF
)
