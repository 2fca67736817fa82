package program

import (
	"os/exec"
	"unsafe"

	"golang.org/x/sys/windows"
)

// running is a program that was started, in a job that ends with this process.
type running struct {
	cmd *exec.Cmd
	job windows.Handle // 0 where there is none
}

func start(cmd *exec.Cmd) (*running, error) {
	r := &running{cmd: cmd}
	r.job, _ = windows.CreateJobObject(nil, nil)
	r.endWithUs(true)
	if err := cmd.Start(); err != nil {
		r.close()
		return nil, err
	}
	if err := r.join(); err != nil {
		r.close() // as inside a job that allows no other
	}
	return r, nil
}

// endWithUs says whether all of the job end with the last handle of it, which is this process's.
func (r *running) endWithUs(yes bool) {
	if r.job == 0 {
		return
	}
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	if yes {
		limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	}
	_, _ = windows.SetInformationJobObject(r.job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
}

func (r *running) join() error {
	if r.job == 0 {
		return nil
	}
	h, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(r.cmd.Process.Pid))
	if err != nil {
		return err
	}
	defer windows.CloseHandle(h)
	return windows.AssignProcessToJobObject(r.job, h)
}

// release lets go of a program that ended by itself.
func (r *running) release() {
	r.endWithUs(false)
	r.close()
}

// kill ends the program and what it started.
func (r *running) kill() {
	if r.job != 0 {
		_ = windows.TerminateJobObject(r.job, 1)
	}
	_ = r.cmd.Process.Kill()
	r.close()
}

func (r *running) close() {
	if r.job != 0 {
		_ = windows.CloseHandle(r.job)
		r.job = 0
	}
}
