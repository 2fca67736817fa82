package kubeconfig

import (
	"bytes"
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Where a file is written as JSON is, an item is put in and taken out between
// commas, in lines of its own if the file has any.

func (d *document) placedInFlow(section string, key, value *yaml.Node, i int, item *yaml.Node) ([]byte, error) {
	if key == nil || value.Tag == "!!null" {
		return d.memberInFlow(section, key, value, item)
	}
	if value.Kind != yaml.SequenceNode || d.text[d.offset(value)] != '[' {
		return nil, errUneditable
	}
	open := d.offset(value)
	if i >= 0 {
		from, to := d.extent(value.Content[i])
		if to < 0 {
			return nil, errUneditable
		}
		text, err := d.json(item, d.leading(from))
		return d.splice(from, to, text), err
	}
	if len(value.Content) > 0 {
		from, to := d.extent(value.Content[len(value.Content)-1])
		if to < 0 {
			return nil, errUneditable
		}
		text, err := d.json(item, d.leading(from))
		return d.splice(to, to, ","+d.newline(d.leading(from), " ")+text), err
	}
	end := closing(d.text, open)
	if end < 0 {
		return nil, errUneditable
	}
	outer := d.leading(open)
	text, err := d.json(item, outer+d.unit())
	return d.splice(open, end+1, "["+d.newline(outer+d.unit(), "")+text+d.newline(outer, "")+"]"), err
}

// memberInFlow returns the text with a section, which is absent or null, of one item.
func (d *document) memberInFlow(section string, key, value *yaml.Node, item *yaml.Node) ([]byte, error) {
	unit := d.unit()
	text, err := d.json(item, unit+unit)
	if err != nil {
		return nil, err
	}
	list := "[" + d.newline(unit+unit, "") + text + d.newline(unit, "") + "]"
	if key != nil {
		from := d.offset(value)
		return d.splice(from, from+len(value.Value), list), nil
	}
	return d.firstMember(section, list), nil
}

// firstMember returns the text with one more member of the root.
func (d *document) firstMember(name, value string) []byte {
	open := d.offset(d.root) + 1
	member := d.newline(d.unit(), "") + `"` + name + `":` + d.newlineless() + value
	if len(d.root.Content) > 0 {
		member += ","
	} else {
		member += d.newline("", "")
	}
	return d.splice(open, open, member)
}

func (d *document) withoutInFlow(value *yaml.Node, i int) ([]byte, error) {
	from, to := d.extent(value.Content[i])
	if to < 0 {
		return nil, errUneditable
	}
	switch n := len(value.Content); {
	case n == 1:
		open := d.offset(value)
		end := closing(d.text, open)
		if end < 0 {
			return nil, errUneditable
		}
		return d.splice(open, end+1, "[]"), nil
	case i == n-1:
		_, before := d.extent(value.Content[i-1])
		if before < 0 {
			return nil, errUneditable
		}
		return d.splice(before, to, ""), nil
	}
	next, _ := d.extent(value.Content[i+1])
	return d.splice(from, next, ""), nil
}

func (d *document) withCurrentInFlow(value *yaml.Node, name string) ([]byte, error) {
	quoted, err := json.Marshal(name)
	if err != nil {
		return nil, errUneditable
	}
	if value == nil {
		return d.firstMember(currentContext, string(quoted)), nil
	}
	from := d.offset(value)
	to := scalarEnd(d.text, from, value)
	if value.Kind != yaml.ScalarNode || to < 0 {
		return nil, errUneditable
	}
	return d.splice(from, to, string(quoted)), nil
}

// extent returns where an item in flow style begins and ends; -1 if that cannot be told.
func (d *document) extent(n *yaml.Node) (from, to int) {
	from = d.offset(n)
	if n.Kind != yaml.MappingNode || from >= len(d.text) || d.text[from] != '{' {
		return from, -1
	}
	if to = closing(d.text, from); to < 0 {
		return from, -1
	}
	return from, to + 1
}

// json returns an item as JSON, in lines if the file has any, whose first is behind indent.
func (d *document) json(item *yaml.Node, indent string) (string, error) {
	var v any
	if err := item.Decode(&v); err != nil {
		return "", errUneditable
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if d.lined() {
		e.SetIndent(indent, d.unit())
	}
	if err := e.Encode(v); err != nil {
		return "", errUneditable
	}
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\n", d.eol), nil
}

// lined reports whether the root's first member is on a line of its own.
func (d *document) lined() bool {
	if len(d.root.Content) == 0 {
		return true
	}
	return d.root.Content[0].Line > d.root.Line
}

// unit is one step of indentation.
func (d *document) unit() string {
	if len(d.root.Content) == 0 || !d.lined() {
		return "  "
	}
	return d.leading(d.offset(d.root.Content[0]))
}

// leading returns the blanks at the beginning of the line of an offset.
func (d *document) leading(at int) string {
	from := bytes.LastIndexByte(d.text[:at], '\n') + 1
	line := d.text[from:at]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

func (d *document) newline(indent, otherwise string) string {
	if !d.lined() {
		return otherwise
	}
	return d.eol + indent
}

func (d *document) newlineless() string {
	if d.lined() {
		return " "
	}
	return ""
}

// closing returns the offset of the bracket that closes the one at from, -1 for none.
func closing(b []byte, from int) int {
	depth := 0
	for i := from; i < len(b); i++ {
		switch c := b[i]; c {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i
			}
		case '"', '\'':
			end := quoteEnd(b, i)
			if end < 0 {
				return -1
			}
			i = end - 1
		case '#':
			if i > 0 && strings.IndexByte(" \t\n", b[i-1]) >= 0 {
				for i+1 < len(b) && b[i+1] != '\n' {
					i++
				}
			}
		}
	}
	return -1
}

// quoteEnd returns the offset after the quoted scalar at from, -1 for none.
func quoteEnd(b []byte, from int) int {
	for i := from + 1; i < len(b); i++ {
		switch {
		case b[from] == '"' && b[i] == '\\':
			i++
		case b[i] == b[from] && b[from] == '\'' && i+1 < len(b) && b[i+1] == '\'':
			i++
		case b[i] == b[from]:
			return i + 1
		}
	}
	return -1
}

// scalarEnd returns the offset after a scalar on one line, -1 if that cannot be told.
func scalarEnd(b []byte, from int, n *yaml.Node) int {
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		if from >= len(b) || b[from] != '"' && b[from] != '\'' {
			return -1
		}
		return quoteEnd(b, from)
	}
	if end := from + len(n.Value); end <= len(b) && string(b[from:end]) == n.Value {
		return end
	}
	return -1
}
