package awsconfig

import (
	"slices"
	"strings"
	"unicode"
)

// comments are where Go and JavaScript end a value.
var comments = []string{" #", " ;", "\t#", "\t;"}

// Process is a credential_process that runs this program's get.
type Process struct {
	// Program is its path or name, without quotes.
	Program string
	// Get is what it asks for.
	Get
	// Plain says that the line is as this program writes it: PROGRAM get NAME, where
	// the session is narrowed the flags that do it, and nothing beside.
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
		get, ok := ParseGet(words[n:])
		return Process{program, get, command == line && get.Written() && slices.Equal(words[n:], get.Arguments())}, ok
	}
	return Process{}, false
}

// continuesPath tells whether word may be a part of the path that begins with
// first, after a blank: a path or flag of its own is not.
func continuesPath(first, word string) bool {
	return (strings.HasPrefix(first, "/") || driveOrShare().MatchString(first)) &&
		!strings.HasPrefix(word, "/") && !strings.HasPrefix(word, "-") && !driveOrShare().MatchString(word) && !strings.Contains(word, "=")
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
