package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// open opens the file at path to append to it and to read it. create is os.O_CREATE or 0.
func open(path string, create int) (*os.File, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, fmt.Errorf("%s is a symbolic link", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return os.OpenFile(path, os.O_RDWR|os.O_APPEND|create, 0o600)
}

var sockets []string

func toSyslog([]string, time.Time, []byte) error { return reach(nil) }

func reach([]string) error { return errors.New("there is no syslog on Windows") }

// room reports why dir has none for a file; whether it can be written to only writing tells.
func room(dir string, _ bool) error {
	_, err := os.Stat(dir)
	return err
}
