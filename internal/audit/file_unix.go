//go:build !windows

package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"

	"aws-connector/internal/owned"

	"golang.org/x/sys/unix"
)

// open opens the file at path to append to it, and for reading where that is
// allowed. create is os.O_CREATE or 0.
func open(path string, create int) (*os.File, error) {
	if err := owned.Check(path); err != nil {
		return nil, err
	}
	// O_NONBLOCK: a FIFO that nobody reads is an error, not a wait.
	flags := os.O_APPEND | create | syscall.O_NOFOLLOW | syscall.O_NONBLOCK
	f, err := os.OpenFile(path, os.O_RDWR|flags, 0o600)
	if errors.Is(err, fs.ErrPermission) {
		f, err = os.OpenFile(path, os.O_WRONLY|flags, 0o600)
	}
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("%s is a symbolic link", path)
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		st, ok := info.Sys().(*syscall.Stat_t)
		switch {
		case !info.Mode().IsRegular():
			err = fmt.Errorf("%s is not a regular file", path)
		case ok && st.Uid != 0 && int(st.Uid) != os.Geteuid():
			err = fmt.Errorf("%s belongs to another user", path)
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// room reports why dir has none for a line more, or with make for a file.
func room(dir string, makes bool) error {
	if makes {
		if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
			return &fs.PathError{Op: "open", Path: dir, Err: err}
		}
	}
	if full(dir) {
		return &fs.PathError{Op: "write", Path: dir, Err: syscall.ENOSPC}
	}
	return nil
}

// sockets are where syslog listens: Linux and the BSDs, macOS.
var sockets = []string{"/dev/log", "/var/run/syslog", "/var/run/log"}

const (
	// priority is facility authpriv (10), severity informational (6). RFC 5424, 6.2.1
	priority = 10<<3 | 6
	patience = 100 * time.Millisecond
)

// toSyslog sends line as daemons have long done it. RFC 3164, 4.1
func toSyslog(sockets []string, now time.Time, line []byte) error {
	conn, err := dial(sockets)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(conn, "<%d>%s aws-connector[%d]: %s", priority, now.Local().Format(time.Stamp), os.Getpid(), line)
	return err
}

// reach reports why syslog takes nothing.
func reach(sockets []string) error {
	conn, err := dial(sockets)
	if err == nil {
		conn.Close()
	}
	return err
}

func dial(sockets []string) (conn net.Conn, err error) {
	err = errors.New("no syslog")
	for _, path := range sockets {
		if conn, err = net.DialTimeout("unixgram", path, patience); err == nil {
			return conn, nil
		}
	}
	return nil, err
}
