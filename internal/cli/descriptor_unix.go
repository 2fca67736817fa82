//go:build !windows

package cli

import "golang.org/x/sys/unix"

// closeOnExec keeps an open file from the programs that are run.
func closeOnExec(fd int) { unix.CloseOnExec(fd) }
