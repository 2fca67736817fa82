package doctor

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/windows"
)

func owner(fs.FileInfo) (int, bool) { return 0, false }

// Writable finds no reason: what ACLs allow shows when it is tried.
func Writable(string) error { return nil }

// TryLock does nothing: Windows locks files on every file system.
func TryLock(string) error { return nil }

// refused tells whether nobody listens at a port.
func refused(err error) bool { return errors.Is(err, windows.WSAECONNREFUSED) }
