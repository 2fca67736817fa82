package connector

import (
	"strings"
	"unicode/utf8"
)

// The parser says where it gave up and quotes what it found there, which may be a
// secret. What follows reads the file once more, up to that place, and knows the
// mistakes that people make: it shows no value.

// fault is a mistake in the TOML itself.
type fault struct {
	at              int // in bytes
	problem, advice string
}

// faultReader reads statement after statement until one has a fault.
type faultReader struct {
	text string
	pos  int
}

// findFault returns what is wrong with text, in which the parser gave up on line.
func findFault(text string, line int) *fault {
	if f := otherFormat(text); f != nil {
		return f
	}
	from := lineStart(text, line)
	r := faultReader{text: text}
	for {
		r.space()
		if r.pos == len(text) {
			return nil
		}
		start := r.pos
		// What the parser took is no mistake.
		if f := r.statement(); f != nil && max(r.pos, f.at) >= from-1 {
			return f
		}
		if r.pos == start {
			r.pos++
		}
		r.restOfLine()
	}
}

// otherFormat tells a file that is no TOML at all by how it begins, or its lines end.
func otherFormat(text string) *fault {
	const example = "`aws-connector init --example` prints the format"
	first := strings.TrimLeft(text, "\ufeff \t\r\n")
	switch {
	case strings.Contains(text, "\r") && !strings.Contains(text, "\n"):
		return &fault{0, "its lines end in carriage returns alone, as on old Macs", `save it with the line ends of Unix or Windows: an editor does, or tr '\r' '\n' < OLD > NEW`}
	case strings.HasPrefix(first, "{"):
		return &fault{len(text) - len(first), "this is JSON, not TOML", example}
	case strings.HasPrefix(first, "<"):
		return &fault{len(text) - len(first), "this is XML or HTML, not TOML", example}
	case strings.HasPrefix(first, "---"):
		return &fault{len(text) - len(first), "this is YAML, not TOML", example}
	}
	return nil
}

// lineStart returns where a line begins, counted from 1.
func lineStart(text string, line int) int {
	at := 0
	for ; line > 1; line-- {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			return at
		}
		at += n + 1
	}
	return at
}

// place returns line and column of a byte, a column being one character.
func place(text string, at int) (line, column int) {
	before := text[:min(at, len(text))]
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}

func (r *faultReader) peek() byte {
	if r.pos == len(r.text) {
		return '\n'
	}
	return r.text[r.pos]
}

func (r *faultReader) rest() string { return r.text[r.pos:] }

func (r *faultReader) pass(c byte) bool {
	if r.pos < len(r.text) && r.text[r.pos] == c {
		r.pos++
		return true
	}
	return false
}

func (r *faultReader) blanks() {
	for r.pos < len(r.text) && (r.text[r.pos] == ' ' || r.text[r.pos] == '\t') {
		r.pos++
	}
}

// line returns what is left of the line, without its end.
func (r *faultReader) line() string {
	line, _, _ := strings.Cut(r.rest(), "\n")
	return strings.TrimSuffix(line, "\r")
}

func (r *faultReader) restOfLine() { r.pos += len(r.line()) }

// ends reports whether nothing but a comment is left of the line.
func (r *faultReader) ends() bool { return r.line() == "" || r.peek() == '#' }

// space passes blanks, line ends and comments.
func (r *faultReader) space() {
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; {
		case c == ' ' || c == '\t' || c == '\n':
			r.pos++
		case c == '\r' && strings.HasPrefix(r.rest(), "\r\n"):
			r.pos++
		case c == '#' && controlIn(r.line()) < 0:
			r.restOfLine()
		case r.pos == 0 && strings.HasPrefix(r.text, "\ufeff"):
			r.pos += len("\ufeff")
		default:
			return
		}
	}
}

// statement passes a table's header, or a key with its value.
func (r *faultReader) statement() *fault {
	start, line := r.pos, r.line()
	if at := controlIn(line); line == "" || at >= 0 && (r.peek() == '#' || at == 0) {
		return controlFault(r.text, start+max(at, 0))
	}
	if r.peek() == '[' {
		return r.header()
	}
	if f := foreignLine(line, start); f != nil {
		return f
	}
	key, f := r.key()
	switch {
	case isSecret(last(key)):
		return &fault{start, "a secret does not belong in this file", "remove it and store it with `aws-connector key add NAME`"}
	case f != nil:
		return f
	}
	if f := r.equals(key, start); f != nil {
		return f
	}
	if f := r.value(key, 0); f != nil {
		return f
	}
	return r.after()
}

// foreignLine tells a line of another format by how it begins.
func foreignLine(line string, at int) *fault {
	word, _, _ := strings.Cut(line, " ")
	switch {
	case line[0] == ';':
		return &fault{at, "a comment begins with #, not with ;", "write # instead"}
	case strings.HasPrefix(line, "//"):
		return &fault{at, "a comment begins with #, not with //", "write # instead"}
	case strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "---"):
		return &fault{at, "this is a line of YAML, not of TOML", `a list is written KEY = ["ONE", "TWO"]`}
	case word == "export" || word == "set" || word == "setx" || strings.HasPrefix(line, "$env:"):
		return &fault{at, "this is a line of a shell, not of TOML", `write KEY = "VALUE" with a key of this file; variables of the environment are set elsewhere`}
	case strings.ContainsRune("]}),", rune(line[0])):
		return &fault{at, "a " + name1(line[0]) + " that belongs to nothing before it", "remove it"}
	case line[0] == '=':
		return &fault{at, "a key is missing before =", `write KEY = "VALUE"`}
	}
	return nil
}

// equals passes the = after a key.
func (r *faultReader) equals(key string, start int) *fault {
	r.blanks()
	if !r.pass('=') {
		return r.noEquals(key, start)
	}
	if c := r.peek(); c == '=' || c == '>' {
		return &fault{r.pos - 1, "=" + string(c) + " where TOML has a single =", "write " + written(key)}
	}
	r.blanks()
	return nil
}

func (r *faultReader) noEquals(key string, start int) *fault {
	switch at := r.pos; {
	case r.ends() && known(key) != "":
		return &fault{at, known(key) + " has neither = nor a value", "write " + written(key)}
	case r.ends():
		return &fault{start, "neither a table's header nor a key with a value", `write [connectors.NAME] or KEY = "VALUE"; a comment begins with #`}
	case r.peek() == ':' && strings.TrimSpace(r.line()) == ":":
		return &fault{start, "this is YAML, not TOML", "`aws-connector init --example` prints the format"}
	case r.peek() == ':':
		return &fault{at, "a colon instead of =", "write " + written(key) + "; colons are YAML's and JSON's"}
	case controlIn(r.line()) == 0:
		return controlFault(r.text, at)
	case oddAt(r.line()) == 0:
		return oddFault(r.text, at)
	case strings.Contains(r.line(), "=") && known(key) == "":
		return &fault{at, "a key cannot have this character outside quotes", "a key has letters, digits, - and _; `aws-connector help toml` lists the keys of a connector"}
	default:
		return &fault{at, "= is missing after " + first(known(key), "the key"), "write " + written(key)}
	}
}

// after looks at what follows a value on its line.
func (r *faultReader) after() *fault {
	r.blanks()
	c, at := r.peek(), r.pos
	switch {
	case r.line() == "":
	case c == '#':
		if n := controlIn(r.line()); n >= 0 {
			return controlFault(r.text, at+n)
		}
	case oddAt(r.line()) == 0:
		return oddFault(r.text, at)
	case controlIn(r.line()) == 0:
		return controlFault(r.text, at)
	case c == ',' || c == ';':
		return &fault{at, "a " + name1(c) + " after the value", "remove it: each key has a line of its own"}
	case c == '"' || c == '\'' || r.text[at-1] == '"' || r.text[at-1] == '\'':
		return &fault{at, "more text after the quote that closes the string", `within double quotes write \" for a quote, or put the whole in single quotes`}
	default:
		return &fault{at, "more text after the value", "each key has a line of its own; a comment begins with #"}
	}
	return nil
}
