package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"aws-connector/docker"
	"aws-connector/helper"

	"github.com/spf13/cobra"
)

// dockerPrefix begins the names by which Docker runs its credential helpers.
const dockerPrefix = "docker-credential-"

// dockerAction returns the arguments of a call as a Docker credential helper.
func dockerAction(args []string) ([]string, bool) {
	name := strings.TrimSuffix(filepath.Base(args[0]), ".exe")
	return args[1:], strings.HasPrefix(name, dockerPrefix)
}

// docker speaks the protocol, whose clients read failures from standard output
// and know no other exit statuses than 0 and 1.
func (a *App) docker(ctx context.Context, args []string) int {
	switch {
	case len(args) == 1 && (args[0] == "--version" || args[0] == "-v"):
		args[0] = "version"
	case len(args) == 1 && (args[0] == "--help" || args[0] == "-h"):
		fmt.Fprintln(a.Stdout, docker.Usage)
		return 0
	case len(args) != 1:
		fmt.Fprintln(a.Stdout, docker.Usage)
		return exitFailed
	}
	a.trail.action = "docker"
	if args[0] == "get" {
		a.trail.action = dockerGet
	}
	var h *helper.Helper
	open := func() (_ *helper.Helper, err error) {
		h, err = a.registryHelper()
		return h, err
	}
	server := docker.Server{Logins: docker.Connectors{Open: open, Log: a.log(), LeftOut: a.leftOut}, Version: version()}
	var answer bytes.Buffer
	err := server.Serve(ctx, args[0], a.Stdin, &answer)
	if err == nil {
		err = a.give(ctx, h, answer.Bytes())
		if err == nil && args[0] == "get" {
			a.warnOnScreen("this is a live password: whoever sees this screen or a log of it can use it; Docker asks for it by itself (`aws-connector configure docker`)")
		}
	}
	var refusal docker.Refusal
	switch {
	case err == nil:
		return 0
	case errors.As(err, &refusal):
		fmt.Fprintln(a.Stdout, refusal)
	default:
		a.noteFailure(err)
		// Some clients show what is on one stream, some what is on the other.
		line := message(err, "; ")
		fmt.Fprintln(a.Stdout, line)
		fmt.Fprintln(a.Stderr, line)
	}
	return exitFailed
}

// registryHelper returns what answers for registries, nil where there are no connectors.
func (a *App) registryHelper() (*helper.Helper, error) {
	h, err := a.open()
	if missing(err) {
		return nil, nil
	}
	return h, err
}

// exited is the exit status of a call whose failure is told already.
type exited int

func (e exited) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func (a *App) dockerCommand() *cobra.Command {
	return &cobra.Command{
		Use:       "docker get|store|erase|list|version",
		Short:     "the Docker credential helper for ECR",
		Long:      dockerHelp,
		Args:      cobra.ArbitraryArgs,
		ValidArgs: []string{"get", "store", "erase", "list", "version"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if status := a.docker(cmd.Context(), args); status != 0 {
				return exited(status)
			}
			return nil
		},
	}
}
