package program

import (
	"bytes"
	"os"
	"strconv"
)

// isNested reports whether this process is the last of too many of its name, each
// started by the one before: a program that takes out of its environment what says
// so would go on until nothing is left of the machine.
func isNested() bool {
	const most, far = 8, 100
	own, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		return false
	}
	own = bytes.TrimSpace(own)
	n := 0
	for pid, i := os.Getppid(), 0; pid > 1 && i < far; i++ {
		name, parent, ok := statOf(pid)
		if !ok {
			break
		}
		if bytes.Equal(name, own) {
			n++
		}
		pid = parent
	}
	return n >= most
}

// statOf returns the name and the parent of a process. proc_pid_stat(5)
func statOf(pid int) (name []byte, parent int, ok bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	begin, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if err != nil || begin < 0 || end < begin {
		return nil, 0, false
	}
	const state, ppid = 0, 1
	rest := bytes.Fields(text[end+1:])
	if len(rest) <= ppid || len(rest[state]) != 1 {
		return nil, 0, false
	}
	parent, err = strconv.Atoi(string(rest[ppid]))
	return text[begin+1 : end], parent, err == nil
}
