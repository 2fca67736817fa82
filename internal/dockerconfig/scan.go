package dockerconfig

import (
	"encoding/json"
	"errors"
	"strings"
)

// object is where a JSON object is in a text: its braces and members.
type object struct {
	open, close int
	members     []field
	// null: it is null instead, from open to close.
	null bool
}

// field is one member of an object: its name as it reads without escapes, where
// the quoted name begins and ends, and where its value does.
type field struct {
	name                       string
	start, nameEnd, value, end int
}

// checkSyntax makes sure that text is one JSON value, so that the functions
// below need not look for the end of it.
func checkSyntax(text []byte) error {
	var value json.RawMessage
	err := json.Unmarshal(text, &value)
	var bad *json.SyntaxError
	if !errors.As(err, &bad) {
		return err
	}
	at := min(int(bad.Offset), len(text))
	if strings.HasPrefix(bad.Error(), "invalid character") {
		at = max(0, at-1) // Offset counts the character
	}
	advice := "correct it in an editor; docker cannot read it either"
	switch {
	case at < len(text) && (text[at] == '/' || text[at] == '#'):
		advice = "JSON has no comments: remove them; docker cannot read them either"
	case at < len(text) && (text[at] == '}' || text[at] == ']'):
		advice = "there may be a comma too many before it; docker cannot read it either"
	}
	return syntaxError(text, at, "invalid JSON: "+bad.Error(), advice)
}

// scanObject reads the object whose brace is at open. The text is valid JSON.
func scanObject(text []byte, open int) object {
	o := object{open: open}
	i := skipSpace(text, open+1)
	for text[i] != '}' {
		m := field{start: i, nameEnd: stringEnd(text, i)}
		m.name = unquote(text[m.start:m.nameEnd])
		m.value = skipSpace(text, skipSpace(text, m.nameEnd)+1) // over the colon
		m.end = valueEnd(text, m.value)
		o.members = append(o.members, m)
		i = skipSpace(text, m.end)
		if text[i] == ',' {
			i = skipSpace(text, i+1)
		}
	}
	o.close = i
	return o
}

func skipSpace(text []byte, i int) int {
	for i < len(text) && isSpace(text[i]) {
		i++
	}
	return i
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

func stringEnd(text []byte, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func valueEnd(text []byte, i int) int {
	depth := 0
	for {
		switch text[i] {
		case '"':
			i = stringEnd(text, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		default: // a number or word, or within brackets anything between values
			i++
			if depth == 0 {
				for !isSpace(text[i]) && strings.IndexByte(",]}", text[i]) < 0 {
					i++
				}
			}
		}
		if depth == 0 {
			return i
		}
	}
}

// unquote returns what a JSON string says; invalid UTF-8 reads as U+FFFD, as docker reads it.
func unquote(raw []byte) string {
	var s string
	if json.Unmarshal(raw, &s) != nil { // the text was checked
		return ""
	}
	return s
}
