// Package tty asks the person at the controlling terminal.
//
// It never touches standard input or output: AWS SDKs and Docker leave pipes
// there that belong to somebody else. It speaks to /dev/tty, on Windows to
// CONIN$ and CONOUT$.
package tty

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"aws-connector/internal/secret"

	"golang.org/x/term"
)

// ErrNone means that there is nobody to ask: the process has no controlling
// terminal, or runs in its background, where reading would stop it.
var ErrNone = errors.New("no terminal")

// ErrEOF means that the person ended the input (Ctrl-D) or the terminal hung up.
var ErrEOF = errors.New("end of input")

// maxLine bounds an answer; the longest, a session token, has about 2 KB.
const maxLine = 16 << 10

// Terminal is the controlling terminal. Its methods are not safe for concurrent use.
type Terminal struct{ in, out *os.File }

// Open opens the controlling terminal. Its error wraps [ErrNone] if there is
// none or this process is not in its foreground.
func Open() (*Terminal, error) { return open() }

// Close gives the terminal back.
func (t *Terminal) Close() error {
	err := t.in.Close()
	if t.out != t.in {
		err = errors.Join(err, t.out.Close())
	}
	return err
}

// Ask shows prompt and returns the line typed, without its end and surrounding
// blanks. It ends with ctx's error when ctx does, and with [ErrEOF] at end of input.
func (t *Terminal) Ask(ctx context.Context, prompt string) (string, error) {
	line, err := t.ask(ctx, prompt, false)
	return strings.TrimSpace(line), err
}

// AskSecret is like [Terminal.Ask] but shows nothing of what is typed and keeps
// blanks. The terminal echoes again when it returns, also when ctx ended it.
func (t *Terminal) AskSecret(ctx context.Context, prompt string) (secret.Text, error) {
	line, err := t.ask(ctx, prompt, true)
	return secret.New(line), err
}

// Confirm asks a yes-or-no question; anything but y and yes is no.
func (t *Terminal) Confirm(ctx context.Context, question string) (bool, error) {
	answer, err := t.Ask(ctx, question+" [y/N] ")
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes", err
}

// Write shows text on the terminal.
func (t *Terminal) Write(p []byte) (int, error) { return t.out.Write(p) }

func (t *Terminal) ask(ctx context.Context, prompt string, hidden bool) (string, error) {
	fd := int(t.in.Fd())
	old, err := term.GetState(fd)
	if err != nil {
		return "", ErrNone
	}
	if _, err := io.WriteString(t.out, prompt); err != nil {
		return "", err
	}
	type answer struct {
		line string
		err  error
	}
	c := make(chan answer, 1)
	go func() {
		if hidden {
			b, err := term.ReadPassword(fd)
			c <- answer{string(b), err}
			return
		}
		line, err := bufio.NewReader(io.LimitReader(t.in, maxLine)).ReadString('\n')
		c <- answer{strings.TrimRight(line, "\r\n"), err}
	}()
	select {
	case a := <-c:
		if hidden {
			io.WriteString(t.out, "\n")
		}
		if errors.Is(a.err, io.EOF) && a.line == "" {
			return "", ErrEOF
		}
		if a.err != nil && !errors.Is(a.err, io.EOF) {
			return "", a.err
		}
		return a.line, nil
	case <-ctx.Done():
		// The read cannot be cancelled and ends with the process; the echo must come back now.
		term.Restore(fd, old)
		io.WriteString(t.out, "\n")
		return "", ctx.Err()
	}
}

// Width returns how many columns the terminal has that w writes to; false if it
// writes to none.
func Width(w io.Writer) (int, bool) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	const usual = 80
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns <= 0 {
		columns = usual
	}
	return columns, true
}
