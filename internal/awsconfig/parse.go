package awsconfig

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// doc is a config or credentials file, line by line. A line ends where Python
// has it end, whose text files know a carriage return alone too.
type doc struct {
	text     []byte
	starts   []int // of each line; len(text) at the end
	sections []section
	// garbage are lines that the AWS CLI refuses the whole file for.
	garbage []int
	// comments are lines that are one.
	comments []int
}

// section is from one header to the next. Its lines are numbered from 0, as everywhere here.
type section struct {
	name    string // without brackets and outer blanks
	profile string // that it defines in a config file, or ""
	header  int    // line
	end     int    // first line after it
	odd     bool   // SDKs do not agree about the header
	props   []property
}

// property is a key with its value, from line to the line before end.
type property struct {
	key       string // lower case, as every SDK compares it but JavaScript's
	value     string // as written on its line, less outer blanks
	line, end int
	// offsets in the text; valueEnd is that of the value's last line, without its line ending.
	keyStart, keyEnd, valueStart, valueEnd int
	odd                                    bool // SDKs do not agree that it is one
}

// find returns the last property of that key.
func (s section) find(key string) (property, bool) {
	for i := len(s.props) - 1; i >= 0; i-- {
		if s.props[i].key == key {
			return s.props[i], true
		}
	}
	return property{}, false
}

// last returns the line after the last one of the section that is neither blank nor a comment.
func (s section) last() int {
	if n := len(s.props); n > 0 {
		return s.props[n-1].end
	}
	return s.header + 1
}

// body returns line i without its line ending.
func (d doc) body(i int) string {
	return strings.TrimRight(string(d.text[d.starts[i]:d.starts[i+1]]), "\r\n")
}

// valueOf returns the whole value of p, with the lines that continue it.
func (d doc) valueOf(p property) string {
	if p.end == p.line+1 {
		return p.value
	}
	return string(d.text[p.valueStart:p.valueEnd])
}

// ofProfiles returns the sections of each profile.
func (d doc) ofProfiles() map[string][]int {
	return d.index(func(s section) string { return s.profile })
}

// byName returns the sections of each name.
func (d doc) byName() map[string][]int { return d.index(func(s section) string { return s.name }) }

func (d doc) index(key func(section) string) map[string][]int {
	all := map[string][]int{}
	for i, s := range d.sections {
		if k := key(s); k != "" {
			all[k] = append(all[k], i)
		}
	}
	return all
}

// within returns those of ascending lines that lie between the two.
func within(lines []int, after, before int) []int {
	from, _ := slices.BinarySearch(lines, after+1)
	to, _ := slices.BinarySearch(lines, before)
	return lines[from:max(from, to)]
}

// reader follows two opinions about indented lines. For configparser a line
// continues the value before it if it is indented deeper than that value's key.
// For Go it belongs to the key before if that has an empty value, or has no = or :.
type reader struct {
	inside    bool // configparser: there is a key to continue
	indent    int  // configparser: of that key
	goEmpty   bool // Go: the key before has an empty value
	continues int  // index of the property that a continuation belongs to, -1 for none
}

func parse(text []byte) doc {
	d := doc{text: text, starts: lineStarts(text)}
	r := reader{continues: -1}
	for i := range len(d.starts) - 1 {
		body := d.body(i)
		if !utf8.ValidString(body) {
			d.garbage = append(d.garbage, i)
		}
		trimmed := trim(body)
		if trimmed == "" {
			continue
		}
		if trimmed[0] == '#' || trimmed[0] == ';' {
			d.comments = append(d.comments, i)
			continue
		}
		if name, odd, ok := header(body); ok {
			d.closeSection(i)
			d.sections = append(d.sections, section{name: name, profile: profileOf(name), header: i, odd: odd})
			r = reader{continues: -1}
			continue
		}
		d.property(i, body, &r)
	}
	d.closeSection(len(d.starts) - 1)
	return d
}

func (d *doc) closeSection(end int) {
	if n := len(d.sections); n > 0 {
		d.sections[n-1].end = end
	}
}

func (d *doc) property(i int, body string, r *reader) {
	if len(d.sections) == 0 {
		d.garbage = append(d.garbage, i)
		return
	}
	s := &d.sections[len(d.sections)-1]
	indent := len(body) - len(strings.TrimLeftFunc(body, isBlank))
	column := utf8.RuneCountInString(body[:indent])
	at := strings.IndexAny(body, "=:")
	forPython := !r.inside || column <= r.indent
	if at == indent {
		at = -1 // a value without a key
	}
	forGo := at >= 0 && (!strings.ContainsAny(body[:1], " \t") || !r.goEmpty)
	if forPython {
		r.inside, r.indent = true, column
		if at < 0 {
			d.garbage = append(d.garbage, i)
			r.continues = -1
		}
	}
	if at < 0 || !forPython && !forGo {
		if r.continues >= 0 {
			p := &s.props[r.continues]
			p.end, p.valueEnd = i+1, d.starts[i]+len(body)
		}
		return
	}
	key, value := trim(body[:at]), trim(body[at+1:])
	p := property{key: strings.ToLower(key), value: value, line: i, end: i + 1, odd: forPython != forGo}
	p.keyStart = d.starts[i] + indent
	p.keyEnd = p.keyStart + len(key)
	p.valueStart = d.starts[i] + at + 1 + strings.Index(body[at+1:], value)
	if value == "" {
		p.valueStart = d.starts[i] + len(body)
	}
	p.valueEnd = d.starts[i] + len(body)
	s.props = append(s.props, p)
	r.continues = len(s.props) - 1
	if forGo {
		r.goEmpty = emptyForGo(body[at+1:])
	}
}

// emptyForGo tells whether nothing is left of a value without its comment and quotes.
func emptyForGo(value string) bool {
	for _, comment := range []string{" #", " ;", "\t#", "\t;"} {
		value, _, _ = strings.Cut(value, comment)
	}
	value = trim(value)
	return value == "" || value == `""` || value == `''`
}

// header reads a section's header. Go wants nothing but a comment after the
// bracket; configparser takes all up to the last bracket of the line.
func header(body string) (name string, odd, ok bool) {
	line := trim(body)
	if line[0] != '[' {
		return "", false, false
	}
	plain, _, _ := strings.Cut(line, "#")
	plain, _, _ = strings.Cut(plain, ";")
	plain = trim(plain)
	forGo := strings.HasSuffix(plain, "]")
	last := strings.LastIndexByte(line, ']')
	if !forGo && last < 2 {
		return "", false, false
	}
	inner := line[1:max(1, last)]
	if forGo {
		odd = inner != plain[1:len(plain)-1]
		inner = plain[1 : len(plain)-1]
	}
	odd = odd || !forGo || line[0] != body[0] || strings.TrimLeftFunc(inner, isBlank) != inner || inner != "default" && trim(inner) == "default"
	return trim(inner), odd, true
}

// profileOf returns the profile that a section of a config file defines for any
// SDK. For botocore that is the second of two words, split as a shell does it,
// where the name begins with "profile", be it "profiles".
func profileOf(name string) string {
	if name == "default" {
		return name
	}
	if !strings.HasPrefix(name, "profile") {
		return ""
	}
	if words, ok := splitWords(name); ok && len(words) == 2 {
		return words[1]
	}
	kind, rest := name, ""
	if i := strings.IndexAny(name, " \t"); i >= 0 {
		kind, rest = name[:i], trim(name[i:])
	}
	if kind != "profile" {
		return ""
	}
	return rest
}

// canonical tells whether all SDKs read the name of a section as that of the profile.
func canonical(name, profile string) bool {
	kind, rest, _ := strings.Cut(strings.ReplaceAll(name, "\t", " "), " ")
	return name == "default" || kind == "profile" && strings.TrimLeft(rest, " ") == profile
}

// isBlank tells what Python strips from lines; it has four control characters
// more than Go.
func isBlank(r rune) bool { return unicode.IsSpace(r) || r >= '\x1c' && r <= '\x1f' }

func trim(s string) string { return strings.TrimFunc(s, isBlank) }

func lineStarts(text []byte) []int {
	starts := []int{0}
	for i := 0; i < len(text); {
		n := bytes.IndexAny(text[i:], "\r\n")
		switch {
		case n < 0:
			i = len(text)
		case bytes.HasPrefix(text[i+n:], []byte("\r\n")):
			i += n + 2
		default:
			i += n + 1
		}
		starts = append(starts, i)
	}
	return starts
}
