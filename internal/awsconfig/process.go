package awsconfig

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

var (
	connectorName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`) })
	verboseFlag   = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(-v+|--verbose)(=(1|0|[tT]|[fF]|true|false|TRUE|FALSE|True|False))?$`)
	})
)

// valueFlags are the flags of get that take a value.
var valueFlags = []string{"--resource-type", "--resource-id", "--scope"}

// comments are where Go and JavaScript end a value.
var comments = []string{" #", " ;", "\t#", "\t;"}

// Process is a credential_process that runs this program's get.
type Process struct {
	// Program is its path or name, without quotes.
	Program string
	// Connector is the NAME of get.
	Connector string
	// Plain says that the line is PROGRAM get NAME, and no flag or comment beside.
	Plain bool
}

// ParseProcess reads a credential_process as [Command] writes it, in quotes as
// it wrote it once, or as a person may have written it: with flags of get, with
// a comment, with a path whose blanks nothing protects. isProgram tells whether
// a path or name is this program's. It returns false for every other command.
func ParseProcess(line string, isProgram func(string) bool) (Process, bool) {
	command := line
	for _, c := range comments {
		command, _, _ = strings.Cut(command, c)
	}
	words, ok := splitCommand(trim(command))
	if !ok {
		return Process{}, false
	}
	for n := 1; n < len(words); n++ {
		if n > 1 && !continuesPath(words[0], words[n-1]) {
			break
		}
		program := strings.Join(words[:n], " ")
		if !isProgram(program) {
			continue
		}
		name, ok := getArguments(words[n:])
		return Process{program, name, command == line && len(words) == n+2}, ok
	}
	return Process{}, false
}

// continuesPath tells whether word may be a part of the path that begins with
// first, after a blank: a path or flag of its own is not.
func continuesPath(first, word string) bool {
	return (strings.HasPrefix(first, "/") || driveOrShare().MatchString(first)) &&
		!strings.HasPrefix(word, "/") && !strings.HasPrefix(word, "-") && !driveOrShare().MatchString(word) && !strings.Contains(word, "=")
}

// getArguments returns NAME of the arguments of `get NAME`, with flags anywhere.
func getArguments(args []string) (name string, ok bool) {
	var names []string
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case a == "--":
			names = append(names, args[i+1:]...)
			i = len(args)
		case !strings.HasPrefix(a, "-"):
			names = append(names, a)
		case verboseFlag().MatchString(a):
		case slices.Contains(valueFlags, a):
			i++
		case !slices.ContainsFunc(valueFlags, func(f string) bool { return strings.HasPrefix(a, f+"=") }):
			return "", false
		}
	}
	if len(names) != 2 || names[0] != "get" || !connectorName().MatchString(names[1]) {
		return "", false
	}
	return names[1], true
}

// splitCommand splits a command line, in which a backslash at the start of a share
// or before a letter or digit is a part of a path of Windows.
func splitCommand(line string) ([]string, bool) {
	var out strings.Builder
	runes := []rune(line)
	if strings.HasPrefix(line, `\\`) {
		out.WriteString(`\\`)
	}
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		out.WriteRune(r)
		if r != '\\' || i+1 == len(runes) {
			continue
		}
		if next := runes[i+1]; unicode.IsLetter(next) || unicode.IsDigit(next) || next == '_' || next == '.' {
			out.WriteRune(r)
			continue
		}
		i++
		out.WriteRune(runes[i])
	}
	return splitWords(out.String())
}
