package connector

import "strings"

// What a file may hold. The parser recurses over nesting, keeps every key with
// the whole path to it, and takes a hundred times the size of some files.
const (
	deepest     = 16   // brackets and braces within one another
	longestPath = 16   // parts of a dotted key
	longestName = 2048 // bytes of one part, more than any tag's

	// memory is what the parser may take, in bytes: 10,000 connectors of ten
	// fields each, and twice that do not fit into maxFile.
	memory      = 56 << 20
	ofTable     = 800
	ofSameTable = 200 // that the key before names too
	ofKey       = 400
	ofElement   = 100
	ofPath      = 3 // times its length
)

const tooMuch = "it has too many keys and list elements"

// meter finds what the parser would choke on, as far as that reads: up to the
// first mistake in the file it reads strings, comments and brackets as the parser does.
type meter struct {
	text string
	pos  int
	// cost is what the parser would take for what is read so far.
	cost int
	// table is the name of the table that pos is in, and key the key before in it.
	table, key dotted
	// path is how long the path to the key at pos is, in bytes.
	path int
	// open are the brackets and braces that pos is in.
	open  []bracket
	found sections
}

type dotted struct {
	names [longestPath]string
	n     int
}

type bracket struct {
	kind byte
	path int
}

// outOfBounds returns what the parser must not see of text, and on which line; "" if it may see all.
func outOfBounds(text string) (problem string, line int) {
	problem, line, _ = measure(text)
	return problem, line
}

// measure is outOfBounds, and returns the sections of text that is within them.
func measure(text string) (problem string, line int, found *sections) {
	m := meter{text: text, open: make([]bracket, 0, deepest)}
	for m.pos < len(text) && problem == "" {
		problem = m.statement()
		if m.cost > memory {
			problem = tooMuch
		}
	}
	if problem != "" {
		line = 1 + strings.Count(text[:min(m.pos, len(text))], "\n")
	}
	return problem, line, &m.found
}

// statement passes a blank, a comment, a table's name or a key with its value.
func (m *meter) statement() string {
	switch m.text[m.pos] {
	case ' ', '\t', '\n':
		m.pos++
	case '\r', '#':
		if r := (plainReader{text: m.text, pos: m.pos}); r.lineEnds() {
			m.pos = r.pos
			break
		}
		m.found.spoil()
		if !m.pass('\r') {
			m.restOfLine()
		}
	case '[':
		m.found.enter(m.text, m.pos)
		m.pos++
		m.pass('[')
		m.path, m.key.n = 0, 0
		problem := m.name(&m.table, true)
		m.pass(']')
		m.pass(']')
		return problem
	default:
		path := m.path
		if path == 0 {
			m.cost += ofKey / 2 // no table: it is sorted, and complained of
		}
		if m.plain() || m.simple() {
			return ""
		}
		problem := m.name(&m.key, false)
		if problem == "" && m.pass('=') {
			problem = m.value()
		} else {
			m.pos++ // the parser stops here, if not before
		}
		m.path = path
		return problem
	}
	return ""
}

// simple passes a key and value that nothing can be out of bounds with: on one
// line, without dots, brackets and long strings. It is for speed alone.
func (m *meter) simple() bool {
	// No further than that: whatever follows is asked for again.
	n := strings.IndexByte(m.text[m.pos:min(len(m.text), m.pos+longestName+1)], '\n')
	if n < 0 {
		return false
	}
	line := m.text[m.pos : m.pos+n]
	if strings.IndexByte(line, '.') >= 0 || strings.IndexByte(line, '[') >= 0 || strings.IndexByte(line, '{') >= 0 || strings.Contains(line, `"""`) || strings.Contains(line, `'''`) {
		return false
	}
	m.pos += n
	m.cost += ofKey + ofPath*(m.path+n)
	m.key.n = 0
	return true
}

// pass passes c, if it is next.
func (m *meter) pass(c byte) bool {
	if m.pos < len(m.text) && m.text[m.pos] == c {
		m.pos++
		return true
	}
	return false
}

func (m *meter) restOfLine() {
	if n := strings.IndexByte(m.text[m.pos:], '\n'); n >= 0 {
		m.pos += n
		return
	}
	m.pos = len(m.text)
}

func (m *meter) blanks() {
	for m.pos < len(m.text) && (m.text[m.pos] == ' ' || m.text[m.pos] == '\t') {
		m.pos++
	}
}

// name passes a dotted name and adds it to the path. All of its parts are tables
// if it is the name of one, else all but the last; before is the one before it.
func (m *meter) name(before *dotted, table bool) string {
	same := true
	for part := 0; ; part++ {
		m.blanks()
		start := m.pos
		m.part()
		name := m.text[start:m.pos]
		m.blanks()
		more := m.pass('.')
		switch {
		case len(name) > longestName:
			return "a key is longer than 2048 bytes"
		case part == longestPath:
			return "a dotted key has more than 16 parts"
		}
		same = same && part < before.n && before.names[part] == name
		before.names[part] = name
		m.path += len(name) + 1
		switch {
		case !more && !table:
			m.cost += ofKey
		case same && more:
			m.cost += ofSameTable
		default:
			m.cost += ofTable
		}
		m.cost += ofPath * m.path
		if !more {
			before.n = part + 1
			return ""
		}
	}
}

// part passes one part of a name, bare or in quotes.
func (m *meter) part() {
	if m.pos < len(m.text) && (m.text[m.pos] == '"' || m.text[m.pos] == '\'') {
		m.short()
		return
	}
	end := m.pos
	for end < len(m.text) && (alphanumeric(m.text[end]) || m.text[end] == '_' || m.text[end] == '-') {
		end++
	}
	m.pos = end
}

// value passes a value up to the end of its line, or beyond while a bracket is open.
func (m *meter) value() string {
	m.open = m.open[:0]
	for m.pos < len(m.text) {
		c := m.text[m.pos]
		switch c {
		case '"', '\'':
			m.str()
			continue
		case '#':
			m.restOfLine()
			continue
		case '\n':
			if len(m.open) == 0 {
				return ""
			}
		case '[', '{':
			if len(m.open) == deepest {
				return "its lists and tables are nested more than 16 deep"
			}
			m.open = append(m.open, bracket{c, m.path})
			m.cost += ofElement
		case ']', '}':
			if last := len(m.open) - 1; last >= 0 {
				m.path, m.open = m.open[last].path, m.open[:last]
			}
		case ',':
			m.cost += ofElement
		}
		m.pos++
		if c == '{' {
			m.cost += ofTable
			m.key.n = 0
		}
		if c == '{' || c == ',' {
			if problem := m.inlineKey(); problem != "" {
				return problem
			}
		}
		if m.cost > memory {
			return tooMuch
		}
	}
	return ""
}

// inlineKey passes the key that comes next, if pos is in an inline table.
func (m *meter) inlineKey() string {
	last := len(m.open) - 1
	if last < 0 || m.open[last].kind != '{' {
		return ""
	}
	m.path = m.open[last].path
	for m.pos < len(m.text) {
		switch m.text[m.pos] {
		case ' ', '\t', '\r', '\n':
			m.pos++
		case '#':
			m.restOfLine()
		case '}':
			return ""
		default:
			m.cost += ofKey / 2 // the parser keeps it twice
			return m.name(&m.key, false)
		}
	}
	return ""
}
