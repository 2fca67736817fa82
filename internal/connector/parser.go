package connector

import (
	"errors"
	"strings"

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
func syntaxError(path string, err error) error {
	e := &Error{Path: path, Problem: "not valid TOML", Advice: "strings stand in double quotes; each key is given once; see https://toml.io"}
	var parse toml.ParseError
	if errors.As(err, &parse) {
		e.Line = parse.Position.Line
		if strings.Contains(parse.Message, "already been defined") || strings.Contains(parse.Message, "already defined") || strings.Contains(parse.Message, "duplicate") {
			e.Problem, e.Advice = "a key or table is defined twice", "remove or rename one of them"
		}
	}
	return e
}
