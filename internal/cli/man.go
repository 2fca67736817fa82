package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// man prints the manual page, which install.sh installs.
func (a *App) man() *cobra.Command {
	return &cobra.Command{
		Use:    "man",
		Short:  "print the manual page",
		Long:   "Prints the manual page, aws-connector(1), as man and groff read it.",
		Hidden: true,
		Args:   noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(a.Stdout, manual(cmd.Root()))
			return err
		},
	}
}

const manFiles = `  ~/.config/aws-connector/connectors.toml   your connectors
  ~/.config/aws-connector/keys.age          keys, with keystore = "file"
  ~/.cache/aws-connector                    cached sessions and tokens
  ~/.aws/config                             profiles, set up by configure aws
  ~/.docker/config.json                     helpers, set up by configure docker
  ~/.kube/config                            contexts, set up by configure kube

On macOS, the first two are in ~/Library/Application Support/aws-connector and
the cache is in ~/Library/Caches/aws-connector.`

// manSeeAlso are the manual pages of the programs that it answers.
const manSeeAlso = "aws(1), docker(1), docker-login(1), podman(1), kubectl(1), age(1), pinentry(1)"

// manual is the manual page in roff's man macros (groff_man(7)), made of the
// texts that help prints.
func manual(root *cobra.Command) string {
	var m roff
	fmt.Fprintf(&m, ".TH AWS\\-CONNECTOR 1 \"\" \"aws\\-connector %s\" \"User Commands\"\n.nh\n.ad l\n", escape(version()))
	m.section("NAME")
	m.text(root.Name() + " - AWS credentials for the AWS CLI, SDKs, Docker and kubectl")
	m.section("SYNOPSIS")
	fmt.Fprintf(&m, ".B %s\n.I COMMAND\n", escape(root.Name()))
	m.section("DESCRIPTION")
	m.text(strings.TrimSuffix(root.Long, "\n"))
	m.flags(root.PersistentFlags())
	m.section("COMMANDS")
	m.commands(root)
	for _, t := range topics() {
		m.section(manTitle(t.name))
		m.text(t.text())
	}
	m.section("FILES")
	m.text(manFiles)
	m.section("EXAMPLES")
	m.text(manExamples)
	m.section("SEE ALSO")
	m.text(manSeeAlso)
	return m.String()
}

// manTitle is the title of a topic's section, by man-pages(7) where that has one.
func manTitle(topic string) string {
	titles := map[string]string{"exit-codes": "EXIT STATUS", "toml": "CONFIGURATION FILE"}
	return first(titles[topic], strings.ToUpper(topic))
}

// roff is a manual page that is being written.
type roff struct{ strings.Builder }

func (m *roff) section(title string) { fmt.Fprintf(m, ".SH \"%s\"\n", escape(title)) }

// commands writes the commands below cmd that do something.
func (m *roff) commands(cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		if !c.IsAvailableCommand() {
			continue
		}
		if !c.HasAvailableSubCommands() {
			fmt.Fprintf(m, ".SS \"%s\"\n", escape(c.UseLine()))
			m.text(strings.TrimSuffix(c.Long, "\n"))
			m.flags(c.LocalNonPersistentFlags())
		}
		m.commands(c)
	}
}

func (m *roff) flags(flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		value, usage := pflag.UnquoteUsage(f)
		fmt.Fprintf(m, ".TP\n.B %s\n%s\n", escape(strings.TrimSpace(name+" "+value)), escape(usage))
	})
}

// text writes what help prints: paragraphs are filled, indented lines stay as they are.
func (m *roff) text(s string) {
	literal := false
	paragraph := true
	for line := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		indented := strings.HasPrefix(line, "  ")
		switch {
		case line == "":
			paragraph = true
			continue
		case literal && !indented:
			m.WriteString(".fi\n")
			literal, paragraph = false, true
		}
		if paragraph {
			m.WriteString(".PP\n")
			paragraph = false
		}
		if indented && !literal {
			m.WriteString(".nf\n")
			literal = true
		}
		m.WriteString(escape(line) + "\n")
	}
	if literal {
		m.WriteString(".fi\n")
	}
}

// escape makes a line of text one of roff: nothing in it is a request or an
// escape, and it is ASCII, so that no locale matters. groff_char(7)
func escape(line string) string {
	var b strings.Builder
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		b.WriteString(`\&`)
	}
	special := map[rune]string{'\\': `\e`, '-': `\-`, '\'': `\(aq`, '`': `\(ga`, '^': `\(ha`, '~': `\(ti`, '"': `\(dq`, '…': "..."}
	for _, r := range line {
		switch s, ok := special[r]; {
		case ok:
			b.WriteString(s)
		case r > '~':
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
