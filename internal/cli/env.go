package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"

	"aws-connector/internal/shell"

	"github.com/spf13/cobra"
)

const envAction = "env"

func (a *App) env() *cobra.Command {
	var narrow narrowing
	var language string
	var unset bool
	cmd := &cobra.Command{
		Use:               "env NAME",
		Annotations:       map[string]string{asks: "for the MFA code"},
		Short:             "print credentials as environment variables for a shell",
		Long:              envHelp,
		ValidArgsFunction: a.completeNames(false, connectorNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 || !unset {
				if err := oneName("connector")(cmd, args); err != nil {
					return err
				}
			}
			if !cmd.Flags().Changed("shell") {
				language = shell.Of(os.Getenv("SHELL"), runtime.GOOS)
			}
			switch languages := shell.Languages(); {
			case !slices.Contains(languages, language):
				return &usageError{text: "flag --shell does not take that value", advice: didYouMean(language, languages, "it is one of "+strings.Join(languages, ", "))}
			case unset:
				return a.unset(language)
			case language == shell.GitHubActions:
				return a.exportInActions(cmd.Context(), &narrow, args[0])
			}
			return a.export(cmd.Context(), &narrow, args[0], language)
		},
	}
	cmd.Flags().StringVar(&language, "shell", "", "print for `SHELL` (default: the one in $SHELL)")
	cmd.Flags().BoolVar(&unset, "unset", false, "print commands that unset the variables")
	// It fails only for a flag that is not there.
	_ = cmd.RegisterFlagCompletionFunc("shell", cobra.FixedCompletions(shell.Languages(), cobra.ShellCompDirectiveNoFileComp))
	narrow.flags(cmd)
	return cmd
}

func (a *App) export(ctx context.Context, narrow *narrowing, name, language string) error {
	got, c, err := a.personally(ctx, narrow, name, nil)
	if err != nil {
		return err
	}
	set := exported(got, c.Region)
	text, err := shell.Text(language, set, slices.Concat(supplantedNames, absent(set)))
	if err != nil {
		return err
	}
	if _, err := io.WriteString(a.Stdout, text); err != nil {
		return err
	}
	a.warnOnScreen("the credentials above are live: anyone who sees this screen or its log can use them until they expire; to load them into a shell, run `%s`", evaluation(language, name))
	return nil
}

// absent are the variables that this session has not, and another may have left.
func absent(set []shell.Variable) []string {
	return slices.DeleteFunc(slices.Clone(exportedNames), func(name string) bool {
		return slices.ContainsFunc(set, func(v shell.Variable) bool { return v.Name == name })
	})
}

// evaluation is how a shell takes what env prints.
func evaluation(language, name string) string {
	command := "aws-connector env " + name + " --shell " + language
	switch language {
	case shell.Fish:
		return command + " | source"
	case shell.PowerShell:
		return command + " | Out-String | Invoke-Expression"
	case shell.Cmd:
		return `for /f "delims=" %i in ('` + command + `') do @%i`
	case shell.Dotenv, shell.JSON:
		return command + " | PROGRAM"
	}
	return `eval "$(` + command + `)"`
}

func (a *App) unset(language string) error {
	text, err := shell.Reset(language, exportedNames)
	if err != nil {
		return &usageError{text: err.Error(), advice: "add --shell for the shell that should unset them"}
	}
	_, err = io.WriteString(a.Stdout, text)
	return err
}

// exportInActions gives the session to the later steps of a job of GitHub Actions:
// first it has the runner mask what is secret.
func (a *App) exportInActions(ctx context.Context, narrow *narrowing, name string) error {
	file := os.Getenv("GITHUB_ENV")
	if file == "" {
		return &usageError{"GITHUB_ENV is not set", "--shell github-actions is for a step of GitHub Actions: the runner sets it"}
	}
	got, c, err := a.personally(ctx, narrow, name, nil)
	if err != nil {
		return err
	}
	set := exported(got, c.Region)
	for _, v := range set {
		if !strings.HasSuffix(v.Name, "REGION") && !strings.HasSuffix(v.Name, "EXPIRATION") {
			if _, err := io.WriteString(a.Stdout, shell.Mask(v.Value)); err != nil {
				return err
			}
		}
	}
	for _, name := range absent(set) {
		if os.Getenv(name) != "" {
			set = append(set, shell.Variable{Name: name}) // SDKs take an empty one for none
		}
	}
	if err := appendTo(file, shell.GitHubFile(set, "aws_connector_"+rand.Text())); err != nil {
		return fmt.Errorf("GITHUB_ENV: %w", err)
	}
	for _, other := range supplantedNames {
		if os.Getenv(other) != "" {
			a.say("aws-connector: %s is set and may win over these credentials: GitHub Actions cannot unset a variable, so remove it from the workflow", other)
		}
	}
	return nil
}

// appendTo adds text to a file that is there.
func appendTo(path, text string) (err error) {
	at, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !at.Mode().IsRegular():
		return errors.New("it names no file")
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.WriteString(text)
	return err
}
