package cli

import (
	"fmt"
	"slices"
	"strings"

	"aws-connector/internal/connector"

	"github.com/spf13/cobra"
)

// topic is something to read about that is no command.
type topic struct {
	name, short string
	text        func() string
}

// topics are listed in this order.
func topics() []topic {
	fixed := func(s string) func() string { return func() string { return s } }
	return []topic{
		{"toml", "connectors.toml: every field", tomlTopic},
		{"docker", "logging in to ECR with container tools", fixed(dockerTopic)},
		{"mfa", "MFA codes: where they come from, and how often you type one", fixed(mfaTopic)},
		{"headless", "servers, containers and CI: no keyring, or nobody to ask", fixed(headlessTopic)},
		{"environment", "the environment variables that are read", environmentTopic},
		{"exit-codes", "what the exit statuses mean", fixed(exitCodesTopic)},
	}
}

// help tells about commands and topics; of a name that is both, about the topic.
func (a *App) help(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:               "help [COMMAND…|TOPIC]",
		Short:             "explain a command or a topic",
		Long:              "Explains a command or a topic. `aws-connector help` lists both.",
		ValidArgsFunction: completeHelp,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				i := slices.IndexFunc(topics(), func(t topic) bool { return t.name == args[0] })
				if i >= 0 {
					_, err := fmt.Fprint(a.Stdout, topics()[i].text())
					return err
				}
			}
			cmd, rest, err := root.Find(args)
			switch {
			case err != nil:
				return err
			case len(rest) > 0:
				return &usageError{text: "no help on that: neither a command nor a topic",
					advice: didYouMean(rest[0], helpWords(cmd), "`aws-connector help` lists both")}
			}
			return cmd.Help()
		},
	}
}

// nearHelp is what word may mean that cobra does not suggest: help, and its topics.
func nearHelp(word string) []string {
	if slices.ContainsFunc(topics(), func(t topic) bool { return t.name == word }) {
		return []string{"help " + word}
	}
	if near := connector.Nearest(word, []string{"help"}); near != "" {
		return []string{near}
	}
	return nil
}

// helpWords are what may follow cmd's name after help.
func helpWords(cmd *cobra.Command) []string {
	var words []string
	for _, c := range helpCompletions(cmd) {
		word, _, _ := strings.Cut(c, "\t")
		words = append(words, word)
	}
	return words
}

func helpCompletions(cmd *cobra.Command) []cobra.Completion {
	var all []cobra.Completion
	if !cmd.HasParent() {
		for _, t := range topics() {
			all = append(all, cobra.CompletionWithDesc(t.name, t.short))
		}
	}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() && !slices.ContainsFunc(all, func(s string) bool { return strings.HasPrefix(s, c.Name()+"\t") }) {
			all = append(all, cobra.CompletionWithDesc(c.Name(), c.Short))
		}
	}
	return all
}

func completeHelp(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	about, rest, err := cmd.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	all := slices.DeleteFunc(helpCompletions(about), func(s string) bool { return !strings.HasPrefix(s, typed) })
	return all, cobra.ShellCompDirectiveNoFileComp
}

const (
	textWidth = 79
	// meaningColumn is where the second column of a topic's table begins.
	meaningColumn = 31
)

// row appends name and what is about it, wrapped in the second column.
func row(b *strings.Builder, name string, paragraphs ...string) {
	label := "  " + name
	if len(label) > meaningColumn-2 {
		b.WriteString(label + "\n")
		label = ""
	}
	for _, p := range paragraphs {
		for _, line := range wrap(p, textWidth-meaningColumn) {
			fmt.Fprintf(b, "%-*s%s\n", meaningColumn, label, line)
			label = ""
		}
	}
}

// wrap breaks text at its blanks into lines of at most width runes; a longer word stands alone.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

func tomlTopic() string {
	var b strings.Builder
	b.WriteString(tomlTopicHead)
	for _, f := range connector.Fields() {
		about := []string{f.Meaning, f.Type + "; methods: " + f.Methods}
		switch {
		case strings.HasPrefix(f.Default, "required"):
			about = append(about, f.Default)
		case f.Default != "":
			about = append(about, "default: "+f.Default)
		}
		row(&b, f.Name, about...)
	}
	b.WriteString(tomlTopicFoot)
	return b.String()
}

func environmentTopic() string {
	var b strings.Builder
	b.WriteString(environmentTopicHead)
	for _, group := range variables() {
		b.WriteString("\n" + group.title + "\n\n")
		for _, v := range group.variables {
			row(&b, v.names, v.meaning)
		}
	}
	return b.String()
}
