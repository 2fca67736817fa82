//go:build !windows

package program

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// Become makes this process the program at path, with argv and env: it keeps its
// id, its terminal, its streams and its working directory, and so answers signals
// and ends as the program does. Where there is an answer, it is an error, which
// wraps [ErrNotExecutable]; on Windows the status with which the program ended.
//
// A file that is no program is one of /bin/sh, as for every shell: exec(3), execvp.
func Become(path string, argv, env []string, _ Streams) (status int, err error) {
	err = syscall.Exec(path, argv, env)
	if errors.Is(err, syscall.ENOEXEC) {
		const shell = "/bin/sh"
		err = syscall.Exec(shell, append([]string{shell, path}, argv[1:]...), env)
	}
	cause := err.Error()
	if errors.Is(err, fs.ErrNotExist) {
		cause = "its interpreter does not exist" // the file itself was found
	}
	return 0, fmt.Errorf("%w: %s", ErrNotExecutable, cause)
}
