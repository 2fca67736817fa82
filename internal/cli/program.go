package cli

import (
	"context"
	"errors"
	"os/exec"
	"time"
)

// outputLimit is what is read of what a program prints, in bytes.
const outputLimit = 1 << 20

var errOutput = errors.New("it prints more than 1 MiB")

// printed keeps what a program prints, up to outputLimit; at more, the program is left alone.
type printed struct{ data []byte }

// Write implements [io.Writer].
func (p *printed) Write(b []byte) (int, error) {
	if len(p.data)+len(b) > outputLimit {
		return 0, errOutput
	}
	p.data = append(p.data, b...)
	return len(b), nil
}

// output runs a program and returns its standard output.
func output(ctx context.Context, program string, args ...string) (string, error) {
	var out printed
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.WaitDelay = &out, time.Second // what it started may hold the stream open
	err := cmd.Run()
	return string(out.data), err
}
