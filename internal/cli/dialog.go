package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

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
func dialogs() []dialog {
	var all []dialog
	add := func(name string, ask func(ctx context.Context, path, text string) (string, error)) {
		if path, err := exec.LookPath(name); err == nil {
			all = append(all, dialog{path, ask})
		}
	}
	switch {
	case runtime.GOOS == "darwin" && os.Getenv("SSH_CONNECTION") == "":
		add("pinentry-mac", pinentry)
		add("osascript", osascript)
	case runtime.GOOS != "darwin" && runtime.GOOS != "windows" && (os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""):
		add("pinentry", pinentry)
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

// pinentry speaks the Assuan protocol. One that would ask on a terminal, as all of
// them do where they reach no display, is not for this: it knows none.
// https://www.gnupg.org/documentation/manuals/assuan/
func pinentry(ctx context.Context, path, text string) (string, error) {
	flavor, _, err := assuan(ctx, path, "GETINFO flavor")
	if err != nil || flavor == "" || strings.Contains(flavor, "curses") || strings.Contains(flavor, "tty") {
		return "", errNoWindow
	}
	code, refusal, err := assuan(ctx, path, "SETTITLE "+dialogTitle, "SETDESC "+escaped(text), "SETPROMPT Code:", "GETPIN")
	const gpgCanceled, gpgNotConfirmed, gpgFullyCanceled = 99, 114, 198
	switch refusal & 0xffff {
	case gpgCanceled, gpgNotConfirmed, gpgFullyCanceled:
		return "", helper.ErrDismissed
	case 0:
		if err == nil {
			return answered(code, nil)
		}
	}
	return "", errNoWindow
}

// assuan runs a server and returns the data that the last command brought, or the
// number of the error that it ended with.
func assuan(ctx context.Context, path string, commands ...string) (data string, refusal int, err error) {
	var out printed
	cmd := exec.CommandContext(ctx, path)
	cmd.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\nBYE\n")
	cmd.Stdout, cmd.WaitDelay = &out, time.Second
	err = cmd.Run()
	answers := -1 // the first one greets
	for line := range strings.Lines(string(out.data)) {
		word, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		last := answers == len(commands)-1
		switch {
		case word == "OK":
			answers++
		case word == "ERR":
			answers++
			if number, _, _ := strings.Cut(rest, " "); last {
				refusal, _ = strconv.Atoi(number)
			}
		case word == "D" && last:
			data += unescaped(rest)
		}
	}
	return data, refusal, err
}

func escaped(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func unescaped(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
