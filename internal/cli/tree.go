package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"aws-connector/internal/connector"

	"github.com/spf13/cobra"
)

// asks is the annotation of a command that waits for a person at the terminal.
const asks = "asks"

// root returns the tree of commands; where args begin with the name of a command
// that tells of no other, that branch of it alone.
func (a *App) root(args ...string) *cobra.Command {
	root := &cobra.Command{
		Use:           "aws-connector",
		Long:          aboutHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE:          a.top,
	}
	root.Flags().BoolP("version", "V", false, "print the version")
	root.CompletionOptions.DisableDefaultCmd = true
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetHelpFunc(tellHelp)
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().BoolVarP(&a.verbose, "verbose", "v", false, "print what happens to standard error")
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

// top answers a call without a command that is known: the name of a connector is no command.
func (a *App) top(cmd *cobra.Command, args []string) error {
	if asked, err := cmd.Flags().GetBool("version"); err == nil && asked {
		return a.tellVersion()
	}
	if len(args) > 0 {
		if f, err := a.connectors(); err == nil && slices.Contains(f.Names(), args[0]) && connector.ValidName(args[0]) {
			return &usageError{text: fmt.Sprintf("unknown command %q", cmd.CommandPath()+" "+args[0]),
				advice: fmt.Sprintf("%s is a connector: did you mean `aws-connector get %s`, or `aws-connector exec %s -- COMMAND`?", args[0], args[0], args[0])}
		}
	}
	return group(cmd, args)
}

// group answers a command that has only subcommands.
func group(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	e := &usageError{text: fmt.Sprintf("unknown command %q", cmd.CommandPath()+" "+args[0]), advice: fmt.Sprintf("`%s --help` lists the commands", cmd.CommandPath())}
	if near := nearCommand(cmd, args[0]); near != "" {
		e.advice = fmt.Sprintf("did you mean `%s %s`?", cmd.CommandPath(), near)
	}
	return e
}

// examplesTitle begins the part of a help text that follows usage and flags.
const examplesTitle = "\nexamples:\n"

// nearCommand returns the command below cmd that was probably meant, empty if nothing tells.
func nearCommand(cmd *cobra.Command, word string) string {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	if !cmd.HasParent() {
		others := map[string]string{"ls": "list", "whoami": "check", "test": "check", "verify": "check", "run": "exec", "shell": "exec", "export": "env", "add": "key add", "import": "key import", "rotate": "key rotate", "remove": "key remove",
			"clear": "cache clear", "logout": "cache clear", "setup": "init", "config": "configure", "credentials": "get", "credential-process": "get", "describe": "show", "eks": "kube-token", "token": "kube-token", "ecr": "docker", "open": "console", "server": "serve"}
		top, _, _ := strings.Cut(others[word], " ")
		if slices.Contains(names, top) {
			return others[word]
		}
	}
	if !cmd.HasParent() {
		names = append(names, "help")
	}
	if near := connector.Nearest(word, names); near != "" {
		return near
	}
	cmd.SuggestionsMinimumDistance = 2
	near := cmd.SuggestionsFor(word)
	if !cmd.HasParent() {
		near = append(near, nearHelp(word)...)
	}
	if len(near) == 0 {
		return ""
	}
	return near[0]
}

// tellHelp prints what a command does and how it is called. A template would say
// it in fewer lines, and link every exported method of the program: 2.5 MB.
func tellHelp(cmd *cobra.Command, _ []string) {
	if !cmd.HasParent() {
		_, _ = io.WriteString(cmd.OutOrStdout(), rootHelp)
		return
	}
	var b strings.Builder
	flags := cmd.LocalFlags() // first: UseLine tells of the flags that it gathers
	about, examples, _ := strings.Cut(cmd.Long, examplesTitle)
	fmt.Fprintf(&b, "%s\n\nusage: ", strings.TrimSpace(about))
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
	if examples != "" {
		b.WriteString(examplesTitle + examples)
	}
	// What cannot be written is reported by the stream.
	_, _ = io.WriteString(cmd.OutOrStdout(), b.String())
}
