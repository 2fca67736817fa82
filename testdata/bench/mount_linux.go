package main

import "syscall"

// mountOver puts the file from in the place of the file to, for this thread and
// the processes that it starts. Only root may.
func mountOver(from, to string) error {
	if err := syscall.Unshare(syscall.CLONE_NEWNS); err != nil {
		return err
	}
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	return syscall.Mount(from, to, "", syscall.MS_BIND, "")
}
