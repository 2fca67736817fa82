package tty

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// nullDevice is the number of /dev/null. Documentation/admin-guide/devices.txt
var nullDevice = unix.Mkdev(1, 3)

// Closed reports whether w is a standard stream that was closed when the program
// started, so that nobody gets what is written to it.
//
// Go's runtime opens /dev/null for reading and writing in place of such a stream.
// A shell's >/dev/null is open for writing alone, and a program that throws
// several streams away lets them share one /dev/null: neither is taken for closed.
// A caller that opens /dev/null for reading and writing, and for this one stream,
// as Python's DEVNULL and Node's "ignore" do, cannot be told from it.
func Closed(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	fd := int(f.Fd())
	var st unix.Stat_t
	if fd > 2 || unix.Fstat(fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFCHR || st.Rdev != nullDevice {
		return false
	}
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	if err != nil || flags&unix.O_ACCMODE != unix.O_RDWR {
		return false
	}
	for other := range 3 {
		if other != fd && sameDescription(fd, other) {
			return false
		}
	}
	return true
}

// sameDescription reports whether two descriptors share what open(2) made. kcmp(2)
func sameDescription(a, b int) bool {
	const kcmpFile = 0
	pid := uintptr(os.Getpid())
	r, _, errno := unix.Syscall6(unix.SYS_KCMP, pid, pid, kcmpFile, uintptr(a), uintptr(b), 0)
	return errno == 0 && r == 0
}
