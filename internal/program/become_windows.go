package program

import (
	"errors"
	"fmt"
	"os/exec"
)

// Become runs the program at path to its end, with argv and env, and returns the
// status with which it ended: a process of Windows cannot become another program.
// Ctrl-C reaches both, since they share the console, and here it ends only the
// program; when this process is killed, that is too. Its error wraps [ErrNotExecutable].
func Become(path string, argv, env []string, s Streams) (status int, err error) {
	cmd := exec.Command(path)
	cmd.Args, cmd.Env = argv, env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.In, s.Out, s.Err
	r, err := start(cmd)
	if err != nil {
		return 0, fmt.Errorf("%w: %v", ErrNotExecutable, err)
	}
	defer r.release()
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	return cmd.ProcessState.ExitCode(), nil
}
