package cli

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"

	"aws-connector/internal/plain"
	"aws-connector/internal/tty"
)

// screen is what is known of where a stream is read.
type screen struct {
	// width is the number of columns of a terminal; 0 elsewhere, where no line is folded.
	width int
	// colour is false off a terminal, on a dumb one, and where NO_COLOR is set.
	// https://no-color.org
	colour bool
}

func screenOf(w io.Writer) screen {
	s, wrapped := w.(*stream)
	if wrapped {
		w = s.w
	}
	width, ok := tty.Width(w)
	if !ok {
		return screen{}
	}
	// An old console of Windows would show the codes themselves.
	colour := os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && runtime.GOOS != "windows"
	if wrapped {
		s.colours = colour
	}
	return screen{width, colour}
}

// The marks of colours are characters that no text has: [stream] makes colours
// of them, and plain.Line takes them out of what comes from elsewhere, so that
// nothing there is green that was not found to be.
const (
	plainMark  = '\ufdd0'
	redMark    = '\ufdd1'
	greenMark  = '\ufdd2'
	yellowMark = '\ufdd3'
)

// paint marks what is to be coloured, where colours are shown.
func (s screen) paint(mark rune, text string) string {
	if !s.colour {
		return text
	}
	return string(mark) + text + string(plainMark)
}

// beside returns the line of a table that has got to column, with text: there, or on
// a screen where it does not fit there, in lines of its own below, indented.
func (s screen) beside(line string, column, indent int, text string) string {
	if s.width == 0 || column+columns(text) < s.width {
		return strings.TrimRight(line+text, " ") + "\n"
	}
	return strings.TrimRight(line, " ") + "\n" + s.fold(indent, text) + "\n"
}

// fold returns text in lines that fit on the screen, indented, those after the
// first some more: none of them passes for the first line of another text.
func (s screen) fold(indent int, text string) string {
	const hanging = 2
	margin := strings.Repeat(" ", indent)
	if s.width == 0 {
		return margin + text
	}
	var lines []string
	line, length := "", 0
	for _, word := range strings.Fields(text) {
		n := columns(word)
		if line != "" && indent+length+1+n >= s.width {
			lines, line, length = append(lines, margin+line), "", 0
			if len(lines) == 1 {
				indent += hanging
				margin += strings.Repeat(" ", hanging)
			}
		}
		if line != "" {
			line, length = line+" ", length+1
		}
		line, length = line+word, length+n
	}
	return strings.Join(append(lines, margin+line), "\n")
}

// diff returns a unified diff in colours, where colours are shown.
func (s screen) diff(text string) string {
	if !s.colour {
		return text
	}
	var b strings.Builder
	header := true
	for line := range strings.Lines(text) {
		line, end := strings.TrimSuffix(line, "\n"), "\n"
		header = header && !strings.HasPrefix(line, "@@")
		switch {
		case header:
		case strings.HasPrefix(line, "+"):
			line = s.paint(greenMark, line)
		case strings.HasPrefix(line, "-"):
			line = s.paint(redMark, line)
		}
		b.WriteString(line + end)
	}
	return b.String()
}

// progress keeps a person informed with one line at the bottom of a terminal,
// while other lines go above it. A nil *progress informs nobody.
type progress struct {
	w     io.Writer
	width int

	mu    sync.Mutex
	text  string
	shown int // columns of the line that is on the screen
	held  int
}

// newProgress returns the progress line of a terminal, nil if w is none. It
// writes past a stream, to go back in the line, and cleans what it says.
func newProgress(w io.Writer) *progress {
	s := screenOf(w)
	if wrapped, ok := w.(*stream); ok {
		w = wrapped.w
	}
	if s.width == 0 || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return &progress{w: w, width: s.width}
}

// say puts text on the line.
func (p *progress) say(text string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = plain.Line(text)
	p.draw()
}

// hold takes the line off the screen, which is the caller's until it calls release.
func (p *progress) hold() (release func()) {
	if p == nil {
		return func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held++
	p.erase()
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.held--
		p.draw()
	}
}

func (p *progress) draw() {
	if p.held > 0 {
		return
	}
	p.erase()
	text := []rune(p.text)
	text = text[:min(len(text), p.width-1)]
	p.shown = len(text)
	fmt.Fprint(p.w, string(text))
}

// erase needs no codes of the terminal.
func (p *progress) erase() {
	if p.shown > 0 {
		fmt.Fprint(p.w, "\r"+strings.Repeat(" ", p.shown)+"\r")
	}
	p.shown = 0
}
