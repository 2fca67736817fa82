//go:build !windows

package program

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The keeper waits for its standard input to end, which the kernel sees to when
// this process ends, even by SIGKILL; then it kills the program and all that it
// started. It is this program's own, so that no signal to its caller's reaches it.
//
//go:embed keeper.sh
var keeperScript string

// markVariable tells what a program started from everything else.
const markVariable = "AWS_CONNECTOR_RUN"

// running is a program that was started.
type running struct {
	cmd, keeper *exec.Cmd
	lifeline    *os.File // its end is the end of the program
}

// start starts cmd in a process group of its own, which the keeper leads: it has
// no other while the keeper lives, so that a signal never finds a stranger.
//
// In the foreground of a terminal it stays in the caller's group: the kernel
// stops a program of any other one that asks there. Giving the terminal away
// would stop whoever shares it with the caller, as `aws … | less` does.
func start(cmd *exec.Cmd) (*running, error) {
	r := &running{cmd: cmd}
	terminal := foreground()
	if terminal != nil {
		cmd.Stdin = terminal
		defer terminal.Close()
	}
	if err := r.keep(terminal == nil); err != nil {
		return nil, err
	}
	if terminal == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if r.keeper != nil {
			cmd.SysProcAttr.Pgid = r.keeper.Process.Pid
		}
	}
	if err := cmd.Start(); err != nil {
		r.release()
		return nil, err
	}
	if r.keeper != nil {
		// A keeper that is gone already shows when it is waited for.
		_, _ = r.lifeline.WriteString(strconv.Itoa(cmd.Process.Pid) + "\n")
	}
	return r, nil
}

// keep starts the keeper. A system without a shell has none: there the program
// ends with this process unless that is killed.
func (r *running) keep(group bool) error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	mark := fmt.Sprintf("%s=%d.%d", markVariable, os.Getpid(), time.Now().UnixNano())
	r.cmd.Env = append(r.cmd.Env, mark)
	args := []string{"-c", keeperScript, "aws-connector-keeper", mark}
	if group {
		args = append(args, "group")
	}
	keeper := exec.Command("/bin/sh", args...)
	keeper.Stdin, keeper.Dir, keeper.Env = read, "/", []string{"PATH=/usr/bin:/bin"}
	keeper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := keeper.Start(); err != nil {
		write.Close()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	r.keeper, r.lifeline = keeper, write
	return nil
}

// release lets go of a program that ended by itself.
func (r *running) release() {
	if r.keeper == nil {
		return
	}
	_ = r.keeper.Process.Kill() // before the lifeline ends, which would kill what was left running
	_ = r.keeper.Wait()
	r.lifeline.Close()
}

// kill ends the program and what it started.
func (r *running) kill() {
	if r.keeper != nil {
		r.lifeline.Close()
		done := make(chan struct{})
		go func() {
			_ = r.keeper.Wait()
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(toEnd):
		}
	}
	if attr := r.cmd.SysProcAttr; attr != nil && r.keeper == nil {
		_ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL)
	}
	_ = r.cmd.Process.Kill()
}

// foreground returns the controlling terminal where this process is in its
// foreground, else nil.
func foreground() *os.File {
	f, err := os.OpenFile("/dev/tty", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil
	}
	group, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	if err != nil || group != unix.Getpgrp() {
		f.Close()
		return nil
	}
	return f
}
