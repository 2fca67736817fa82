package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"aws-connector/internal/connector"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

func (a *App) completion() *cobra.Command {
	return &cobra.Command{
		Use:       "completion bash|zsh|fish|powershell",
		Short:     "print a script for shell completion",
		Long:      completionHelp,
		Args:      oneShell,
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			script, err := completionScript(cmd.Root(), args[0])
			if err != nil {
				return err
			}
			_, err = a.Stdout.Write(script)
			return err
		},
	}
}

func oneShell(cmd *cobra.Command, args []string) error {
	if len(args) == 1 && slices.Contains(shells, args[0]) {
		return nil
	}
	e := &usageError{text: "name one shell: " + strings.Join(shells, ", "), advice: "usage: " + cmd.UseLine()}
	if len(args) == 1 {
		e.advice = didYouMean(args[0], shells, e.advice)
	}
	return e
}

func completionScript(root *cobra.Command, shell string) ([]byte, error) {
	var b bytes.Buffer
	generate := map[string]func() error{
		"bash":       func() error { return root.GenBashCompletionV2(&b, true) },
		"zsh":        func() error { return root.GenZshCompletion(&b) },
		"fish":       func() error { return root.GenFishCompletion(&b, true) },
		"powershell": func() error { return root.GenPowerShellCompletionWithDesc(&b) },
	}
	err := generate[shell]()
	return b.Bytes(), err
}

// complete answers the scripts, which run this program at each TAB: nothing
// but completions is printed, and nothing goes wrong aloud.
func (a *App) complete(ctx context.Context, root *cobra.Command, args []string) int {
	root.SetErr(io.Discard)
	if !completable(a.root(), args[1:]) {
		fmt.Fprintf(a.Stdout, ":%d\n", cobra.ShellCompDirectiveNoFileComp)
		return 0
	}
	a.dashed = slices.Contains(args[1:len(args)-1], "--")
	root.SetArgs(args)
	// What cannot be completed is not: there is no one to tell.
	_ = root.ExecuteContext(ctx)
	return 0
}

func completing(args []string) bool {
	return len(args) > 1 && (args[1] == cobra.ShellCompRequestCmd || args[1] == cobra.ShellCompNoDescRequestCmd)
}

// completable reports whether cobra takes the flags among words; of those that
// it does not it complains on the process's standard error. root is a tree of its
// own, since the flags are set in it.
func completable(root *cobra.Command, words []string) bool {
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	cmd, rest, err := root.Find(words[:len(words)-1])
	if err != nil {
		return false
	}
	cmd.InitDefaultHelpFlag()
	err = cmd.ParseFlags(rest)
	if name, _, valued := strings.Cut(last, "="); valued && strings.HasPrefix(last, "-") {
		return err == nil && cmd.Flags().Lookup(strings.TrimLeft(name, "-")) != nil
	}
	var bare *pflag.ValueRequiredError // the value is what is completed
	return err == nil || errors.As(err, &bare) && !strings.HasPrefix(last, "-")
}

// completeNames completes what candidates finds in connectors.toml: the first
// argument, or with many each that was not given yet. Neither the keyring, which
// may ask, nor the cache is looked at.
func (a *App) completeNames(many bool, candidates func(connector.File) []cobra.Completion) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		const directive = cobra.ShellCompDirectiveNoFileComp
		f, err := a.connectors()
		if err != nil || len(args) > 0 && !many {
			return nil, directive
		}
		var all []cobra.Completion
		for _, c := range candidates(f) {
			name, _, _ := strings.Cut(c, "\t")
			if strings.HasPrefix(name, typed) && !slices.Contains(args, name) {
				all = append(all, c)
			}
		}
		return all, directive
	}
}

// connectorNames are the connectors with their methods.
func connectorNames(f connector.File) []cobra.Completion {
	var all []cobra.Completion
	for _, name := range f.Names() {
		if !connector.ValidName(name) {
			continue
		}
		about := "broken"
		if c, err := f.Lookup(name); err == nil {
			about = string(c.Method) + " in " + c.Region
		}
		all = append(all, cobra.CompletionWithDesc(name, about))
	}
	return all
}

// keyNames are the keys that connectors name, but for those that other programs
// keep: what is completed changes keys.
func keyNames(f connector.File) []cobra.Completion {
	users := map[string][]string{}
	for _, name := range f.Names() {
		if c, err := f.Lookup(name); err == nil && c.Key != "" && c.KeyProcess == nil {
			users[c.Key] = append(users[c.Key], name)
		}
	}
	var all []cobra.Completion
	for key, connectors := range users {
		all = append(all, cobra.CompletionWithDesc(key, "of "+strings.Join(connectors, ", ")))
	}
	slices.Sort(all)
	return all
}

// didYouMean is the advice after a word that is none of known, else otherwise.
func didYouMean(word string, known []string, otherwise string) string {
	if near := connector.Nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return otherwise
}
