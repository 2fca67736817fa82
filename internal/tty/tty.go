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
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"aws-connector/internal/plain"
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
type Terminal struct {
	in, out *os.File
	// lines reads in, and keeps what was pasted beyond a line.
	lines *bufio.Reader
	// hidden says that nothing of what is typed is shown.
	hidden bool
	// prompt is what the person answers to.
	prompt atomic.Pointer[string]
}

// Open opens the controlling terminal. Its error wraps [ErrNone] if there is
// none or this process is not in its foreground.
func Open() (*Terminal, error) { return open() }

func newTerminal(in, out *os.File) *Terminal {
	return &Terminal{in: in, out: out, lines: bufio.NewReaderSize(in, maxLine)}
}

// Close gives the terminal back.
func (t *Terminal) Close() error {
	err := t.in.Close()
	if t.out != t.in {
		err = errors.Join(err, t.out.Close())
	}
	return err
}

// Hidden runs a dialogue in which nothing of what is typed or pasted is shown,
// also of lines that come before they are asked for: the echo is off from its
// first to its last question. It is on again when Hidden returns, and while the
// process is stopped. Where the dialogue fails, what was typed beyond it is thrown
// away: it may be a secret, and would be the shell's next command.
func (t *Terminal) Hidden(dialogue func() error) error {
	if t.hidden {
		return dialogue()
	}
	show, err := t.hide()
	if err != nil {
		return ErrNone
	}
	t.hidden = true
	failed := true // also by a panic
	defer func() {
		t.hidden = false
		show(failed)
	}()
	err = dialogue()
	failed = err != nil
	return err
}

// Ask shows prompt and returns the line typed, without its end and surrounding
// blanks. It ends with ctx's error when ctx does, and with [ErrEOF] at end of input.
func (t *Terminal) Ask(ctx context.Context, prompt string) (string, error) {
	line, err := t.ask(ctx, prompt, func(string) bool { return false })
	return strings.TrimSpace(line), err
}

// AskJudged is like [Terminal.Ask], but within [Terminal.Hidden] it shows the
// answer if it is fit. Another one may be a secret.
func (t *Terminal) AskJudged(ctx context.Context, prompt string, fit func(answer string) bool) (string, error) {
	line, err := t.ask(ctx, prompt, func(line string) bool { return fit(strings.TrimSpace(line)) })
	return strings.TrimSpace(line), err
}

// AskSecret is like [Terminal.Ask] but shows nothing of what is typed and keeps
// blanks.
func (t *Terminal) AskSecret(ctx context.Context, prompt string) (secret.Text, error) {
	var line string
	err := t.Hidden(func() (err error) {
		line, err = t.ask(ctx, prompt, func(string) bool { return false })
		return err
	})
	return secret.New(line), err
}

// Confirm asks a yes-or-no question that Enter answers with no, until it is answered.
func (t *Terminal) Confirm(ctx context.Context, question string) (bool, error) {
	return t.decide(ctx, question+" [y/N] ", false)
}

// Agree asks a yes-or-no question that Enter answers with yes, until it is answered.
func (t *Terminal) Agree(ctx context.Context, question string) (bool, error) {
	return t.decide(ctx, question+" [Y/n] ", true)
}

func (t *Terminal) decide(ctx context.Context, question string, usual bool) (bool, error) {
	for {
		answer, err := t.AskJudged(ctx, question, isYesOrNo)
		if answer == "" || err != nil {
			return usual && err == nil, err
		}
		if isYesOrNo(answer) {
			return isYes(answer), nil
		}
		fmt.Fprintln(t, "  please answer y or n")
	}
}

func isYes(answer string) bool { return slices.Contains([]string{"y", "yes"}, strings.ToLower(answer)) }

func isYesOrNo(answer string) bool {
	return isYes(answer) || slices.Contains([]string{"n", "no"}, strings.ToLower(answer))
}

// Write shows text on the terminal, without what would steer it.
func (t *Terminal) Write(p []byte) (int, error) {
	if _, err := io.WriteString(t.out, plain.Visible(string(p), '\n')); err != nil {
		return 0, err
	}
	return len(p), nil
}

// ask reads a line. Where the terminal does not show it, ask does if it is fit.
func (t *Terminal) ask(ctx context.Context, prompt string, fit func(string) bool) (string, error) {
	t.prompt.Store(&prompt)
	defer t.prompt.Store(nil)
	if _, err := io.WriteString(t, prompt); err != nil {
		return "", err
	}
	type answer struct {
		line string
		err  error
	}
	c := make(chan answer, 1)
	go func() {
		line, err := t.lines.ReadSlice('\n')
		c <- answer{strings.TrimRight(string(line), "\r\n"), err}
	}()
	select {
	case a := <-c:
		if t.hidden {
			shown := ""
			if a.err == nil && fit(a.line) {
				shown = a.line
			}
			fmt.Fprintln(t, shown)
		}
		if errors.Is(a.err, io.EOF) { // half a line is no answer
			if !t.hidden {
				fmt.Fprintln(t) // after a prompt, or what was typed
			}
			return "", ErrEOF
		}
		return a.line, a.err
	case <-ctx.Done():
		// The read cannot be cancelled and ends with the process.
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
