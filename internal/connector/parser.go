package connector

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"aws-connector/internal/charset"
	"aws-connector/internal/zone"

	"github.com/BurntSushi/toml"
)

// The parser is initialised before this.
var _ = zone.Restore()

// decode parses text. What the parser panics over is an error.
func decode(text string) (top map[string]any, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the parser gave up")
		}
	}()
	var v any // a map would be filled with copies
	_, err = toml.Decode(text, &v)
	top, _ = v.(map[string]any)
	return top, err
}

// syntaxError words a TOML error without the parser's text, which may quote a secret.
func syntaxError(path, text string, err error) error {
	e := &Error{Path: path, Problem: "not valid TOML", Advice: "strings stand in double quotes; each key is given once; see https://toml.io"}
	var parse toml.ParseError
	if !errors.As(err, &parse) {
		return e
	}
	e.Line = parse.Position.Line
	if strings.Contains(parse.Message, "already been defined") || strings.Contains(parse.Message, "already created") || strings.Contains(parse.Message, "is not a table") {
		e.Problem, e.Advice = twice(text, e.Line), "remove or rename one of them"
		return e
	}
	if f := findFault(text, e.Line); f != nil {
		e.Line, e.Column = place(text, f.at)
		e.Problem, e.Advice = f.problem, f.advice
	}
	return e
}

// twice says what is defined on line though it is there already.
func twice(text string, line int) string {
	type key struct {
		path []string
		line int
	}
	var all []key
	eachKey(text, func(path []string, at int) { all = append(all, key{path, at}) })
	for _, k := range all {
		if k.line != line {
			continue
		}
		for _, earlier := range all {
			n := len(earlier.path)
			switch {
			case earlier.line >= line || n > len(k.path) || !slices.Equal(earlier.path, k.path[:n]) || slices.ContainsFunc(k.path, func(s string) bool { return shownName(s) != s }):
			case n == len(k.path):
				return fmt.Sprintf("%q is defined here and on line %d already", strings.Join(k.path, "."), earlier.line)
			case !strings.HasPrefix(strings.TrimLeft(text[lineStart(text, earlier.line):], " \t"), "["):
				return fmt.Sprintf("%q is a table here and a value on line %d", strings.Join(earlier.path, "."), earlier.line)
			}
		}
	}
	return "a key or table is defined twice"
}

// charsetError is about a file that is not UTF-8.
func charsetError(path string, not *charset.Error) error {
	switch {
	case not.Encoding != "":
		return &Error{Path: path, Problem: "it is " + not.Encoding + " and not UTF-8", Advice: "save it as UTF-8: an editor does, or `iconv -f " + not.Iconv() +
			" -t UTF-8`; in Windows PowerShell, whose > writes UTF-16, `aws-connector init --example | Out-File -Encoding utf8 FILE`"}
	case not.Byte == 0:
		return &Error{Path: path, Line: not.Line, Column: not.Column, Problem: "a NUL byte: this is not a text file in UTF-8", Advice: "save it as UTF-8; was something in UTF-16 appended to it, as >> of Windows PowerShell does?"}
	}
	return &Error{Path: path, Line: not.Line, Column: not.Column, Problem: "not UTF-8: " + not.Guess(),
		Advice: "save the file as UTF-8: an editor does, or `iconv -f WINDOWS-1252 -t UTF-8`"}
}
