package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/secret"
	"aws-connector/internal/tty"
)

// pinentries are GnuPG's programs that ask a person for something.
type pinentries struct {
	// choice is what connectors.toml says: a name, a path, "off", or empty.
	choice   string
	terminal func() (*tty.Terminal, error)
}

func (a *App) pinentries() *pinentries { return &pinentries{a.opening.Pinentry, a.Terminal} }

// chosen returns the path of the program that connectors.toml names, empty for
// none. One that is not there is an error: nothing else asks in its place.
func (p *pinentries) chosen() (string, error) {
	if p.choice == "" || p.choice == connector.NoPinentry {
		return "", nil
	}
	name := p.choice
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		dir, err := home()
		if err != nil {
			return "", err
		}
		name = filepath.Join(dir, rest)
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", &usageError{fmt.Sprintf("pinentry %q: %v", p.choice, lookCause(err)), `install it, or correct pinentry in connectors.toml; "off" asks on the terminal`}
	}
	return path, nil
}

func lookCause(err error) error {
	var e *exec.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// found returns those of this machine that suit it, the best first.
func (p *pinentries) found() []string {
	if p.choice != "" || runtime.GOOS == "windows" {
		return nil
	}
	onTerminal := canAsk(p.terminal)
	remote := os.Getenv("SSH_CONNECTION") != ""
	windows := []string{"pinentry-gnome3", "pinentry-qt", "pinentry-qt5", "pinentry-gtk-2", "pinentry-fltk"}
	lines := []string{"pinentry-curses", "pinentry-tty"}
	var names []string
	switch {
	case runtime.GOOS == "darwin" && !remote:
		names = []string{"pinentry-mac"}
	case runtime.GOOS != "darwin" && display() && !(remote && onTerminal):
		names = append([]string{"pinentry"}, windows...)
	}
	if onTerminal {
		if !remote && !slices.Contains(names, "pinentry") {
			names = append(names, "pinentry")
		}
		names = append(names, lines...)
	}
	var paths []string
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil && filepath.IsAbs(path) {
			paths = append(paths, path)
		}
	}
	return paths
}

func canAsk(terminal func() (*tty.Terminal, error)) bool {
	t, err := terminal()
	if err == nil {
		t.Close()
	}
	return err == nil
}

// request is what a person is asked for.
type request struct {
	text, prompt string
	// problem is what was wrong with the answer before.
	problem string
	// twice: it is chosen now, and typed twice.
	twice bool
	// windowOnly: whatever would ask on a terminal is not for this.
	windowOnly bool
}

// errTwice means that the program did not ask for the same again by itself.
var errTwice = errors.New("was asked for once")

// ask asks with the program at path. Its error wraps [errNoWindow] where that
// cannot ask here, and [helper.ErrDismissed] where it was sent away.
func (p *pinentries) ask(ctx context.Context, path string, r request) (answer secret.Text, err error) {
	t, noTerminal := p.terminal()
	if noTerminal != nil || r.windowOnly {
		if noTerminal == nil {
			t.Close()
		}
		answer, _, err = p.talk(ctx, path, r, false)
		return answer, err
	}
	defer t.Close()
	// Whatever ends the program, the terminal is then what it was.
	err = t.Hidden(func() error {
		var killed bool
		answer, killed, err = p.talk(ctx, path, r, true)
		if killed {
			t.LeaveScreen()
		}
		return err
	})
	return answer, err
}

// talk has the dialogue. killed says that the program was ended by a signal.
func (p *pinentries) talk(ctx context.Context, path string, r request, onTerminal bool) (answer secret.Text, killed bool, err error) {
	s, err := dial(ctx, path)
	if err == nil {
		answer, err = s.pin(ctx, r, onTerminal)
		var interrupted bool
		if killed, interrupted = s.close(); interrupted {
			err = context.Canceled
		}
	}
	var said refusal
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.As(err, &said) && slices.Contains([]int{gpgCanceled, gpgNotConfirmed, gpgFullyCanceled}, said.code()):
		err = helper.ErrDismissed
	case errors.As(err, &said) && said.code() == gpgTimeout:
		err = context.DeadlineExceeded
	case err != nil && !errors.Is(err, errNoWindow) && !errors.Is(err, errTwice) && !errors.Is(err, context.Canceled):
		err = fmt.Errorf("%w: %v", errNoWindow, err)
	}
	return answer, killed, err
}

func (s *assuan) pin(ctx context.Context, r request, onTerminal bool) (answer secret.Text, err error) {
	flavor, _, _ := s.do("GETINFO flavor") // older ones do not know what they are
	inLines := strings.Contains(flavor, "curses") || strings.Contains(flavor, "tty")
	if inLines && !onTerminal || flavor == "" && r.windowOnly {
		return answer, errNoWindow
	}
	var commands []string
	if onTerminal {
		commands = append(commands, "OPTION ttyname=/dev/tty") // that of its parent, which is this process
		for option, value := range map[string]string{"ttytype": os.Getenv("TERM"), "lc-ctype": first(os.Getenv("LC_ALL"), os.Getenv("LC_CTYPE"), os.Getenv("LANG"))} {
			if value != "" {
				commands = append(commands, "OPTION "+option+"="+escaped(value))
			}
		}
	}
	commands = append(commands, "SETTITLE "+dialogTitle, "SETDESC "+escaped(r.text), "SETPROMPT "+escaped(r.prompt))
	if r.problem != "" {
		commands = append(commands, "SETERROR "+escaped(r.problem))
	}
	if until, ok := ctx.Deadline(); ok {
		commands = append(commands, fmt.Sprintf("SETTIMEOUT %d", max(1, int(time.Until(until).Seconds()))))
	}
	if r.twice {
		commands = append(commands, "SETREPEAT "+escaped(againPrompt), "SETREPEATERROR "+escaped(theyDiffer))
	}
	for _, c := range commands {
		var no refusal
		if _, _, err := s.do(c); err != nil && !errors.As(err, &no) { // some do not know all of them
			return answer, err
		}
	}
	pin, status, err := s.do("GETPIN")
	if err != nil {
		return answer, err
	}
	answer = secret.New(pin)
	if r.twice && !slices.ContainsFunc(status, func(s string) bool { return strings.EqualFold(s, "pin_repeated") }) && pin != "" {
		return answer, errTwice
	}
	return answer, nil
}
