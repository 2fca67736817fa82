package program

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

var (
	// ErrNotFound means that there is no such program.
	ErrNotFound = errors.New("command not found")
	// ErrNotExecutable means that there is one, and that it cannot be run.
	ErrNotExecutable = errors.New("cannot be run")
)

// Find returns the path of a program as a shell finds it on the list of
// directories that path is. Its error is [ErrNotFound] or [ErrNotExecutable], which
// shells tell apart by their exit status.
func Find(name, path string) (string, error) {
	found, err := exec.LookPath(name)
	switch {
	case err == nil, errors.Is(err, exec.ErrDot) && runtime.GOOS != "windows":
		return found, nil // a person may have . on the PATH, and means it
	case !errors.Is(err, exec.ErrNotFound) && !errors.Is(err, fs.ErrNotExist):
		return "", ErrNotExecutable
	case name == "" || name != filepath.Base(name):
		return "", ErrNotFound
	}
	for _, dir := range filepath.SplitList(path) {
		if at, err := os.Stat(filepath.Join(dir, name)); err == nil && at.Mode().IsRegular() {
			return "", ErrNotExecutable
		}
	}
	return "", ErrNotFound
}

// Streams are what a program reads and writes that is started beside this one.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}
