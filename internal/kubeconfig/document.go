package kubeconfig

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// SyntaxError is a text that kubectl would not read, or that cannot be changed here
// without touching something else.
type SyntaxError struct {
	// Line counts from 1; 0 is not known.
	Line int
	What string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.What
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.What)
}

// Hint says what to do.
func (e *SyntaxError) Hint() string {
	return "nothing was changed; correct it, or let KUBECONFIG name another file"
}

var errUneditable = &SyntaxError{What: "it is written in a way that cannot be changed here without changing something else"}

// document is a kubeconfig with where everything is in it.
type document struct {
	text []byte
	// root is an empty mapping where there is nothing.
	root *yaml.Node
	// starts are the offsets of the lines.
	starts []int
	eol    string
}

func parse(text []byte) (*document, error) {
	d := &document{text: text, root: mapping(), eol: "\n"}
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		d.eol = "\r\n"
	}
	d.starts = []int{0}
	for i, c := range text {
		if c == '\n' {
			d.starts = append(d.starts, i+1)
		}
	}
	reader := yaml.NewDecoder(bytes.NewReader(text))
	var file, second yaml.Node
	switch err := reader.Decode(&file); {
	case errors.Is(err, io.EOF):
		return d, nil
	case err != nil:
		return nil, syntaxError(err)
	}
	if err := reader.Decode(&second); err == nil {
		return nil, &SyntaxError{second.Line, "a second document begins here, which kubectl does not read"}
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxError(err)
	}
	if root := file.Content[0]; root.Kind == yaml.MappingNode {
		d.root = root
	} else if root.Tag != "!!null" {
		return nil, &SyntaxError{root.Line, "not a kubeconfig, which is a mapping with clusters, users and contexts"}
	}
	var all map[string]any
	if err := d.root.Decode(&all); err != nil {
		return nil, syntaxError(err)
	}
	for key, want := range map[string]string{"apiVersion": "v1", "kind": "Config"} {
		if k, v := pair(d.root, key); k != nil && v.Kind == yaml.ScalarNode && v.Value != want && v.Value != "" {
			return nil, &SyntaxError{v.Line, fmt.Sprintf("not a kubeconfig, whose %s is %s", key, want)}
		}
	}
	return d, nil
}

// syntaxError keeps of a parser's message the line alone: the rest may quote a secret.
func syntaxError(err error) error {
	e := &SyntaxError{What: "not the YAML that kubectl reads"}
	if m := regexp.MustCompile(`line ([0-9]+)`).FindStringSubmatch(err.Error()); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
	}
	return e
}

// items returns the items of a section, aliases followed.
func (d *document) items(section string) []*yaml.Node {
	var all []*yaml.Node
	for _, n := range listOf(at(d.root, section)) {
		all = append(all, resolved(n))
	}
	return all
}

// index returns which item of a section has the name, -1 for none. Of several the
// first is the one that kubectl takes.
func (d *document) index(section, name string) int {
	return slices.IndexFunc(d.items(section), func(n *yaml.Node) bool { return at(n) != nil && field(n, "name") == name })
}

func (d *document) item(section, name string) *yaml.Node {
	if i := d.index(section, name); i >= 0 {
		return d.items(section)[i]
	}
	return nil
}

func (d *document) names(section string) (all []string) {
	for _, n := range d.items(section) {
		all = append(all, field(n, "name"))
	}
	return all
}

func (d *document) current() string { return field(d.root, currentContext) }

// flow reports whether the whole file is written as JSON is.
func (d *document) flow() bool { return d.root.Style&yaml.FlowStyle != 0 }

// put makes item the one of this name in a section.
func (d *document) put(section, name string, item *yaml.Node) (*document, error) {
	i := d.index(section, name)
	want := d.model()
	var v any
	if err := item.Decode(&v); err != nil {
		return nil, errUneditable
	}
	list, _ := want[section].([]any)
	if list = slices.Clone(list); i < 0 {
		list = append(list, v)
	} else {
		list[i] = v
	}
	want[section] = list
	text, err := d.placed(section, i, item)
	if err != nil {
		return nil, err
	}
	return checked(text, want)
}

// drop takes the item of this name out of a section.
func (d *document) drop(section, name string) (*document, error) {
	i := d.index(section, name)
	want := d.model()
	list, ok := want[section].([]any)
	if !ok {
		return nil, errUneditable
	}
	want[section] = slices.Delete(slices.Clone(list), i, i+1)
	text, err := d.without(section, i)
	if err != nil {
		return nil, err
	}
	return checked(text, want)
}

// use makes name the current context.
func (d *document) use(name string) (*document, error) {
	want := d.model()
	want[currentContext] = name
	text, err := d.withCurrent(name)
	if err != nil {
		return nil, err
	}
	return checked(text, want)
}

// model returns what the file says.
func (d *document) model() map[string]any {
	all := map[string]any{}
	_ = d.root.Decode(&all) // parse has seen that it can be
	return all
}

// checked parses an edited text, which must say what is wanted and nothing else.
func checked(text []byte, want map[string]any) (*document, error) {
	d, err := parse(text)
	if err != nil {
		return nil, errUneditable
	}
	got := d.model()
	for _, section := range []string{clusters, users, contexts} {
		for _, m := range []map[string]any{want, got} {
			if list, ok := m[section].([]any); m[section] == nil || ok && len(list) == 0 {
				delete(m, section)
			}
		}
	}
	if len(want) != len(got) || len(got) > 0 && !reflect.DeepEqual(got, want) {
		for _, key := range []string{"apiVersion", "kind"} { // of a file that was empty
			if _, ok := want[key]; !ok {
				delete(got, key)
			}
		}
		if !reflect.DeepEqual(got, want) {
			return nil, errUneditable
		}
	}
	return d, nil
}

// offset returns where a node begins. The parser counts characters.
func (d *document) offset(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(d.starts) {
		return 0
	}
	at := d.starts[n.Line-1]
	if n.Line == 1 && bytes.HasPrefix(d.text, []byte("\ufeff")) {
		at += len("\ufeff")
	}
	for range n.Column - 1 {
		if at >= len(d.text) {
			break
		}
		_, size := utf8.DecodeRune(d.text[at:])
		at += size
	}
	return at
}

// line returns the text of a line, counted from 0, without its end.
func (d *document) line(i int) string {
	end := len(d.text)
	if i+1 < len(d.starts) {
		end = d.starts[i+1]
	}
	return strings.TrimRight(string(d.text[d.starts[i]:end]), "\r\n")
}

// start returns the offset of a line, counted from 0; of the one after the last the end.
func (d *document) start(i int) int {
	if i >= len(d.starts) {
		return len(d.text)
	}
	return d.starts[i]
}

// splice returns the text with what is between two offsets replaced.
func (d *document) splice(from, to int, by string) []byte {
	return slices.Concat(d.text[:from], []byte(by), d.text[to:])
}
