package dockerconfig

import (
	"bytes"
	"strings"
)

// layout is how the members of an object are written.
type layout struct {
	newline string // "" if all are on one line
	indent  string // of the members
	outer   string // of the closing brace
	gap     string // after a comma, on one line
	colon   string // with its blanks
}

// layoutOf tells how o is written; an empty object as docker would write it.
func layoutOf(text []byte, o object) layout {
	l := layout{newline: newlineOf(text), indent: "\t", colon: ": "}
	if len(o.members) == 0 {
		return l
	}
	last := o.members[len(o.members)-1]
	if colon := string(text[last.nameEnd:last.value]); !strings.ContainsAny(colon, "\r\n") {
		l.colon = colon
	}
	gap := string(spaceBefore(text, last.start))
	if i := strings.LastIndexByte(gap, '\n'); i >= 0 {
		l.indent = gap[i+1:]
		end := string(spaceBefore(text, o.close))
		if j := strings.LastIndexByte(end, '\n'); j >= 0 {
			l.outer = end[j+1:]
		}
		return l
	}
	l.newline, l.indent = "", ""
	l.gap = gap
	if len(o.members) == 1 && strings.HasSuffix(l.colon, " ") {
		l.gap = " "
	} else if len(o.members) == 1 {
		l.gap = ""
	}
	return l
}

// unit is one level of indentation.
func (l layout) unit() string {
	if unit, ok := strings.CutPrefix(l.indent, l.outer); ok {
		return unit
	}
	return l.indent
}

// separator goes between a value and the next member.
func (l layout) separator() string {
	if l.newline != "" {
		return "," + l.newline + l.indent
	}
	return "," + l.gap
}

// entry writes the member of credHelpers for host.
func (l layout) entry(host string) string { return quote(host) + l.colon + quote(Helper) }

// newlineOf returns the first line ending of text.
func newlineOf(text []byte) string {
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// spaceBefore returns the white space that ends at i.
func spaceBefore(text []byte, i int) []byte {
	from := i
	for from > 0 && isSpace(text[from-1]) {
		from--
	}
	return text[from:i]
}
