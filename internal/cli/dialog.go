package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"aws-connector/helper"
	"aws-connector/internal/program"
)

// errNoWindow means that a program cannot ask here.
var errNoWindow = errors.New("no window can be opened")

const dialogTitle = "aws-connector"

// dialog is a program that asks a person in a window of the desktop.
type dialog struct {
	path string
	ask  func(ctx context.Context, path, text string) (string, error)
}

// dialogs are those of this machine, where there is a display. The text goes to
// them as an argument, never as a part of a script.
func dialogs(p *pinentries) []dialog {
	var all []dialog
	switch path, err := p.chosen(); {
	case err != nil:
		return []dialog{{ask: func(context.Context, string, string) (string, error) { return "", err }}}
	case path != "":
		all = append(all, dialog{path, p.code})
	}
	add := func(name string, ask func(ctx context.Context, path, text string) (string, error)) {
		if path, err := exec.LookPath(name); err == nil {
			all = append(all, dialog{path, ask})
		}
	}
	switch {
	case runtime.GOOS == "darwin" && os.Getenv("SSH_CONNECTION") == "":
		if p.choice == "" {
			add("pinentry-mac", p.code)
		}
		add("osascript", osascript)
	case runtime.GOOS != "darwin" && runtime.GOOS != "windows" && (os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""):
		if p.choice == "" {
			add("pinentry", p.code)
		}
		add("zenity", zenity)
		add("kdialog", kdialog)
	}
	return all
}

// osascript runs a script that takes the text from its arguments.
func osascript(ctx context.Context, path, text string) (string, error) {
	out, said, err := runDialog(ctx, path, "-e", "on run argv", "-e", `text returned of (display dialog (item 1 of argv) default answer "" with title (item 2 of argv))`, "-e", "end run", text, dialogTitle)
	if err != nil && !strings.Contains(said, "-128") { // userCanceledErr
		return "", errNoWindow
	}
	return answered(out, err)
}

func zenity(ctx context.Context, path, text string) (string, error) {
	out, said, err := runDialog(ctx, path, "--entry", "--title="+dialogTitle, "--text="+text)
	if err != nil && (status(err) != 1 || strings.Contains(said, "display")) {
		return "", errNoWindow
	}
	return answered(out, err)
}

func kdialog(ctx context.Context, path, text string) (string, error) {
	out, said, err := runDialog(ctx, path, "--title", dialogTitle, "--inputbox", text)
	if err != nil && (status(err) != 1 || strings.Contains(said, "display")) {
		return "", errNoWindow
	}
	return answered(out, err)
}

func runDialog(ctx context.Context, path string, args ...string) (out, said string, err error) {
	o, err := program.Run(ctx, append([]string{path}, args...), os.Environ())
	return string(o.Stdout), o.Said, err
}

// answered returns what was typed. A window that was closed, or left empty, is an answer too.
func answered(out string, err error) (string, error) {
	if out = strings.TrimSpace(out); err != nil || out == "" {
		return "", helper.ErrDismissed
	}
	return out, nil
}

// status returns a program's exit status, -1 where it had none.
func status(err error) int {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return -1
	}
	return exit.ExitCode()
}

// code asks for an MFA code. What would ask on a terminal, as all of them do where
// they reach no display, does so only where connectors.toml chose it.
func (p *pinentries) code(ctx context.Context, path, text string) (string, error) {
	code, err := p.ask(ctx, path, request{text: text, prompt: "Code:", windowOnly: p.choice == ""})
	if errors.Is(err, context.DeadlineExceeded) {
		err = errNoWindow
	}
	if err != nil {
		return "", err
	}
	return answered(code.Reveal(), nil)
}
