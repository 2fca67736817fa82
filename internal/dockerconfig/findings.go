package dockerconfig

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"aws-connector/internal/charset"
)

// Kind is what a [Finding] is about.
type Kind int

const (
	// StoredPassword is an entry of auths with a password or token for the host: credHelpers hide it.
	StoredPassword Kind = iota + 1
	// StoreIsHelper is a credsStore that names [Helper], which credHelpers make unnecessary.
	StoreIsHelper
	// URLEntry is an entry of credHelpers whose name is a URL of the host: docker never looks it up.
	URLEntry
	// OtherHelper is an entry that was to be removed and names another helper; it stays.
	OtherHelper
	// SeveralHelpers is a second credHelpers, of which readers other than docker see the last alone.
	SeveralHelpers
	// ByteOrderMark is one at the start of the file, which docker does not accept.
	ByteOrderMark
)

// Finding is something in a config.json that a person should know about.
type Finding struct {
	Kind Kind
	// Line counts from 1.
	Line int
	// Name is the host, URL or member that it is about.
	Name string
	// Value is the helper of OtherHelper and URLEntry.
	Value string
}

// String returns one sentence without a period; it shows no secret.
func (f Finding) String() string {
	at := fmt.Sprintf("line %d: ", f.Line)
	switch f.Kind {
	case StoredPassword:
		return at + fmt.Sprintf("auths keeps a password for %q, which is not used any more and may be removed", f.Name)
	case StoreIsHelper:
		return at + fmt.Sprintf("credsStore is %q, which sends every other registry there too; credHelpers make it unnecessary", Helper)
	case URLEntry:
		return at + fmt.Sprintf("credHelpers has %q, but docker looks for the host alone and never finds it", f.Name)
	case OtherHelper:
		return at + fmt.Sprintf("the helper of %q is %q and was left", f.Name, f.Value)
	case SeveralHelpers:
		return at + "credHelpers is there more than once; docker merges them, other programs read the last alone"
	case ByteOrderMark:
		return at + "the file begins with a byte order mark, which docker does not accept; save it as UTF-8 without one"
	}
	return at + f.Name
}

// findings lists what concerns hosts, in the order of the file.
func (c config) findings(mark []byte, hosts []string) []Finding {
	var list []Finding
	wanted := setOf(hosts)
	if len(mark) > 0 {
		list = append(list, Finding{Kind: ByteOrderMark, Line: 1})
	}
	found := func(k Kind, m field, value string) {
		list = append(list, Finding{k, lineOf(c.text, m.start), m.name, value})
	}
	several := false
	for _, m := range c.root.members {
		switch raw := c.text[m.value:m.end]; {
		case m.name == member:
			if several {
				found(SeveralHelpers, m, "")
			}
			if several = true; raw[0] != '{' {
				continue
			}
			for _, e := range scanObject(c.text, m.value).members {
				if host := bareHost(e.name); host != e.name && wanted[host] {
					found(URLEntry, e, unquote(c.text[e.value:e.end]))
				}
			}
		case strings.EqualFold(m.name, "credsStore") && raw[0] == '"' && unquote(raw) == Helper:
			found(StoreIsHelper, m, "")
		case strings.EqualFold(m.name, "auths") && raw[0] == '{':
			for _, a := range scanObject(c.text, m.value).members {
				if wanted[bareHost(a.name)] && c.holdsSecret(a) {
					found(StoredPassword, a, "")
				}
			}
		}
	}
	return list
}

// holdsSecret tells whether a member of auths has more than a user name.
func (c config) holdsSecret(auth field) bool {
	if c.text[auth.value] != '{' {
		return false
	}
	return slices.ContainsFunc(scanObject(c.text, auth.value).members, func(m field) bool {
		secret := slices.ContainsFunc([]string{"auth", "password", "identitytoken", "registrytoken"}, func(name string) bool {
			return strings.EqualFold(m.name, name)
		})
		return secret && c.text[m.value] == '"' && m.end-m.value > len(`""`)
	})
}

// bareHost returns the host of a registry's URL: docker login wrote such names once.
func bareHost(name string) string {
	host := strings.TrimPrefix(strings.TrimPrefix(name, "https://"), "http://")
	host, _, _ = strings.Cut(host, "/")
	return host
}

// SyntaxError is a config.json that cannot be edited.
type SyntaxError struct {
	// Line and Column count from 1, a column being one character.
	Line, Column int
	Problem      string
	// Advice says what to do instead.
	Advice string
}

// Error returns "LINE:COLUMN: PROBLEM", to be put after a path and a colon.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Problem) }

// Hint returns Advice.
func (e *SyntaxError) Hint() string { return e.Advice }

func syntaxError(text []byte, at int, problem, advice string) error {
	line := text[bytes.LastIndexByte(text[:at], '\n')+1 : at]
	return &SyntaxError{lineOf(text, at), utf8.RuneCount(line) + 1, problem, advice}
}

// checkCharset refuses what nobody reads, in words that say so: the reader of
// JSON would tell of a character.
func checkCharset(text []byte) error {
	var bad *charset.Error
	if errors.As(charset.Check(text), &bad) && bad.Byte != 0 {
		return &SyntaxError{bad.Line, bad.Column, "not UTF-8: " + bad.Guess(), bad.Hint()}
	}
	if bad != nil {
		return &SyntaxError{bad.Line, 1, bad.Error(), bad.Hint()}
	}
	return nil
}

func lineOf(text []byte, at int) int { return bytes.Count(text[:at], []byte("\n")) + 1 }

// ConflictError means that hosts have another helper already. Nothing was changed.
type ConflictError struct {
	// Entries is not empty.
	Entries []Entry
}

// Error names each host with its helper.
func (e *ConflictError) Error() string {
	var all []string
	for _, c := range e.Entries {
		all = append(all, fmt.Sprintf("line %d: the helper of %q is %q", c.Line, c.Host, c.Helper))
	}
	return strings.Join(all, "; ")
}
