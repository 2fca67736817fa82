package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"aws-connector/helper"
	"aws-connector/internal/plain"
	"aws-connector/internal/tty"
)

// person is whoever can be asked for MFA codes: in a dialog of the desktop where
// there is a display, else on the controlling terminal.
type person struct {
	terminal func() (*tty.Terminal, error)
	dialogs  []dialog
	// login means that who called sits at the terminal.
	login bool
	// hold keeps the screen free meanwhile; nil where nothing else is on it.
	hold func() (release func())

	mu sync.Mutex // one question at a time
}

func (a *App) person() *person {
	return &person{terminal: a.Terminal, dialogs: dialogs(a.pinentries())}
}

// Code implements [helper.Person]. On a terminal it may be asked again.
func (p *person) Code(ctx context.Context, q helper.Question) (code string, again bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		return "", false, ctx.Err()
	}
	if p.hold != nil {
		defer p.hold()()
	}
	ways := []func(context.Context, helper.Question) (string, bool, error){p.dialog, p.ask}
	if p.login {
		ways[0], ways[1] = ways[1], ways[0]
	}
	for _, way := range ways {
		if code, again, err = way(ctx, q); !errors.Is(err, helper.ErrNobody) {
			break
		}
	}
	return code, again, err
}

func (p *person) ask(ctx context.Context, q helper.Question) (string, bool, error) {
	t, err := p.terminal()
	if err != nil {
		return "", false, fmt.Errorf("%w: %w", helper.ErrNobody, err)
	}
	defer t.Close()
	if q.Problem != "" {
		fmt.Fprintf(t, "  %s\n", plain.Line(q.Problem))
	}
	code, err := t.Ask(ctx, asking(q)+": ")
	if errors.Is(err, tty.ErrEOF) {
		err = fmt.Errorf("%w: %w", helper.ErrDismissed, err)
	}
	return code, true, err
}

// dialog asks with the first program that can open a window.
func (p *person) dialog(ctx context.Context, q helper.Question) (string, bool, error) {
	text := asking(q)
	if q.Problem != "" {
		text = plain.Line(q.Problem) + ". " + text
	}
	for _, d := range p.dialogs {
		code, err := d.ask(ctx, d.path, text)
		if ctx.Err() != nil {
			return "", false, ctx.Err()
		}
		if !errors.Is(err, errNoWindow) {
			return code, false, err
		}
	}
	p.dialogs = nil // nor can they later
	return "", false, helper.ErrNobody
}

func asking(q helper.Question) string {
	return plain.Line(fmt.Sprintf("MFA code for connector %q (%s)", q.Connector, q.Device))
}

// Tell implements [helper.Person]: on the terminal, if there is one.
func (p *person) Tell(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, err := p.terminal()
	if err != nil {
		return
	}
	defer t.Close()
	if p.hold != nil {
		defer p.hold()()
	}
	fmt.Fprintln(t, "aws-connector: "+plain.Line(text))
}
