package connector

import "strings"

// SetTop returns text, a valid file, with the key outside all tables set to value,
// which is written in TOML. A new key follows the one called after, or is the
// first; all else stays as it is, byte for byte.
func SetTop(text, key, value, after string) string {
	if start, end, ok := valueOf(text, key); ok {
		return text[:start] + value + text[end:]
	}
	line := key + " = " + value
	eol := "\n"
	if strings.Contains(text, "\r\n") {
		eol = "\r\n"
	}
	if _, end, ok := valueOf(text, after); ok && after != "" {
		rest := strings.IndexByte(text[end:], '\n')
		if rest < 0 {
			return text + eol + line
		}
		end += rest + 1
		return text[:end] + line + eol + text[end:]
	}
	at := firstStatement(text)
	before, rest := text[:at], text[at:]
	if before != "" && !strings.HasSuffix(before, "\n") && before != mark {
		before += eol
	}
	if rest != "" && (rest[0] == '[' || rest[0] == '#') {
		line += eol
	}
	return before + line + eol + rest
}

// mark is what some editors put before the text.
const mark = "\ufeff"

// valueOf returns where the value of a key outside all tables is.
func valueOf(text, key string) (start, end int, ok bool) {
	s := scanner{text: text, line: 1}
	if strings.HasPrefix(text, mark) {
		s.pos = len(mark)
	}
	for s.skip(); s.pos < len(text) && text[s.pos] != '['; s.skip() {
		path := s.path('=')
		for s.pos < len(text) && (text[s.pos] == ' ' || text[s.pos] == '\t') {
			s.pos++
		}
		start = s.pos
		if len(path) != 1 || path[0] != key {
			s.value()
			continue
		}
		if s.pos < len(text) && (text[s.pos] == '"' || text[s.pos] == '\'') {
			s.quoted()
			return start, s.pos, true
		}
		s.value()
		all := text[start:s.pos]
		if !strings.Contains(all, "\n") {
			all, _, _ = strings.Cut(all, "#")
		}
		return start, start + len(strings.TrimRight(all, " \t\r\n")), true
	}
	return 0, 0, false
}

// firstStatement returns where the first key or table is, with the comment right above it.
func firstStatement(text string) int {
	s := scanner{text: text, line: 1}
	if strings.HasPrefix(text, mark) {
		s.pos = len(mark)
	}
	first := s.pos
	s.skip()
	if s.pos == len(text) {
		return s.pos
	}
	at := strings.LastIndexByte(text[:s.pos], '\n') + 1
	for at > first {
		above := strings.LastIndexByte(text[:at-1], '\n') + 1
		if !strings.HasPrefix(strings.TrimLeft(text[above:at], " \t"+mark), "#") {
			break
		}
		at = above
	}
	return max(at, first)
}
