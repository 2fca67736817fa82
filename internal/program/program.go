// Package program runs another program for what it prints: a credential_process,
// a program that keeps a key or gives a token. Or it has this process become one:
// see [Become].
//
// What is run ends with this process, however that ends, and never holds one of
// its streams: a caller that reads them to their end would wait for it.
package program

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"time"
	"unicode"
)

// MaxOutput is how much a program may print, in bytes, on either stream.
const MaxOutput = 1 << 20

// maxSaid is how much of what a program says about itself is kept, in bytes.
const maxSaid = 500

// ErrOutput means that the program printed more than [MaxOutput].
var ErrOutput = errors.New("printed more than 1 MiB")

// ErrNested means that this process descends from too many of its own name.
var ErrNested = errors.New("aws-connector and this program start each other without end")

const (
	// toClose is how long after its end a program's streams may stay open: what
	// it left running in the background may hold them.
	toClose = 500 * time.Millisecond
	// toEnd is how long a killed program is waited for: some cannot be killed.
	toEnd = 2 * time.Second
)

// Output is what a program printed.
type Output struct {
	// Stdout may hold secrets: it has no place in a message.
	Stdout []byte
	// Said is the end of what it printed on standard error, one line of printable text.
	Said string
}

// Run runs argv, a program and its arguments, without a shell, with env as its
// whole environment. It has no standard input, but for a process that a person
// started in the foreground of a terminal: then that terminal, where it may ask.
//
// When ctx ends, or the program prints too much, it is killed with all that it
// started. What it leaves running after a normal end is left alone.
//
// Its error is an [*exec.ExitError] where the program ended with another status
// than 0, [ErrOutput], [ErrNested], ctx's, or says why the program could not be started.
func Run(ctx context.Context, argv, env []string) (Output, error) {
	if len(argv) == 0 {
		return Output{}, errors.New("no program")
	}
	if isNested() {
		return Output{}, ErrNested
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if ctx.Err() != nil {
		return Output{}, context.Cause(ctx)
	}
	stdout, stderr := bounded{end: cancel}, bounded{end: cancel}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append([]string{}, env...) // nil would mean this process's
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &stdout, &stderr, toClose
	r, err := start(cmd)
	if err != nil {
		return Output{}, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err = <-done:
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() < 0 {
			r.kill() // by a signal, as by ^C, it left what it had started unasked
		} else {
			r.release()
		}
	case <-ctx.Done():
		r.kill()
		select {
		case <-done:
		case <-time.After(toEnd):
		}
	}
	out := Output{Stdout: stdout.bytes(), Said: said(stderr.bytes())}
	switch {
	case ctx.Err() != nil:
		return out, context.Cause(ctx)
	case errors.Is(err, exec.ErrWaitDelay):
		return out, nil
	}
	return out, err
}

// bounded keeps what is written to it, up to MaxOutput; more ends the program.
type bounded struct {
	end context.CancelCauseFunc
	mu  sync.Mutex
	got []byte
}

func (b *bounded) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.got)+len(p) > MaxOutput {
		b.end(ErrOutput)
		return 0, ErrOutput
	}
	b.got = append(b.got, p...)
	return len(p), nil
}

func (b *bounded) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.got
}

// said makes one line of a program's complaint: its end says what went wrong.
func said(stderr []byte) string {
	text := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(stderr), "?"))
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxSaid {
		text = "…" + strings.ToValidUTF8(text[len(text)-maxSaid:], "")
	}
	return text
}
