package connector

import (
	"strconv"
	"strings"
)

// lines returns the line on which each key of the TOML text first appears, by
// its path joined with NUL, as deep as connectors.NAME.KEY.
func lines(text string) map[string]int {
	found := map[string]int{}
	eachKey(text, func(path []string, line int) { note(found, path, line) })
	return found
}

// lineIn returns the line of the key at path, or of the nearest table around it.
// It is for one question, and remembers nothing.
func lineIn(text string, path ...string) int {
	depth, at := 0, 0
	eachKey(text, func(found []string, line int) {
		same := 0
		for same < min(len(path), len(found)) && found[same] == path[same] {
			same++
		}
		if same > depth {
			depth, at = same, line
		}
	})
	return at
}

// eachKey visits the tables and keys of the TOML text, which it takes for valid.
func eachKey(text string, visit func(path []string, line int)) {
	var table []string
	s := scanner{text: text, line: 1}
	for s.skip(); s.pos < len(s.text); s.skip() {
		line := s.line
		if s.text[s.pos] == '[' {
			for s.pos < len(s.text) && s.text[s.pos] == '[' {
				s.pos++
			}
			table = s.path(']')
			visit(table, line)
			s.restOfLine()
			continue
		}
		visit(append(table[:len(table):len(table)], s.path('=')...), line)
		s.value()
	}
}

func note(found map[string]int, path []string, line int) {
	for i := range path[:min(len(path), 3)] {
		if key := strings.Join(path[:i+1], "\x00"); found[key] == 0 {
			found[key] = line
		}
	}
}

// lineOf returns the line of the key at path, or of the nearest table around it.
func lineOf(found map[string]int, path ...string) int {
	for ; len(path) > 0; path = path[:len(path)-1] {
		if n := found[strings.Join(path, "\x00")]; n > 0 {
			return n
		}
	}
	return 0
}

type scanner struct {
	text      string
	pos, line int
}

func (s *scanner) next() {
	if s.text[s.pos] == '\n' {
		s.line++
	}
	s.pos++
}

// skip passes blanks, line ends and comments.
func (s *scanner) skip() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.next()
		case '#':
			s.restOfLine()
		default:
			return
		}
	}
}

func (s *scanner) restOfLine() {
	for s.pos < len(s.text) && s.text[s.pos] != '\n' {
		s.pos++
	}
}

// path reads a dotted key up to end.
func (s *scanner) path(end byte) []string {
	var path []string
	var bare strings.Builder
	for s.pos < len(s.text) && s.text[s.pos] != end && s.text[s.pos] != '\n' {
		switch c := s.text[s.pos]; c {
		case '"', '\'':
			bare.WriteString(unquote(s.quoted()))
		case '.':
			path = append(path, bare.String())
			bare.Reset()
			s.pos++
		case ' ', '\t', '\r':
			s.pos++
		default:
			bare.WriteByte(c)
			s.pos++
		}
	}
	if s.pos < len(s.text) && s.text[s.pos] == end {
		s.pos++
	}
	return append(path, bare.String())
}

func unquote(s string) string {
	if len(s) < 2 || s[0] == '\'' {
		return strings.Trim(s, "'")
	}
	if plain, err := strconv.Unquote(s); err == nil {
		return plain
	}
	return s[1 : len(s)-1]
}

// quoted passes a string of any of TOML's four kinds and returns it with its quotes.
func (s *scanner) quoted() string {
	start, quote := s.pos, s.text[s.pos:s.pos+1]
	if long := strings.Repeat(quote, 3); strings.HasPrefix(s.text[s.pos:], long) {
		quote = long
	}
	for range quote {
		s.next()
	}
	for s.pos < len(s.text) && !strings.HasPrefix(s.text[s.pos:], quote) {
		if s.text[s.pos] == '\\' && quote[0] == '"' && s.pos+1 < len(s.text) {
			s.next()
		}
		s.next()
	}
	// A long string may end in up to two quotes of its own.
	for s.pos < len(s.text) && s.text[s.pos] == quote[0] {
		s.next()
		if len(quote) == 1 {
			break
		}
	}
	return s.text[start:s.pos]
}

// value passes a value, with the lines that its brackets and strings span.
func (s *scanner) value() {
	depth := 0
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case '"', '\'':
			s.quoted()
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '#':
			s.restOfLine()
			continue
		case '\n':
			if depth <= 0 {
				return
			}
		}
		s.next()
	}
}
