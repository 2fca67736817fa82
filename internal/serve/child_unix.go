//go:build !windows

package serve

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// passed are the signals that are passed on. Those that stop and continue reach
// both through their process group, as a shell sends them.
func passed() []os.Signal {
	return []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2}
}

func ends() []os.Signal { return []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} }

// typed reports whether s came from the keyboard, and so to the whole group in the
// foreground of the terminal, of which the program run is one.
func typed(s os.Signal) bool {
	if s != syscall.SIGINT && s != syscall.SIGQUIT {
		return false
	}
	t, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer t.Close()
	group, err := unix.IoctlGetInt(int(t.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
