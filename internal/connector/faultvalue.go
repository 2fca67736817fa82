package connector

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// header passes a table's header.
func (r *faultReader) header() *fault {
	start, line := r.pos, r.line()
	r.pos++
	double := r.pass('[')
	r.blanks()
	name, f := r.key()
	at := r.pos
	r.blanks()
	kind, other, _ := strings.Cut(strings.Trim(line, "[] \t"), " ")
	switch shown := shownName(strings.Trim(strings.TrimSpace(other), `"'`)); {
	case other != "" && (kind == "profile" || kind == "sso-session" || kind == "services"):
		return &fault{start, "[" + kind + " …] is a header of ~/.aws/config, not of this file", "write [connectors." + shown + "]"}
	case f != nil:
		return f
	case name == "" && r.peek() == ']':
		return &fault{start, "a table's header without a name", "write [connectors.NAME]"}
	case r.ends():
		return &fault{start, "the header of this table has no closing ]", "write [connectors.NAME]"}
	case r.peek() != ']' && oddAt(r.line()) == 0:
		return oddFault(r.text, r.pos)
	case r.peek() != ']' && r.pos > at:
		return &fault{at, "a blank in the name of a table", "write [connectors.NAME]; a name has letters, digits, - and _"}
	case r.peek() != ']':
		return &fault{at, "the name of a table cannot have this character", "write [connectors.NAME]; a name has letters, digits, - and _"}
	}
	r.pos++
	if double && !r.pass(']') {
		return &fault{start, "a header with two brackets before and one after the name", "write [connectors.NAME]"}
	}
	if f := r.after(); f != nil && (oddAt(r.line()) == 0 || controlIn(r.line()) >= 0) {
		return f
	} else if f != nil {
		return &fault{f.at, "more text after the header of a table", "a key begins a line of its own; a comment begins with #"}
	}
	return nil
}

// key passes a dotted key and returns it.
func (r *faultReader) key() (string, *fault) {
	start := r.pos
	for {
		r.blanks()
		part := r.pos
		if c := r.peek(); c == '"' || c == '\'' {
			if f := r.str(); f != nil {
				return "", f
			}
		} else {
			for r.pos < len(r.text) && (alphanumeric(r.peek()) || r.peek() == '_' || r.peek() == '-') {
				r.pos++
			}
		}
		if line := r.line(); line != "" && oddAt(line) == 0 {
			return "", oddFault(r.text, r.pos)
		}
		end := r.pos
		r.blanks()
		if dotted := r.peek() == '.' || part > start; dotted && end == part {
			return "", &fault{part, "a dot with nothing on one side of it", "remove the dot: a table is [connectors.NAME], a key has none"}
		}
		if !r.pass('.') {
			r.pos = end
			return r.text[start:end], nil
		}
	}
}

// value passes the value of key; within lists and tables it is that many deep.
func (r *faultReader) value(key string, depth int) *fault {
	switch c := r.peek(); {
	case depth > deepest:
		r.pos = len(r.text)
		return nil
	case r.ends():
		return &fault{r.pos, "a value is missing after =", "write " + written(key)}
	case c == '"' || c == '\'':
		return r.str()
	case c == '[':
		return r.list(key, depth)
	case c == '{':
		return r.table(depth)
	}
	return r.word(key, depth)
}

// list passes [ … ].
func (r *faultReader) list(key string, depth int) *fault {
	open := r.pos
	r.pos++
	for {
		r.space()
		if r.pass(']') {
			return nil
		}
		if f := r.unclosed(open, "list", "]"); f != nil {
			return f
		}
		if r.peek() == ',' {
			return &fault{r.pos, "a comma with nothing before it", "remove it"}
		}
		if f := r.value(key, depth+1); f != nil {
			return f
		}
		r.space()
		if r.pass(',') || r.peek() == ']' {
			continue
		}
		if f := r.unclosed(open, "list", "]"); f != nil {
			return f
		}
		if oddAt(r.line()) == 0 {
			return oddFault(r.text, r.pos)
		}
		return &fault{r.pos, "a comma is missing before this", `the elements of a list have commas between them: ["ONE", "TWO"]`}
	}
}

// unclosed tells a bracket that was forgotten by what comes where it should be: the
// end of the file, a header, or another key.
func (r *faultReader) unclosed(open int, what, end string) *fault {
	line := r.line()
	word, rest, ok := strings.Cut(line, "=")
	alone := strings.TrimSpace(r.text[strings.LastIndexByte(r.text[:r.pos], '\n')+1:r.pos]) == ""
	header := strings.HasPrefix(line, "[") && strings.HasSuffix(strings.TrimSpace(line), "]") && !strings.ContainsAny(line, `"',`)
	pair := ok && rest != "" && consists(strings.TrimSpace(word), 1, longestName, "_-.")
	if r.pos < len(r.text) && !(alone && open < r.pos && (header || pair && what == "list")) {
		return nil
	}
	return &fault{open, "the " + what + " that begins here has no closing " + end, "write " + end + " at its end"}
}

// table passes { … }.
func (r *faultReader) table(depth int) *fault {
	open := r.pos
	r.pos++
	for {
		r.space()
		if r.pass('}') {
			return nil
		}
		if f := r.unclosed(open, "table", "}"); f != nil {
			return f
		}
		start := r.pos
		key, f := r.key()
		if f == nil {
			f = r.equals(key, start)
		}
		if f == nil {
			f = r.value(key, depth+1)
		}
		if f != nil {
			return f
		}
		r.space()
		if !r.pass(',') && r.peek() != '}' {
			if f := r.unclosed(open, "table", "}"); f != nil {
				return f
			}
			return &fault{r.pos, "a comma is missing before this", `a table on one line is written { KEY = "VALUE", OTHER = "VALUE" }`}
		}
	}
}

// str passes a string of any of the four kinds.
func (r *faultReader) str() *fault {
	open, quote := r.pos, r.text[r.pos:r.pos+1]
	if long := strings.Repeat(quote, 3); strings.HasPrefix(r.rest(), long) {
		quote = long
	}
	r.pos += len(quote)
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		switch {
		case strings.HasPrefix(r.rest(), quote):
			r.pos += len(quote)
			for len(quote) == 3 && r.pass(quote[0]) {
			}
			return nil
		case c == '\\' && quote[0] == '"':
			if !r.escape(len(quote) == 3) {
				return &fault{r.pos, "a backslash in double quotes, where it begins an escape", `write a path in single quotes, 'C:\Users\me', or double each backslash`}
			}
		case c == '\n' && len(quote) == 1:
			return r.open(open, quote)
		case controlIn(r.text[r.pos:r.pos+1]) == 0 && !(len(quote) == 3 && c == '\n') && !strings.HasPrefix(r.rest(), "\r\n"):
			return controlFault(r.text, r.pos)
		default:
			r.pos++
		}
	}
	return r.open(open, quote)
}

// open is the fault of a string that nothing closes.
func (r *faultReader) open(open int, quote string) *fault {
	line, _, _ := strings.Cut(r.text[open:], "\n")
	if at := strings.IndexAny(line, "“”„‟‘’‚‛«»"); at >= 0 && len(quote) == 1 {
		c, _ := utf8.DecodeRuneInString(line[at:])
		return &fault{open + at, fmt.Sprintf("a curly quote, %c (U+%04X), that does not close the string", c, c), "write a straight one, " + quote + ", instead"}
	}
	return &fault{open, "the string that begins here has no closing " + quote, "write " + quote + " at its end"}
}

// escape passes a backslash with what it stands for.
func (r *faultReader) escape(long bool) bool {
	after := r.text[r.pos+1:]
	digits, known := map[byte]int{'x': 2, 'u': 4, 'U': 8}, `btnfre"\`
	switch {
	case after == "":
		return false
	case strings.IndexByte(known, after[0]) >= 0:
		r.pos += 2
		return true
	case long && strings.TrimLeft(after, " \t\r\n") != after:
		r.pos++
		return true
	}
	n := digits[after[0]]
	if n == 0 || len(after) <= n || !every(after[1:1+n], isHex) {
		return false
	}
	r.pos += 2 + n
	return true
}

func isHex(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

// word passes a value without quotes: a number, true or false, a time, or what
// should have had quotes.
func (r *faultReader) word(key string, depth int) *fault {
	start := r.pos
	stop := "#\r\n"
	if depth > 0 {
		stop += ",]}"
	}
	end := strings.IndexAny(r.rest(), stop)
	if end < 0 {
		end = len(r.rest())
	}
	text := strings.TrimRight(r.text[start:start+end], " \t")
	r.pos += len(text)
	const longest = 64
	if len(text) <= longest {
		if _, err := decode("x = " + text); err == nil && text != "" {
			return nil
		}
	}
	if at := controlIn(text); at >= 0 {
		return controlFault(r.text, start+at)
	}
	if at := oddAt(text); at >= 0 {
		return oddFault(r.text, start+at)
	}
	return wordFault(text, key, start, depth)
}

func wordFault(text, key string, at, depth int) *fault {
	bare := strings.TrimRight(text, ",;")
	quoted := "write " + written(key)
	if depth > 0 {
		quoted = `write each element in quotes: ["ONE", "TWO"]`
	}
	switch lower := strings.ToLower(bare); {
	case bare != text && bare != "":
		if _, err := decode("x = " + bare); err == nil {
			return &fault{at + len(bare), "a " + name1(text[len(bare)]) + " after the value", "remove it: each key has a line of its own"}
		}
		return wordFault(bare, key, at, depth)
	case lower == "true" || lower == "false":
		return &fault{at, "true and false are written in lower case", "write " + lower}
	case lower == "yes" || lower == "no" || lower == "on" || lower == "off":
		return &fault{at, lower + " is no value of TOML", "write true or false"}
	case lower == "null" || lower == "nil" || lower == "none":
		return &fault{at, "TOML has no " + lower, "leave the line out"}
	case len(bare) > 1 && bare[0] == '0' && every(bare, func(c byte) bool { return isDigit(c) || c == '_' }):
		return &fault{at, "a number that begins with 0", "an account id is text: " + quoted}
	case len(bare) > 4 && every(bare[:4], isDigit) && bare[4] == '-':
		return &fault{at, "neither a date nor a time", "write a time with its zone, such as 2006-01-02T15:04:05Z"}
	case strings.HasPrefix(bare, "$") || strings.HasPrefix(bare, "%"):
		return &fault{at, "variables are not filled in here", "write the value itself: " + quoted}
	}
	return &fault{at, "the value has no quotes", quoted}
}
