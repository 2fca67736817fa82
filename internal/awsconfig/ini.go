package awsconfig

import (
	"fmt"
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"

	"aws-connector/internal/charset"
)

// Value is what an option has: Text, or a Block of nested options where the
// text begins on the line after the option's name.
type Value struct {
	Text string
	// Block is nil for plain text. Its names are as written, not in lower case.
	Block map[string]string
}

// Section is the options of one section by their names in lower case.
type Section map[string]Value

// Text returns the option called key; false where there is none, and for a
// block of nested options.
func (s Section) Text(key string) (string, bool) {
	v, ok := s[key]
	return v.Text, ok && v.Block == nil
}

// SyntaxError is a line for which botocore refuses a whole file. It tells
// nothing of what stands there, which may be a secret.
type SyntaxError struct {
	Line int
	Text string
}

// Error names the line.
func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// titled is a section as it stands in a file.
type titled struct {
	name string // all between the brackets
	Section
}

// sections reads text as botocore does: with the strict RawConfigParser of
// Python's configparser, and nested options by botocore's _parse_nested
// (configloader.py). A byte order mark, for which botocore refuses the file, is
// skipped: editors on Windows write it.
func sections(text []byte) ([]titled, error) {
	_, text = cutMark(text)
	if err := charset.Check(text); err != nil {
		return nil, err
	}
	p := iniParser{defaults: map[string][]string{}, bodies: map[string]map[string][]string{}, lines: map[option]int{}}
	for i, line := range strings.Split(universal(text), "\n") {
		if err := p.line(i+1, line); err != nil {
			return nil, err
		}
	}
	return p.result()
}

// universal makes every line ending \n, as Python's text mode does.
func universal(text []byte) string {
	return strings.ReplaceAll(strings.ReplaceAll(string(text), "\r\n", "\n"), "\r", "\n")
}

type option struct{ section, name string }

// iniParser follows configparser's RawConfigParser._read line by line.
type iniParser struct {
	order    []string
	defaults map[string][]string
	bodies   map[string]map[string][]string // lines of the values
	lines    map[option]int

	section string
	body    map[string][]string // nil before the first header
	option  string              // that a deeper line continues; "" for none
	indent  int
}

func (p *iniParser) line(number int, line string) error {
	value := trim(line)
	if value == "" {
		if p.option != "" {
			p.body[p.option] = append(p.body[p.option], "")
		}
		return nil
	}
	if value[0] == '#' || value[0] == ';' {
		return nil
	}
	indent := utf8.RuneCountInString(line) - utf8.RuneCountInString(strings.TrimLeftFunc(line, isBlank))
	if p.option != "" && indent > p.indent {
		p.body[p.option] = append(p.body[p.option], value)
		return nil
	}
	p.indent = indent
	if last := strings.LastIndexByte(value, ']'); value[0] == '[' && last >= 2 {
		return p.header(number, value[1:last])
	}
	if p.body == nil {
		return &SyntaxError{number, "it stands before the first [section]"}
	}
	at := strings.IndexAny(value, "=:")
	if at < 0 {
		return &SyntaxError{number, "it is neither a [section] nor an option with ="}
	}
	name := strings.ToLower(strings.TrimRightFunc(value[:at], isBlank))
	if name == "" {
		return &SyntaxError{number, "the = has no name before it"}
	}
	key := option{p.section, name}
	if first, twice := p.lines[key]; twice {
		return &SyntaxError{number, fmt.Sprintf("its section has the same option on line %d", first)}
	}
	p.lines[key] = number
	p.option = name
	p.body[name] = []string{trim(value[at+1:])}
	return nil
}

func (p *iniParser) header(number int, name string) error {
	p.section, p.option = name, ""
	if name == pythonDefaults {
		p.body = p.defaults
		return nil
	}
	if _, twice := p.bodies[name]; twice {
		return &SyntaxError{number, fmt.Sprintf("section [%s] is there twice", printable(name))}
	}
	p.body = map[string][]string{}
	p.bodies[name] = p.body
	p.order = append(p.order, name)
	return nil
}

func (p *iniParser) result() ([]titled, error) {
	var all []titled
	for _, name := range p.order {
		body := maps.Clone(p.defaults)
		maps.Copy(body, p.bodies[name])
		s := titled{name, Section{}}
		for key, lines := range body {
			v := Value{Text: strings.TrimRightFunc(strings.Join(lines, "\n"), isBlank)}
			if strings.HasPrefix(v.Text, "\n") {
				if v.Block = nested(v.Text); v.Block == nil {
					line := max(p.lines[option{name, key}], p.lines[option{pythonDefaults, key}])
					return nil, &SyntaxError{line, "a line of the nested options below it has no ="}
				}
			}
			s.Section[key] = v
		}
		all = append(all, s)
	}
	return all, nil
}

// nested reads the options of a block; nil if a line has no =.
func nested(text string) map[string]string {
	block := map[string]string{}
	for line := range strings.FieldsFuncSeq(text, isLineEnd) {
		line = trim(line)
		if line == "" {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil
		}
		block[trim(key)] = trim(value)
	}
	return block
}

// isLineEnd tells where Python's str.splitlines splits.
func isLineEnd(r rune) bool {
	return r >= '\n' && r <= '\r' || r >= 0x1c && r <= 0x1e || r == 0x85 || r == 0x2028 || r == 0x2029
}

// printable leaves of a name what may stand in a message.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
