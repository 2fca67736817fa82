//go:build !windows

package program

import (
	"os/exec"
	"syscall"
)

// apart has cmd started in a session of its own.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
