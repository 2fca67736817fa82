package kubeconfig

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Where sections are written as kubectl writes them, an item is some whole lines:
// from its dash to the next one's, but for blanks and comments before that.

// placed returns the text with an item of a section replaced, or with one more
// where i is -1.
func (d *document) placed(section string, i int, item *yaml.Node) ([]byte, error) {
	key, value := pair(d.root, section)
	switch {
	case d.flow(), value != nil && value.Kind == yaml.SequenceNode && value.Style&yaml.FlowStyle != 0 && len(value.Content) > 0:
		return d.placedInFlow(section, key, value, i, item)
	case key == nil:
		block, err := d.block(item, d.indent())
		if err != nil {
			return nil, err
		}
		return d.appended(section+":", block), nil
	case value.Kind == yaml.SequenceNode && len(value.Content) > 0:
		block, err := d.block(item, strings.Repeat(" ", value.Column-1))
		if err != nil {
			return nil, err
		}
		if i >= 0 {
			from, to := d.lines(key, value, i)
			return d.splice(d.start(from), d.start(to), d.closed(to, block)), nil
		}
		_, to := d.lines(key, value, len(value.Content)-1)
		return d.splice(d.start(to), d.start(to), d.opened(to)+block), nil
	case value.Kind == yaml.SequenceNode, value.Tag == "!!null":
		return d.begun(key, value, item)
	}
	return nil, errUneditable
}

// begun returns the text with the first item of a section that is there, and empty.
func (d *document) begun(key, value, item *yaml.Node) ([]byte, error) {
	block, err := d.block(item, d.indent())
	if err != nil || value.Line != key.Line {
		return nil, errUneditable
	}
	from, to := d.offset(value), d.offset(value)
	switch {
	case value.Kind == yaml.SequenceNode:
		if to = closing(d.text, from); to < 0 {
			return nil, errUneditable
		}
		to++
	default:
		to += len(value.Value)
	}
	head := d.splice(from, to, "")
	end := from + len(lineOf(head[from:]))
	rest := string(head[end:])
	line := strings.TrimRight(string(head[:end]), " \t")
	return []byte(line + d.eol + block + rest[len(lineEnd(rest)):]), nil
}

func lineOf(b []byte) []byte {
	if i := bytes.IndexAny(b, "\r\n"); i >= 0 {
		return b[:i]
	}
	return b
}

func lineEnd(s string) string {
	if strings.HasPrefix(s, "\r\n") {
		return s[:2]
	}
	return s[:min(1, len(s))]
}

// without returns the text without an item of a section.
func (d *document) without(section string, i int) ([]byte, error) {
	key, value := pair(d.root, section)
	if value == nil || value.Kind != yaml.SequenceNode {
		return nil, errUneditable
	}
	if value.Style&yaml.FlowStyle != 0 {
		return d.withoutInFlow(value, i)
	}
	from, to := d.lines(key, value, i)
	if len(value.Content) > 1 {
		return d.splice(d.start(from), d.start(to), ""), nil
	}
	// What is no list any more is written as kubectl does.
	head := d.offset(key) + len(section) + 1
	if value.Line == key.Line || !bytes.HasPrefix(d.text[d.offset(key):], []byte(section+":")) {
		return nil, errUneditable
	}
	text := d.splice(d.start(from), d.start(to), "")
	return append(append(text[:head:head], " []"...), text[head:]...), nil
}

// lines returns the lines of item i, counted from 0, and the one after them.
func (d *document) lines(key, value *yaml.Node, i int) (from, to int) {
	dash := func(n *yaml.Node) int {
		line := n.Line - 1
		for line >= key.Line && !strings.HasPrefix(strings.TrimLeft(d.line(line), " "), "-") {
			line--
		}
		return line
	}
	from = dash(value.Content[i])
	if i+1 < len(value.Content) {
		to = dash(value.Content[i+1])
	} else {
		to = d.sectionEnd(key)
	}
	for to > from+1 && d.between(to-1, value.Column-1) {
		to--
	}
	return from, to
}

// sectionEnd returns the line after those of a key of the root and its value.
func (d *document) sectionEnd(key *yaml.Node) int {
	for i := 0; i+1 < len(d.root.Content); i += 2 {
		if next := d.root.Content[i]; next.Line > key.Line {
			return next.Line - 1
		}
	}
	end := len(d.starts)
	for i := key.Line; i < end; i++ {
		if line := d.line(i); line == "..." || strings.HasPrefix(line, "... ") {
			return i
		}
	}
	if d.start(end-1) == len(d.text) {
		end-- // there is nothing after the last line's end
	}
	return end
}

// between reports whether a line is blank, or a comment that does not belong to what
// is deeper than column.
func (d *document) between(line, column int) bool {
	s := d.line(line)
	trimmed := strings.TrimLeft(s, " \t")
	return trimmed == "" || trimmed[0] == '#' && len(s)-len(trimmed) <= column
}

// indent is that of the root's keys.
func (d *document) indent() string {
	if len(d.root.Content) == 0 {
		return ""
	}
	return strings.Repeat(" ", max(0, d.root.Content[0].Column-1))
}

// appended returns the text with a key at its end. An empty file gets what kubectl
// begins one with.
func (d *document) appended(key, block string) []byte {
	end := len(d.starts)
	if d.start(end-1) == len(d.text) {
		end--
	}
	if len(d.root.Content) > 0 {
		end = d.sectionEnd(d.root.Content[len(d.root.Content)-2])
	}
	head := ""
	if len(d.root.Content) == 0 {
		head = "apiVersion: v1" + d.eol + "kind: Config" + d.eol
	}
	return d.splice(d.start(end), d.start(end), d.opened(end)+head+d.indent()+key+d.eol+block)
}

// opened is what must stand before a line that is put before line i.
func (d *document) opened(i int) string {
	if at := d.start(i); at > 0 && d.text[at-1] != '\n' {
		return d.eol
	}
	return ""
}

// closed is a block in the place of lines before line to; without its last line's
// end where theirs had none.
func (d *document) closed(to int, block string) string {
	if at := d.start(to); at == len(d.text) && at > 0 && d.text[at-1] != '\n' {
		return strings.TrimSuffix(block, d.eol)
	}
	return block
}

// block returns the lines of an item whose dash is behind indent.
func (d *document) block(item *yaml.Node, indent string) (string, error) {
	item = bare(item)
	item.Style = 0
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(item); err != nil {
		return "", errUneditable
	}
	var out strings.Builder
	for i, line := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
		lead := "  "
		if i == 0 {
			lead = "- "
		}
		if line == "" {
			lead, line = "", ""
		} else {
			lead = indent + lead
		}
		out.WriteString(lead + line + d.eol)
	}
	return out.String(), nil
}

// bare returns a copy without the comments around it, which stay where they are.
func bare(item *yaml.Node) *yaml.Node {
	c := clone(item)
	c.HeadComment, c.FootComment = "", ""
	for _, n := range c.Content {
		n.HeadComment, n.FootComment = "", ""
	}
	return c
}

// withCurrent returns the text with another current context.
func (d *document) withCurrent(name string) ([]byte, error) {
	key, value := pair(d.root, currentContext)
	quoted, err := yaml.Marshal(name)
	if err != nil {
		return nil, errUneditable
	}
	plain := strings.TrimSuffix(string(quoted), "\n")
	switch {
	case d.flow():
		return d.withCurrentInFlow(value, name)
	case key == nil:
		return d.appended(currentContext+": "+plain, ""), nil
	case value.Kind != yaml.ScalarNode || value.Line != key.Line:
		return nil, errUneditable
	}
	from := d.offset(value)
	to := scalarEnd(d.text, from, value)
	if to < 0 {
		return nil, errUneditable
	}
	if from == to && d.text[from-1] == ':' {
		plain = " " + plain
	}
	return d.splice(from, to, plain), nil
}
