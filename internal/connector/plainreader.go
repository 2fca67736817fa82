package connector

import (
	"strconv"
	"strings"
)

// readTable reads the text of a plain table.
func readTable(text string) map[string]any {
	own := map[string]any{}
	r := plainReader{text: text, pos: strings.IndexByte(text, ']') + 1, keep: true}
	for r.lineEnds() {
		r.space()
		if r.pos == len(text) {
			break
		}
		if text[r.pos] == '#' {
			continue
		}
		key, v, ok := r.statement()
		if !ok {
			break
		}
		own[key] = v
	}
	return own
}

// plainReader reads what is plain of TOML, and nothing that is not valid.
type plainReader struct {
	text string
	pos  int
	// keep: values are wanted, and not only whether there are any.
	keep bool
	// elements counts the brackets and commas of lists.
	elements int
}

// statement reads a key with its value, up to the end of the line or text.
func (r *plainReader) statement() (key string, v any, ok bool) {
	key = r.bare()
	r.blanks()
	if key == "" || !r.pass('=') {
		return "", nil, false
	}
	r.blanks()
	v, ok = r.value()
	return key, v, ok && r.lineEnds()
}

// bare reads a bare key; "" if there is none.
func (r *plainReader) bare() string {
	rest := r.text[r.pos:]
	n := 0
	for n < len(rest) && (isLower(rest[n]) || rest[n] == '_' || rest[n] == '-' || isDigit(rest[n]) || isUpper(rest[n])) {
		n++
	}
	r.pos += n
	return rest[:n]
}

func (r *plainReader) value() (v any, ok bool) {
	if r.pos == len(r.text) {
		return nil, false
	}
	switch r.text[r.pos] {
	case '"', '\'':
		s, ok := r.str()
		if !r.keep {
			return nil, ok
		}
		return s, ok
	case '[':
		return r.list()
	case 't', 'f':
		switch r.bare() {
		case "true":
			return true, true
		case "false":
			return false, true
		}
		return nil, false
	}
	const longest = 18 // digits that always fit
	switch number := r.bare(); {
	case number == "0":
		return int64(0), true
	case number == "" || len(number) > longest || number[0] == '0' || !every(number, isDigit):
		return nil, false
	case !r.keep:
		return nil, true
	default:
		n, err := strconv.ParseInt(number, 10, 64)
		return n, err == nil
	}
}

// str reads a string of one line without escapes.
func (r *plainReader) str() (s string, ok bool) {
	quote, rest := r.text[r.pos], r.text[r.pos+1:]
	n := strings.IndexByte(rest, quote)
	// Three of them begin a string of many lines.
	if n < 0 || n == 0 && len(rest) > 1 && rest[1] == quote {
		return "", false
	}
	s = rest[:n]
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '\x7f' || c == '\\' && quote == '"' {
			return "", false
		}
	}
	r.pos += n + 2
	return s, true
}

// list reads a list of strings, on as many lines as it takes.
func (r *plainReader) list() (v any, ok bool) {
	list := []any{}
	r.pos++
	for more := true; ; more = r.pass(',') {
		r.elements++
		r.space()
		if r.pass(']') {
			if !r.keep {
				return nil, true
			}
			return list, true
		}
		if !more || r.pos == len(r.text) || r.text[r.pos] != '"' && r.text[r.pos] != '\'' {
			return nil, false
		}
		s, ok := r.str()
		if !ok {
			return nil, false
		}
		if r.keep {
			list = append(list, s)
		}
		r.space()
	}
}

// lineEnds passes blanks and a comment, and reports whether the line or text ends there.
func (r *plainReader) lineEnds() bool {
	r.blanks()
	if r.pos < len(r.text) && r.text[r.pos] == '#' {
		for r.pos < len(r.text) && (r.text[r.pos] >= ' ' && r.text[r.pos] != '\x7f' || r.text[r.pos] == '\t') {
			r.pos++
		}
	}
	if strings.HasPrefix(r.text[r.pos:], "\r\n") {
		r.pos++
	}
	return r.pos == len(r.text) || r.text[r.pos] == '\n'
}

func (r *plainReader) blanks() {
	for r.pos < len(r.text) && (r.text[r.pos] == ' ' || r.text[r.pos] == '\t') {
		r.pos++
	}
}

// space passes blanks and line ends.
func (r *plainReader) space() {
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; {
		case c == ' ' || c == '\t' || c == '\n':
		case c == '\r' && strings.HasPrefix(r.text[r.pos:], "\r\n"):
		default:
			return
		}
		r.pos++
	}
}

func (r *plainReader) pass(c byte) bool {
	if r.pos < len(r.text) && r.text[r.pos] == c {
		r.pos++
		return true
	}
	return false
}
