package program

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// apart has cmd started where no Ctrl-C of the console reaches it.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}
