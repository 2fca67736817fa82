package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"

	"github.com/spf13/cobra"
)

// loginWait bounds a login, in which a person may have to look for a device.
const loginWait = 10 * time.Minute

func (a *App) login() *cobra.Command {
	var anew bool
	cmd := &cobra.Command{
		Use:               "login NAME…",
		Annotations:       map[string]string{asks: "for the MFA code"},
		Short:             "enter MFA codes now, so that later calls don't ask",
		Long:              loginHelp,
		ValidArgsFunction: a.completeNames(true, connectorNames),
		RunE: func(cmd *cobra.Command, names []string) error {
			f, err := a.connectors()
			if err != nil {
				return err
			}
			if len(names) == 0 {
				return noLogin(f, cmd)
			}
			if names, err = named(f, names); err != nil {
				return err
			}
			return a.loginAll(cmd.Context(), f, names, anew)
		},
	}
	cmd.Flags().BoolVar(&anew, "new", false, "make new sessions even if the cached ones are good")
	return cmd
}

// noLogin tells which connectors there are to log in to.
func noLogin(f connector.File, cmd *cobra.Command) error {
	var coded []string
	for _, name := range f.Names() {
		if c, err := f.Lookup(name); err == nil && c.MFASerial != "" {
			coded = append(coded, helper.Clean(name))
		}
	}
	advice := "usage: " + cmd.UseLine()
	if len(coded) > 0 {
		advice = "these have an MFA device: " + strings.Join(coded, ", ")
	}
	return &usageError{text: "the name of the connector is missing", advice: advice}
}

func (a *App) loginAll(ctx context.Context, f connector.File, names []string, anew bool) error {
	h, err := a.helper(f)
	if err != nil {
		return err
	}
	who := a.person()
	who.login, h.Person = true, who
	ctx, cancel := context.WithTimeout(helper.Insist(ctx, anew), loginWait)
	defer cancel()
	var errs []error
	for _, name := range names {
		l, err := h.Login(ctx, name)
		if err == nil {
			_, err = fmt.Fprintf(a.Stdout, "%s: %s\n", name, loggedIn(l, a.Now()))
		}
		if len(names) == 1 || errors.Is(err, context.Canceled) {
			return err
		}
		if err != nil {
			fmt.Fprintln(a.Stderr, message(err, "\nhint: "))
		}
		errs = append(errs, err)
	}
	if status := worst(errs...); status != 0 {
		return exited(status)
	}
	return nil
}

// loggedIn says until when nothing is asked.
func loggedIn(l helper.Login, now time.Time) string {
	if l.Until.IsZero() {
		return "does not expire"
	}
	until := l.Until.In(now.Location())
	form := "15:04"
	if y, m, d := until.Date(); until.Sub(now) >= 24*time.Hour || d != now.Day() || m != now.Month() || y != now.Year() {
		form = "2006-01-02 15:04"
	}
	text := fmt.Sprintf("until %s (in %s)", until.Format(form), inWords(until.Sub(now)))
	if l.Kept {
		text += ", as before; --new makes a new session"
	}
	return text
}

// inWords tells a duration in hours and minutes.
func inWords(d time.Duration) string {
	d = max(d, 0).Round(time.Second)
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case hours == 0 && minutes == 0:
		return "less than a minute"
	case hours == 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d h %02d min", hours, minutes)
}
