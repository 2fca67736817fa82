package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"aws-connector/internal/plain"
	"aws-connector/internal/tty"
)

// stream is standard output or standard error: all that a command writes goes
// through it. It lets printable text, ends of lines and tabs pass, and replaces
// whatever else could steer a terminal or hide: names, paths, variables, and what
// servers and programs say are somebody else's. Ends of lines are for those to
// care for who put such a text into a line: see [plain.Line].
//
// Each write is a text of its own: a character that is split over two is none.
type stream struct {
	name string
	w    io.Writer
	// colours lets the marks of [screen.paint] become colours.
	colours bool
	// deaf reports that nobody can get what is written; nil is nobody's doubt.
	deaf func() bool

	mu  sync.Mutex
	err error // the first failure
}

// errClosed is the failure of a stream that was closed when the program started.
var errClosed = errors.New("closed")

func (s *stream) Write(p []byte) (int, error) {
	if s.deaf != nil && s.deaf() {
		return 0, s.failed(errClosed)
	}
	if _, err := s.w.Write(s.clean(p)); err != nil {
		return 0, s.failed(err)
	}
	return len(p), nil
}

func (s *stream) failed(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	err = fmt.Errorf("%s: %w", s.name, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
	return err
}

// failure is why something that was written did not arrive.
func (s *stream) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// clean returns p itself where it is ASCII, as all that machines call often is.
func (s *stream) clean(p []byte) []byte {
	steers := func(c byte) bool { return c >= 0x7f || c < ' ' && c != '\n' && c != '\t' }
	if !slices.ContainsFunc(p, steers) {
		return p
	}
	kept := []rune{'\n', '\t'}
	if s.colours {
		kept = append(kept, plainMark, redMark, greenMark, yellowMark)
	}
	out := plain.Visible(string(p), kept...)
	if s.colours {
		out = strings.NewReplacer(string(plainMark), "\x1b[0m", string(redMark), "\x1b[31m", string(greenMark), "\x1b[32m", string(yellowMark), "\x1b[33m").Replace(out)
	}
	return []byte(out)
}

// say tells a person something, in one line on standard error.
func (a *App) say(format string, args ...any) {
	fmt.Fprintln(a.Stderr, plain.Line(fmt.Sprintf(format, args...)))
}

// wrap puts what is written through streams, until it is told to stop.
func (a *App) wrap() (stop func()) {
	out, errs := a.Stdout, a.Stderr
	// A command that is run for what it does, or for its exit status, is no failure
	// where its output is thrown away; see [tty.Closed].
	deaf := sync.OnceValue(func() bool { return !a.does && tty.Closed(out) })
	a.answer = &stream{name: "standard output", w: out, deaf: deaf}
	a.Stdout, a.Stderr = a.answer, &stream{name: "standard error", w: errs}
	return func() { a.Stdout, a.Stderr = out, errs }
}
