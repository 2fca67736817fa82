package awsconfig

import (
	"errors"
	"strings"
)

// What [Split] can say is wrong with a line.
var (
	ErrOpenQuote  = errors.New("a quote is not closed")
	ErrOpenEscape = errors.New("nothing follows the backslash at the end")
)

// Split splits a credential_process line into arguments as botocore does
// (compat.py, compat_shell_split): on Windows by the rules of the C runtime,
// elsewhere by Python's shlex. No shell has a part in it: ~, $NAME, ; and | are
// ordinary characters.
func Split(goos, line string) ([]string, error) {
	if goos == "windows" {
		return splitWindows(line)
	}
	return splitPOSIX(line)
}

// splitPOSIX is shlex.split(line): no comments, POSIX mode.
// https://docs.python.org/3/library/shlex.html#parsing-rules
func splitPOSIX(line string) ([]string, error) {
	var args []string
	var word strings.Builder
	started := false // even an empty quotation makes a word
	quote := rune(0)
	escaped := false
	for _, r := range line {
		switch {
		case escaped:
			if quote != 0 && r != '\\' && r != quote {
				word.WriteByte('\\')
			}
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, started = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, started = r, true
		case strings.ContainsRune(" \t\r\n", r):
			if started {
				args = append(args, word.String())
				word.Reset()
				started = false
			}
		default:
			word.WriteRune(r)
			started = true
		}
	}
	switch {
	case escaped:
		return nil, ErrOpenEscape
	case quote != 0:
		return nil, ErrOpenQuote
	case started:
		args = append(args, word.String())
	}
	return args, nil
}

// splitWindows is botocore's _windows_shell_split.
// https://learn.microsoft.com/en-us/cpp/cpp/main-function-command-line-args#parsing-c-command-line-arguments
func splitWindows(line string) ([]string, error) {
	var args []string
	var word strings.Builder
	started, quoted := false, false
	slashes := 0
	flush := func() {
		if slashes > 0 {
			word.WriteString(strings.Repeat(`\`, slashes))
			slashes, started = 0, true
		}
	}
	for _, r := range line {
		switch {
		case r == '\\':
			slashes++
		case r == '"':
			word.WriteString(strings.Repeat(`\`, slashes/2))
			odd := slashes%2 == 1
			slashes, started = 0, true
			if odd {
				word.WriteByte('"')
			} else {
				quoted = !quoted
			}
		case (r == ' ' || r == '\t') && !quoted:
			flush()
			if started {
				args = append(args, word.String())
				word.Reset()
				started = false
			}
		default:
			flush()
			word.WriteRune(r)
			started = true
		}
	}
	if quoted {
		return nil, ErrOpenQuote
	}
	flush()
	if started {
		args = append(args, word.String())
	}
	return args, nil
}
