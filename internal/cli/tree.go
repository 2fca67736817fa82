package cli

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
)

// asks is the annotation of a command that waits for a person at the terminal.
const asks = "asks"

// root returns the tree of commands; where args begin with the name of a command
// that tells of no other, that branch of it alone.
func (a *App) root(args ...string) *cobra.Command {
	root := &cobra.Command{
		Use:           "aws-connector",
		Long:          rootHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE:          group,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetHelpFunc(tellHelp)
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().BoolVarP(&a.verbose, "verbose", "v", false, "say on standard error what happens")
	root.PersistentPreRun = func(cmd *cobra.Command, _ []string) {
		a.trail.action = strings.TrimPrefix(cmd.CommandPath(), root.Name()+" ")
		top, _, _ := strings.Cut(a.trail.action, " ")
		a.does = top == checkAction || top == "configure" || top == "login" || top == "doctor"
	}
	for _, b := range branches() {
		if !b.whole && len(args) > 0 && args[0] == b.name {
			root.AddCommand(b.command(a))
			return root
		}
	}
	for _, b := range branches() {
		root.AddCommand(b.command(a))
	}
	root.SetHelpCommand(a.help(root))
	return root
}

// branch is a command of the top level with what is below it.
type branch struct {
	name    string
	command func(*App) *cobra.Command
	// whole: it tells of other commands, too.
	whole bool
}

func branches() []branch {
	return []branch{
		{name: "get", command: (*App).get},
		{name: "init", command: (*App).init},
		{name: "key", command: (*App).key},
		{name: "keystore", command: (*App).keystore},
		{name: "list", command: (*App).list},
		{name: "login", command: (*App).login},
		{name: "show", command: (*App).show},
		{name: "serve", command: (*App).serve},
		{name: "check", command: (*App).check},
		{name: "resources", command: (*App).resources},
		{name: "cache", command: (*App).cache},
		{name: "configure", command: (*App).configure},
		{name: "console", command: (*App).console},
		{name: "env", command: (*App).env},
		{name: "exec", command: (*App).exec},
		{name: "docker", command: (*App).dockerCommand},
		{name: "kube-token", command: (*App).kubeToken},
		{name: "doctor", command: (*App).doctor},
		{name: "completion", command: (*App).completion, whole: true},
		{name: "man", command: (*App).man, whole: true},
		{name: "version", command: (*App).version},
	}
}

// group answers a command that has only subcommands.
func group(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	e := &usageError{text: fmt.Sprintf("unknown command %q", cmd.CommandPath()+" "+args[0]), advice: fmt.Sprintf("`%s --help` lists the commands", cmd.CommandPath())}
	cmd.SuggestionsMinimumDistance = 2
	near := cmd.SuggestionsFor(args[0])
	if !cmd.HasParent() {
		near = append(near, nearHelp(args[0])...)
	}
	if len(near) > 0 {
		e.advice = fmt.Sprintf("did you mean `%s %s`?", cmd.CommandPath(), near[0])
	}
	return e
}

// tellHelp prints what a command does and how it is called. A template would say
// it in fewer lines, and link every exported method of the program: 2.5 MB.
func tellHelp(cmd *cobra.Command, _ []string) {
	var b strings.Builder
	flags := cmd.LocalFlags() // first: UseLine tells of the flags that it gathers
	fmt.Fprintf(&b, "%s\n\nusage: ", strings.TrimSuffix(cmd.Long, "\n"))
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "%s COMMAND\n\ncommands:\n", cmd.CommandPath())
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				fmt.Fprintf(&b, "  %-*s  %s\n", c.NamePadding(), c.Name(), c.Short)
			}
		}
	} else {
		b.WriteString(cmd.UseLine() + "\n")
	}
	if flags.HasAvailableFlags() {
		fmt.Fprintf(&b, "\nflags:\n%s\n", strings.TrimRightFunc(flags.FlagUsages(), unicode.IsSpace))
	}
	if !cmd.HasParent() {
		fmt.Fprintf(&b, "\ntopics, by `aws-connector help TOPIC`:\n%s", topicList())
	}
	// What cannot be written is told by the stream.
	_, _ = io.WriteString(cmd.OutOrStdout(), b.String())
}
