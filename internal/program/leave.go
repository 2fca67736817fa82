package program

import (
	"context"
	"os/exec"
	"time"
)

// toFail is how long a program that is left alone is watched: one that cannot do
// what it is for says so at once.
const toFail = 3 * time.Second

// Leave starts the program at path for a person and leaves it alone: it outlives
// this process and what happens to its terminal, and has none of its streams. The
// error is that of a program that could not be started or soon failed, or ctx's.
func Leave(ctx context.Context, path string, args ...string) error {
	cmd := exec.Command(path, args...)
	apart(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		return err
	case <-time.After(toFail):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
