package connector

import (
	"maps"
	"slices"
	"strings"
)

// Most connectors are tables of strings, whole numbers, booleans and lists of
// strings. While the file is measured these are checked to be valid TOML, and
// each is read when it is asked for; the parser, which takes a hundred times as
// long, gets the rest. What is not as plain as that is not plain: the whole file
// goes to the parser where a table may mean something else without the others.

// tables are the connectors' own tables by name.
type tables struct {
	parsed map[string]any
	// plain are the texts of those that the parser did not see.
	plain map[string]string
}

// get returns what the file has for the connector called name.
func (t tables) get(name string) (v any, ok bool) {
	if text, plain := t.plain[name]; plain {
		return readTable(text), true
	}
	v, ok = t.parsed[name]
	return v, ok
}

// own returns the table of the connector called name, nil if it has none.
func (t tables) own(name string) map[string]any {
	v, _ := t.get(name)
	own, _ := v.(map[string]any)
	return own
}

// names returns the names of all connectors, sorted.
func (t tables) names() []string {
	if len(t.parsed)+len(t.plain) == 0 {
		return nil
	}
	all := slices.AppendSeq(make([]string, 0, len(t.parsed)+len(t.plain)), maps.Keys(t.parsed))
	all = slices.AppendSeq(all, maps.Keys(t.plain))
	slices.Sort(all)
	return all
}

// mostKeys is how many keys a plain table may have: more than there are fields.
const mostKeys = 32

// section is a table of the file, with what stands between its name and the next one.
type section struct {
	start int
	// connector is whose table it is, or whose own table has it inside; empty for any other.
	connector string
	plain     bool
}

// sections are found by a meter.
type sections struct {
	all []section
	// odd: the sections cannot be told from one another, or depend on one another.
	odd  bool
	keys [mostKeys]string // of the last one
	n    int
}

// enter begins the section whose name is at pos.
func (s *sections) enter(text string, pos int) {
	name := bareName(text[pos:])
	if name == "" {
		s.odd = true
		return
	}
	at := section{start: pos}
	if inner, ok := strings.CutPrefix(name, "connectors."); ok {
		connector, _, deeper := strings.Cut(inner, ".")
		at.connector, at.plain = connector, !deeper
	}
	s.all, s.n = append(s.all, at), 0
}

// bareName returns the name in the table's head at the beginning of text, if it
// is of bare parts and nothing but a comment follows; else "".
func bareName(text string) string {
	r := plainReader{text: text, pos: 1}
	for start := r.pos; r.bare() != "" && r.pos < len(text); r.pos++ {
		switch name := text[start:r.pos]; text[r.pos] {
		case '.':
		case ']':
			if r.pos++; r.lineEnds() {
				return name
			}
			return ""
		default:
			return ""
		}
	}
	return ""
}

// note keeps that the section has a key.
func (s *sections) note(key string) {
	if len(s.all) == 0 {
		s.odd = s.odd || key == "connectors"
		return
	}
	if s.n == mostKeys || slices.Contains(s.keys[:s.n], key) {
		s.spoil()
		return
	}
	s.keys[s.n] = key
	s.n++
}

// spoil keeps that there is something in the section that is not plain.
func (s *sections) spoil() {
	if len(s.all) == 0 {
		s.odd = true
		return
	}
	s.all[len(s.all)-1].plain = false
}

// plain passes a key and value of those that the parser need not see.
func (m *meter) plain() bool {
	r := plainReader{text: m.text, pos: m.pos}
	key, _, ok := r.statement()
	if !ok || len(key) > longestName {
		m.found.spoil()
		return false
	}
	m.found.note(key)
	m.cost += ofKey + ofPath*(m.path+len(key)+1) + ofElement*r.elements
	m.pos = r.pos
	m.key.n = 0
	return true
}

// cut returns the text of the tables that are plain, and the rest of the file.
func (s *sections) cut(text string) (plain map[string]string, rest string) {
	if s.odd || len(s.all) == 0 {
		return nil, text
	}
	end := func(i int) int {
		if i+1 < len(s.all) {
			return s.all[i+1].start
		}
		return len(text)
	}
	plain = make(map[string]string, len(s.all))
	for i, at := range s.all {
		if at.connector == "" {
			continue
		}
		own := text[at.start:end(i)]
		if _, again := plain[at.connector]; again || !at.plain {
			own = ""
		}
		plain[at.connector] = own
	}
	var b strings.Builder
	b.WriteString(text[:s.all[0].start])
	for i, at := range s.all {
		if plain[at.connector] == "" {
			b.WriteString(text[at.start:end(i)])
		}
	}
	maps.DeleteFunc(plain, func(_, own string) bool { return own == "" })
	return plain, b.String()
}

// decodeRest has the parser read what is not plain of text, and returns the texts
// of the tables that are. What is wrong anywhere the parser finds in the whole.
func decodeRest(text string, found *sections) (top map[string]any, plain map[string]string, err error) {
	if plain, rest := found.cut(text); len(plain) > 0 {
		if top, err := decode(rest); err == nil && apart(top, plain) {
			return top, plain, nil
		}
	}
	top, err = decode(text)
	return top, nil, err
}

// apart reports whether the connectors of top are others than those in plain.
func apart(top map[string]any, plain map[string]string) bool {
	v, ok := top["connectors"]
	if !ok {
		return true
	}
	parsed, ok := v.(map[string]any)
	for name := range parsed {
		if _, both := plain[name]; both {
			return false
		}
	}
	return ok
}
