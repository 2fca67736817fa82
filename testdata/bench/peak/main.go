// Command peak runs a program and prints its exit status and its peak memory in KiB.
//
//	peak PROGRAM NAME ARG…
//
// NAME is what the program is called by. What getrusage tells of a child begins
// with what its parent had when it was started, so the parent must be small.
package main

import (
	"fmt"
	"os"
	"syscall"
)

func main() {
	null, err := syscall.Open(os.DevNull, syscall.O_WRONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		panic(err)
	}
	pid, err := syscall.ForkExec(os.Args[1], os.Args[2:], &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, uintptr(null), uintptr(null)}})
	if err != nil {
		panic(err)
	}
	var status syscall.WaitStatus
	var used syscall.Rusage
	for {
		if _, err = syscall.Wait4(pid, &status, 0, &used); err != syscall.EINTR {
			break
		}
	}
	fmt.Println(status.ExitStatus(), used.Maxrss)
}
