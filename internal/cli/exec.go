package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"aws-connector/internal/connector"
	"aws-connector/internal/program"
	"aws-connector/internal/secret"
	"aws-connector/internal/shell"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const execAction = "exec"

// Exit statuses of exec for a command that did not come to run, as shells have them.
// XCU 2.8.2, Exit Status for Commands.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

func (a *App) exec() *cobra.Command {
	var narrow narrowing
	var nested bool
	cmd := &cobra.Command{
		Use:               "exec NAME [flags] [--] [COMMAND [ARG…]]",
		Annotations:       map[string]string{asks: "for the MFA code"},
		Short:             "run a command with credentials in its environment",
		Long:              execHelp,
		ValidArgsFunction: a.completeCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			name, argv, err := splitCommand(cmd, args)
			switch {
			case errors.Is(err, errHelp):
				return cmd.Help()
			case err != nil:
				return err
			}
			if outer := os.Getenv(nestedVariable); outer != "" && !nested {
				return &usageError{text: fmt.Sprintf("already running inside exec of connector %q", outer),
					advice: "exit that shell first, or add --nested to run inside it"}
			}
			return a.become(cmd.Context(), &narrow, name, argv)
		},
	}
	cmd.Flags().SetInterspersed(false)
	cmd.Flags().BoolVar(&nested, "nested", false, "allow this inside another exec")
	narrow.flags(cmd)
	return cmd
}

var errHelp = errors.New("help was asked for")

// splitCommand returns the connector and the command in args, of which the flags
// before the connector were taken. Those behind it are the connector's too, until
// the first word that is none.
func splitCommand(cmd *cobra.Command, args []string) (name string, argv []string, err error) {
	if len(args) == 0 || args[0] == "" {
		return "", nil, &usageError{text: "the name of the connector is missing", advice: "usage: " + cmd.UseLine()}
	}
	name, rest := args[0], args[1:]
	if err := cmd.Flags().Parse(rest); err != nil {
		return "", nil, flagError(cmd, err)
	}
	if help := cmd.Flags().Lookup("help"); help != nil && help.Changed {
		return "", nil, errHelp
	}
	return name, cmd.Flags().Args(), nil
}

// become makes this process the command, or a shell, with the session in its
// environment. It returns where that failed and, on Windows, when the command ended.
func (a *App) become(ctx context.Context, narrow *narrowing, name string, argv []string) error {
	if len(argv) == 0 {
		argv = []string{interactiveShell()}
	}
	var path string
	got, c, err := a.personally(ctx, narrow, name, func(connector.Connector) (err error) {
		// Before a code is asked for, or AWS.
		path, err = program.Find(argv[0], os.Getenv("PATH"))
		return commandError(argv[0], err)
	})
	if err != nil {
		return err
	}
	set := append(exported(got, c.Region), shell.Variable{Name: nestedVariable, Value: secret.New(name)})
	environ := environOf(os.Environ(), set)
	a.settle(ctx)
	if ctx.Err() != nil {
		return ctx.Err() // interrupted, while nobody listened
	}
	if a.Release != nil && runtime.GOOS != "windows" { // where this process stays
		a.Release()
	}
	status, err := program.Become(path, argv, environ, program.Streams{In: a.Stdin, Out: beneath(a.Stdout), Err: beneath(a.Stderr)})
	if err == nil && status != 0 {
		return exited(status)
	}
	return commandError(argv[0], err)
}

func commandError(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("command %q: %w", name, err)
}

// interactiveShell is the person's shell.
func interactiveShell() string {
	switch {
	case os.Getenv("SHELL") != "":
		return os.Getenv("SHELL")
	case runtime.GOOS == "windows":
		return first(os.Getenv("ComSpec"), "cmd.exe")
	}
	return "/bin/sh"
}

// beneath is the stream that w cleans; what another program prints is its own affair.
func beneath(w io.Writer) io.Writer {
	if s, ok := w.(*stream); ok {
		return s.w
	}
	return w
}

// completeCommand completes the connector and the flags behind it, and leaves the
// command to the shell.
func (a *App) completeCommand(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return a.completeNames(false, connectorNames)(cmd, args, typed)
	}
	for rest := args[1:]; len(rest) > 0; rest = rest[1:] {
		flag := cmd.Flags().Lookup(strings.TrimPrefix(rest[0], "--"))
		switch {
		case rest[0] == "--" || !strings.HasPrefix(rest[0], "-"):
			return nil, cobra.ShellCompDirectiveDefault
		case flag != nil && flag.NoOptDefVal == "" && len(rest) > 1:
			rest = rest[1:] // its value
		}
	}
	if !strings.HasPrefix(typed, "-") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var flags []cobra.Completion
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		_, usage := pflag.UnquoteUsage(f)
		if name := "--" + f.Name; strings.HasPrefix(name, typed) && !f.Changed {
			flags = append(flags, cobra.CompletionWithDesc(name, usage))
		}
	})
	return flags, cobra.ShellCompDirectiveNoFileComp
}
