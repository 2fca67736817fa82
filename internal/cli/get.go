package cli

import (
	"bytes"
	"context"

	"aws-connector/helper"
	"aws-connector/internal/tty"
	"aws-connector/keystore"

	"github.com/spf13/cobra"
)

func (a *App) get() *cobra.Command {
	var narrow narrowing
	cmd := &cobra.Command{
		Use:               "get NAME",
		Short:             "print credentials as credential_process JSON",
		Long:              getHelp,
		Args:              oneName("connector"),
		ValidArgsFunction: a.completeNames(false, connectorNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := a.open()
			if err == nil {
				h.Connectors, err = narrow.apply(h.Connectors, args...)
			}
			if err != nil {
				return err
			}
			c, err := h.Credentials(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			var line bytes.Buffer
			if err := helper.WriteProcess(&line, c); err != nil {
				h.NoteFailure(getAction, args[0], err)
				return ofConnector(args[0], err)
			}
			if err := a.give(cmd.Context(), h, line.Bytes()); err != nil {
				return err
			}
			a.warnOnScreen("these are live credentials: whoever sees this screen or a log of it can use them; `aws-connector check %s` tests the connector without printing them", args[0])
			return nil
		},
	}
	narrow.flags(cmd)
	return cmd
}

// give writes the answer to what this process was asked, and keeps it for the next
// one. Nobody waits for that but who waits for the process to end.
func (a *App) give(ctx context.Context, h *helper.Helper, text []byte) error {
	if _, err := a.Stdout.Write(text); err != nil {
		return err
	}
	if h != nil && a.given != nil {
		h.KeepAnswer(ctx, a.Question, *a.given, text)
	}
	return nil
}

// warnOnScreen tells a person in one line what is on the screen now, if what was
// printed is on one. Package question leaves those answers to us.
func (a *App) warnOnScreen(format string, args ...any) {
	out := a.Stdout
	if s, ok := out.(*stream); ok {
		out = s.w
	}
	if _, ok := tty.Width(out); ok {
		a.say("aws-connector: "+format, args...)
	}
}

// watch takes down what the answer to come depends on, before it is read.
func (a *App) watch(h *helper.Helper, keys *keystore.Store) {
	if a.Question == nil || a.trail.to != "" || a.verbose {
		return
	}
	if files, ok := keys.Watched(); ok {
		a.Question.Watch(files...)
		h.Answered = func(got helper.Answer) { a.given = &got }
	}
}
