package doctor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/connector"
	"aws-connector/internal/dotfile"
)

// sharedFiles is what the AWS SDKs' own files say.
type sharedFiles struct {
	awsconfig.Inspection
	config, credentials *dotfile.File
}

func (m *Machine) readAWS() (sharedFiles, error) {
	if m.AWSErr != nil {
		return sharedFiles{}, m.AWSErr
	}
	config, err := dotfile.Read(m.AWSConfig)
	if err != nil {
		return sharedFiles{}, err
	}
	credentials, err := dotfile.Read(m.AWSCredentials)
	if err != nil {
		return sharedFiles{}, err
	}
	return sharedFiles{awsconfig.Inspect(config.Text(), credentials.Text()), config, credentials}, nil
}

// has tells whether either file has the profile.
func (a sharedFiles) has(profile string) bool {
	for _, p := range slices.Concat(a.Config, a.Credentials) {
		if p.Name == profile {
			return true
		}
	}
	return false
}

func (m *Machine) awsFiles() []check {
	in, err := m.readAWS()
	if err != nil {
		return []check{one("AWS files", func() []Finding {
			return list(fromError(Broken, "AWS files", err, "make sure that it is a file and that you can read it"))
		})}
	}
	checks := []check{
		one(m.AWSConfig, func() []Finding { return m.wholeConfig(in) }).or(func() string { return m.configFact(in) }),
		one(m.AWSCredentials, func() []Finding { return m.credentialsMode(in) }),
		one(m.AWSCredentials, func() []Finding { return m.longTermKeys(in) }).or(in.credentialsFact),
	}
	for _, p := range in.Config {
		if m.runsUs(p.Command) {
			checks = append(checks, one("profile", func() []Finding { return m.profile(in, p) }))
		}
	}
	return checks
}

// wholeConfig tells why the AWS CLI refuses the file.
func (m *Machine) wholeConfig(in sharedFiles) []Finding {
	var all []Finding
	for i, file := range []*dotfile.File{in.config, in.credentials} {
		if err := awsconfig.Check(file.Text()); err != nil {
			f := fromError(Broken, []string{m.AWSConfig, m.AWSCredentials}[i], err, "save it as UTF-8")
			f.Fix = strings.TrimPrefix(f.Fix, "nothing was changed; ")
			all = append(all, f)
		}
	}
	for _, f := range in.Findings {
		fix := "correct or remove that line"
		if f.Kind == awsconfig.ByteOrderMark {
			fix = "save it in an editor that does not write one"
		}
		about := m.AWSConfig
		if f.Credentials {
			about = m.AWSCredentials
		}
		all = append(all, Finding{Broken, about, f.String(), fix})
	}
	return all
}

func (m *Machine) credentialsMode(in sharedFiles) []Finding {
	info, err := os.Stat(in.credentials.Path())
	if err != nil || m.UID < 0 || info.Mode().Perm()&0o077 == 0 || info.Size() == 0 {
		return nil
	}
	return list(Finding{Warning, m.AWSCredentials, fmt.Sprintf("it has mode %04o and others may be able to read the keys in it", info.Mode().Perm()), "chmod 600 " + word(m.AWSCredentials)})
}

func (m *Machine) longTermKeys(in sharedFiles) []Finding {
	var all []Finding
	tell := func(path string, profiles []awsconfig.Existing) {
		var names []string
		for _, p := range profiles {
			if p.LongTermKey {
				names = append(names, p.Name)
			}
		}
		if len(names) > 0 {
			name := names[0]
			if !connector.ValidName(name) {
				name = "NAME"
			}
			all = append(all, Finding{Warning, path, "it has a long-term key in plain text, in " + some(names), "aws-connector key add " + name + ", add a connector for it, and remove the key from this file"})
		}
	}
	tell(m.AWSCredentials, in.Credentials)
	tell(m.AWSConfig, in.Config)
	return all
}

var (
	named      = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(^|[\\/])aws-connector(\.exe)?$`) })
	spacedPath = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(/|[A-Za-z]:\\)[^"'=]*[\\/]aws-connector(\.exe)?( |$)`)
	})
)

// runsUs tells whether a credential_process is meant to be this program. One
// that runs it through another program is not judged.
func (m *Machine) runsUs(command string) bool {
	name, _, quoted := splitProgram(command)
	if named().MatchString(name) || filepath.IsAbs(name) && sameFile(name, m.Self) {
		return true
	}
	_, missing := m.resolveProgram(name)
	return missing && !quoted && spacedPath().MatchString(command)
}

// splitProgram cuts the program off a command line, as the AWS CLI does.
func splitProgram(command string) (program, rest string, quoted bool) {
	command = strings.TrimSpace(command)
	if command != "" && strings.ContainsRune(`"'`, rune(command[0])) {
		if end := strings.IndexByte(command[1:], command[0]); end >= 0 {
			return command[1 : end+1], strings.TrimSpace(command[end+2:]), true
		}
	}
	var b strings.Builder
	for i := 0; i < len(command); i++ {
		if command[i] == ' ' {
			return b.String(), strings.TrimSpace(command[i:]), false
		}
		if command[i] == '\\' && i+1 < len(command) && strings.ContainsRune(escaped, rune(command[i+1])) {
			i++
		}
		b.WriteByte(command[i])
	}
	return b.String(), "", false
}

// escaped are what configure writes a backslash before; one before anything else
// is taken for a part of a path of Windows.
const escaped = " ()&[]{}~"

// profile looks at a profile whose credential_process is this program. It shows
// no more of the command than program and connector.
func (m *Machine) profile(in sharedFiles, p awsconfig.Existing) []Finding {
	about := fmt.Sprintf("profile %q", p.Name)
	program, rest, quoted := splitProgram(p.Command)
	args := strings.Fields(rest)
	asked, clear := awsconfig.ParseGet(args)
	wanted := awsconfig.Get{Connector: "NAME"}
	switch {
	case clear && asked.Written():
		wanted = asked // which must not become more than it is
	case len(args) > 1 && connector.ValidName(args[1]):
		wanted.Connector = args[1]
	}
	fix := fmt.Sprintf("in the section at line %d of %s write: credential_process = %s", p.Line, m.AWSConfig, m.command(wanted))
	var all []Finding
	for _, f := range awsconfig.Against(in.config.Text(), in.credentials.Text(), p.Name) {
		all = append(all, Finding{Broken, about, without(about, f.String()), "change that line, or use another profile"})
	}
	ofProgram := m.programOf(about, fix, p.Command, program, quoted)
	all = append(all, ofProgram...)
	if problem := ofArguments(args, rest); problem == "" {
		all = append(all, m.asksFor(about, asked)...)
	} else if !slices.ContainsFunc(ofProgram, func(f Finding) bool { return f.Severity == Broken }) { // which it may come of
		all = append(all, Finding{Broken, about, problem, fix})
	}
	return all
}

// ofArguments tells what is wrong with what follows the program, "" for nothing.
func ofArguments(args []string, rest string) string {
	switch {
	case len(args) == 0:
		return "its command has no argument: it prints help, and minio refuses it"
	case strings.ContainsAny(rest, "\"'#;$`&|<>()\\"):
		return "its arguments have quotes or other characters that SDKs take for comments, shell syntax or text"
	case args[0] != "get" || len(args) < 2:
		return "its command is not `get NAME`"
	}
	asked, ok := awsconfig.ParseGet(args)
	switch {
	case ok && slices.Equal(args, asked.Arguments()):
		return ""
	case len(args) == 2:
		return "what it asks for is not the name of a connector"
	case ok && asked.Narrow():
		return "" // what it asks for is clear, however it is put
	}
	return "its command has more arguments than `get NAME` and flags that narrow the session"
}

// asksFor looks at the connector that a profile asks for.
func (m *Machine) asksFor(about string, asked awsconfig.Get) []Finding {
	name := asked.Connector
	if m.ConnectorsErr != nil {
		return list(Finding{Broken, about, fmt.Sprintf("it uses connector %q, but there is no valid connectors.toml", name), "create or correct " + m.Connectors.Path})
	}
	c, err := m.Connectors.Lookup(name)
	if err == nil && asked.Narrow() {
		_, err = c.Narrow(connector.Narrowing{Type: connector.ResourceType(asked.ResourceType), ID: asked.ResourceID, Scope: connector.Scope(asked.Scope)})
	}
	var narrow *connector.NarrowingError
	var unknown *connector.NotFoundError
	switch {
	case errors.As(err, &unknown):
		return list(fromError(Broken, about, err, "add the connector"))
	case errors.As(err, &narrow):
		return list(fromError(Broken, about, err, "name a resource that the connector may use"))
	case err != nil:
		return list(Finding{Broken, about, fmt.Sprintf("its connector %q is broken", name), "correct the connector: see its own line here"})
	}
	return nil
}

// programOf looks at the program of a credential_process.
func (m *Machine) programOf(about, fix, command, program string, quoted bool) []Finding {
	command = strings.TrimSpace(command)
	last := command[len(command)-1]
	path, missing := m.resolveProgram(program)
	switch {
	case quoted && command[0] == last:
		return list(Finding{Broken, about, "its command begins and ends with a quote, which Go takes away together", fix})
	case strings.HasPrefix(program, "~") || strings.Contains(program, "$"):
		return list(Finding{Broken, about, "its program is " + program + ", and the AWS CLI and boto3 expand neither ~ nor variables", fix})
	case missing && !quoted && m.spaced(command) != "":
		return list(Finding{Broken, about, "the path of its program has a space and no quotes: " + m.spaced(command), "use a path without spaces, such as a link to it; or put a backslash before each space"})
	case missing:
		return list(Finding{Broken, about, "its program does not exist: " + program, fix})
	}
	var all []Finding
	if strings.Contains(program, " ") {
		all = append(all, Finding{Warning, about, "the path of its program has a space, which minio, and Go on Windows, cannot run: " + program, "use a path without spaces, such as a link to it"})
	}
	if !sameFile(path, m.Self) {
		all = append(all, Finding{Warning, about, fmt.Sprintf("it runs %s, but this is %s", path, m.Self), fix})
	}
	return all
}

// command is the line that runs this program, by its place on PATH if it has
// one: what is behind a link there changes with the next version.
func (m *Machine) command(wanted awsconfig.Get) string {
	path := m.Self
	if found, _ := m.onPath(program); len(found) > 0 && sameFile(found[0], m.Self) {
		path = found[0]
	}
	line, err := awsconfig.Command(m.GOOS, path, wanted.Arguments()...)
	if err != nil {
		return program + " " + strings.Join(wanted.Arguments(), " ")
	}
	return line
}

// resolveProgram returns the file that a program's name leads to.
func (m *Machine) resolveProgram(name string) (path string, missing bool) {
	if filepath.IsAbs(name) {
		_, err := os.Stat(name)
		return name, err != nil
	}
	found, _ := m.onPath(strings.TrimSuffix(name, ".exe"))
	if len(found) == 0 || strings.ContainsAny(name, `/\`) {
		return name, true
	}
	return found[0], false
}

// spaced returns the program of an unquoted command whose path has spaces, if there is such a file.
func (m *Machine) spaced(command string) string {
	words := strings.Fields(command)
	for n := 2; n <= len(words); n++ {
		path := strings.Join(words[:n], " ")
		if info, err := os.Stat(path); filepath.IsAbs(path) && err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}
