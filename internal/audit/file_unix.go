//go:build !windows

package audit

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

func open(path string) (*os.File, error) {
	// O_NONBLOCK: a FIFO that nobody reads is an error, not a wait.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
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

// sockets are where syslog listens: Linux and the BSDs, macOS.
var sockets = []string{"/dev/log", "/var/run/syslog", "/var/run/log"}

const (
	// priority is facility authpriv (10), severity informational (6). RFC 5424, 6.2.1
	priority = 10<<3 | 6
	patience = 100 * time.Millisecond
)

// toSyslog sends line as daemons have long done it. RFC 3164, 4.1
func toSyslog(sockets []string, now time.Time, line []byte) error {
	err := errors.New("no syslog")
	for _, path := range sockets {
		var conn net.Conn
		if conn, err = net.DialTimeout("unixgram", path, patience); err != nil {
			continue
		}
		defer conn.Close()
		if err = conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
			return err
		}
		_, err = fmt.Fprintf(conn, "<%d>%s aws-connector[%d]: %s", priority, now.Local().Format(time.Stamp), os.Getpid(), line)
		return err
	}
	return err
}
