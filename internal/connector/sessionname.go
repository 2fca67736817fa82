package connector

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// placeholders may stand in role_session_name, in braces.
var placeholders = []string{"user", "host", "connector", "pid"}

const (
	shortestSessionName = 2
	longestSessionName  = 64
	inSessionName       = "_+=,.@-"
)

// SessionName returns role_session_name with its placeholders filled in, as
// AssumeRole takes it: value returns that of user, host and pid. It is empty
// where none is given.
func (c Connector) SessionName(value func(placeholder string) string) string {
	if c.RoleSessionName == "" {
		return ""
	}
	var b strings.Builder
	_ = cutSessionName(c.RoleSessionName, func(literal, placeholder string) error {
		b.WriteString(literal)
		switch placeholder {
		case "":
		case "connector":
			b.WriteString(c.Name)
		default:
			b.WriteString(fitSessionName(value(placeholder)))
		}
		return nil
	})
	name := b.String()
	name = name[:min(len(name), longestSessionName)]
	return name + strings.Repeat("-", max(0, shortestSessionName-len(name)))
}

// fitSessionName puts a dash for each character that a session name cannot have.
func fitSessionName(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && (alphanumeric(byte(r)) || strings.ContainsRune(inSessionName, r)) {
			return r
		}
		return '-'
	}, s)
}

// cutSessionName visits the parts of a session name: text with the placeholder
// that follows it, "" at the end.
func cutSessionName(s string, visit func(literal, placeholder string) error) error {
	for {
		literal, rest, more := strings.Cut(s, "{")
		placeholder, after, closed := strings.Cut(rest, "}")
		if more && (!closed || placeholder == "") {
			return errors.New("has a { without a name and }")
		}
		if err := visit(literal, placeholder); err != nil || !more {
			return err
		}
		s = after
	}
}

func sessionName(v any) (string, error) {
	s, err := text(v)
	if err != nil {
		return "", err
	}
	literals, filled := "", 0
	err = cutSessionName(s, func(literal, placeholder string) error {
		literals += literal
		if filled++; placeholder != "" && !slices.Contains(placeholders, placeholder) {
			return fmt.Errorf("has {%s}; there are {%s}", placeholder, strings.Join(placeholders, "}, {"))
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	least := shortestSessionName
	if filled > 1 {
		least = 0
	}
	if !consists(literals, least, longestSessionName, inSessionName) {
		return "", errors.New("must be 2 to 64 of letters, digits and " + inSessionName)
	}
	return s, nil
}
