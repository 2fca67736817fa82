package cli

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"aws-connector/internal/connector"
	"aws-connector/internal/program"
	"aws-connector/internal/serve"
	"aws-connector/internal/tty"

	"github.com/spf13/cobra"
)

const (
	endpointURI       = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
	endpointToken     = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
	endpointTokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
)

// tokenForms are the values of --token.
var tokenForms = []string{"both", "env", "file"}

// serving is what one call of serve is asked for.
type serving struct {
	names, command []string
	token          string
	narrow         narrowing
}

func (a *App) serve() *cobra.Command {
	var s serving
	cmd := &cobra.Command{
		Use:               "serve NAME… [-- COMMAND [ARGUMENT…]]",
		Annotations:       map[string]string{asks: "for the MFA code, before COMMAND starts"},
		Short:             "run a command whose credentials are renewed as it runs",
		Long:              serveHelp,
		ValidArgsFunction: a.completeServed,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.parse(cmd, args); err != nil {
				return err
			}
			f, err := a.connectors()
			if err == nil {
				f, err = s.narrow.apply(f, s.names...)
			}
			if err != nil {
				return err
			}
			return a.serveAll(cmd.Context(), f, &s)
		},
	}
	cmd.Flags().StringVar(&s.token, "token", tokenForms[0], "`WAY` to pass it: both, env, file")
	// It fails only for a flag that is not there.
	_ = cmd.RegisterFlagCompletionFunc("token", cobra.FixedCompletions(tokenForms, cobra.ShellCompDirectiveNoFileComp))
	s.narrow.flags(cmd)
	return cmd
}

func (s *serving) parse(cmd *cobra.Command, args []string) error {
	usage := "usage: " + cmd.UseLine()
	if at := cmd.ArgsLenAtDash(); at >= 0 {
		s.names, s.command = args[:at], args[at:]
		if len(s.command) == 0 || s.command[0] == "" {
			return &usageError{"the command is missing after --", usage}
		}
	} else {
		s.names = args
	}
	if len(s.names) == 0 {
		return &usageError{"the name of the connector is missing", usage}
	}
	var once []string
	for _, name := range s.names {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	s.names = once
	if !slices.Contains(tokenForms, s.token) {
		return &usageError{"flag --token does not take that value", "one of: " + strings.Join(tokenForms, ", ")}
	}
	return nil
}

// completeServed completes connectors, and leaves what stands after -- to the shell.
func (a *App) completeServed(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if a.dashed {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return a.completeNames(true, connectorNames)(cmd, args, typed)
}

func (a *App) serveAll(ctx context.Context, f connector.File, s *serving) error {
	for _, name := range s.names {
		if _, err := f.Lookup(name); err != nil {
			return err
		}
	}
	var path string
	if len(s.command) > 0 {
		// Before anybody is asked for a code.
		var err error
		if path, err = program.Find(s.command[0], os.Getenv("PATH")); err != nil {
			return commandError(s.command[0], err)
		}
	}
	h, err := a.helper(f)
	if err != nil {
		return err
	}
	given := a.lendTerminal()
	first, cancel := context.WithTimeout(ctx, loginWait)
	defer cancel()
	later := *h
	later.Person = nil
	e, err := serve.Open(first, serve.Options{Names: s.names, Source: &later, Explain: explain, Renewed: a.renewed(len(s.command) > 0), Now: a.Now, Log: a.log()}, h)
	if errors.Is(err, serve.ErrLongTerm) {
		return &usageError{err.Error(), `auth_method = "session-token" makes a session of the same key`}
	}
	if err != nil {
		return err
	}
	defer e.Close()
	a.warnOfDefault()
	given()
	file, err := tokenFile(e, s.token)
	if err != nil {
		return err
	}
	if file != "" {
		defer os.RemoveAll(filepath.Dir(file))
	}
	set := a.served(f, e, s, file)
	if len(s.command) == 0 {
		return a.serveUntilStopped(e, s, set)
	}
	if ctx.Err() != nil { // before the command was there to be told
		return ctx.Err()
	}
	return a.runServed(path, s.command, set)
}

// lendTerminal returns what is called when the terminal is the command's, and nobody
// is to be asked there any more.
func (a *App) lendTerminal() (given func()) {
	var gone atomic.Bool
	terminal := a.Terminal
	a.Terminal = func() (*tty.Terminal, error) {
		if gone.Load() {
			return nil, tty.ErrNone
		}
		return terminal()
	}
	return func() { gone.Store(true) }
}

// served are the variables by which SDKs find e.
func (a *App) served(f connector.File, e *serve.Endpoint, s *serving, file string) []string {
	set := []string{endpointURI + "=" + e.URI(s.names[0])}
	if s.token != "file" {
		set = append(set, endpointToken+"="+e.Token().Reveal())
	}
	if file != "" {
		set = append(set, endpointTokenFile+"="+file)
	}
	c, _ := f.Lookup(s.names[0]) // it was there
	return append(set, "AWS_REGION="+c.Region, "AWS_DEFAULT_REGION="+c.Region)
}

// tokenFile writes the token without an end of line, which SDKs refuse in a header.
func tokenFile(e *serve.Endpoint, form string) (string, error) {
	if form == "env" {
		return "", nil
	}
	dir, err := os.MkdirTemp("", "aws-connector-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "token")
	if err := os.WriteFile(path, []byte(e.Token().Reveal()), 0o600); err != nil {
		os.RemoveAll(dir)
		return "", err
	}
	return path, nil
}

// serveUntilStopped tells the variables, which whoever uses them has from here.
func (a *App) serveUntilStopped(e *serve.Endpoint, s *serving, set []string) error {
	stopped, end := serve.Stop()
	defer end()
	var text strings.Builder
	for _, line := range set {
		name, value, _ := strings.Cut(line, "=")
		text.WriteString(name + "=" + shellWord(value) + "\n")
	}
	if _, err := io.WriteString(a.Stdout, text.String()); err != nil {
		return err
	}
	for _, name := range s.names[1:] {
		a.say("%s: %s=%s", name, endpointURI, e.URI(name))
	}
	<-stopped
	return nil
}

// shellWord quotes what a shell would not take as it is.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@%+,", r)
	}
	if !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// renewed records each time that credentials were got, whoever then asks for them.
// Where no command has the terminal, it tells what went wrong, once for each reason.
func (a *App) renewed(quiet bool) func(string, error) {
	var said lastSaid
	return func(name string, err error) {
		a.record()
		if quiet || err == nil || errors.Is(err, serve.ErrLongTerm) {
			said.changed(name, "")
			return
		}
		if text := message(err, "; "); said.changed(name, text) {
			a.say("%s", text)
		}
	}
}

// explain words a failure for an SDK, which shows it, and asks again where that may help.
func explain(err error) serve.Failure {
	f := serve.Failure{Status: http.StatusForbidden, Code: "Failed", Message: message(err, "; ")}
	switch exitStatus(err) {
	case exitLater:
		f.Status, f.Code = http.StatusServiceUnavailable, "Unavailable"
	case exitPerson:
		f.Code = "PersonNeeded"
	case exitUsage:
		f.Status, f.Code = http.StatusBadRequest, "Misconfigured"
	}
	return f
}
