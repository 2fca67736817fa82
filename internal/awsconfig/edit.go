package awsconfig

import (
	"bytes"
	"slices"
	"strings"
)

// setProfile returns text with p's keys.
func setProfile(text []byte, p Profile) []byte {
	d := parse(text)
	i := slices.IndexFunc(d.sections, func(s section) bool { return s.profile == p.Name })
	if i < 0 {
		return appendProfile(text, p)
	}
	s := d.sections[i]
	old, exists := s.find(processKey)
	// A region comes before a new credential_process and not after it as in a
	// section made by appendProfile: so withoutProcess can tell them apart.
	if _, ok := s.find(regionKey); !ok && p.Region != "" {
		text = d.insert(s, regionKey+" = "+p.Region)
		if exists {
			return d.replace(old, p.Command, text)
		}
		d = parse(text)
		s = d.sections[i]
	}
	if exists {
		return d.replace(old, p.Command, text)
	}
	return d.insert(s, processKey+" = "+p.Command)
}

// replace returns text with p's value replaced; up to the end of p, text is d's.
func (d doc) replace(p property, command string, text []byte) []byte {
	written := string(d.text[p.keyStart:p.keyEnd])
	if p.value == command && p.end == p.line+1 && written == processKey {
		return text
	}
	between := string(d.text[p.keyEnd:p.valueStart])
	if p.value == "" && strings.HasPrefix(between, " ") && !strings.HasSuffix(between, " ") {
		between += " "
	}
	return splice(text, p.keyStart, p.valueEnd, processKey+between+command)
}

// insert puts a line at the end of s, in the first column: no SDK takes it there
// for the continuation of another key, or another key for its.
func (d doc) insert(s section, line string) []byte {
	at := d.starts[s.last()]
	if at > 0 && d.text[at-1] != '\n' {
		return splice(d.text, at, at, newlineOf(d.text)+line)
	}
	return splice(d.text, at, at, line+newlineOf(d.text))
}

// appendProfile puts a section at the end of text after a blank line. How text
// ended, it ends afterwards: without a line ending, or in a blank line, which
// then is the one before the section. So withoutSection can restore it.
func appendProfile(text []byte, p Profile) []byte {
	nl := newlineOf(text)
	lines := []string{headerOf(p.Name), processKey + " = " + p.Command}
	if p.Region != "" {
		lines = append(lines, regionKey+" = "+p.Region)
	}
	added := strings.Join(lines, nl)
	switch {
	case len(text) == 0:
		added += nl
	case !bytes.HasSuffix(text, []byte("\n")):
		added = nl + nl + added
	case endsBlank(text):
		added += nl + nl
	default:
		added = nl + added + nl
	}
	return slices.Concat(text, []byte(added))
}

func headerOf(profile string) string {
	if profile == "default" {
		return "[default]"
	}
	return "[profile " + profile + "]"
}

// endsBlank tells whether the last of text's lines, all of which are ended, is blank.
func endsBlank(text []byte) bool {
	before := text[:len(text)-1]
	return len(bytes.TrimSpace(before[bytes.LastIndexByte(before, '\n')+1:])) == 0
}

// withoutProcess returns d's text less the credential_process of section i, or
// less the whole section if it is as appendProfile makes it.
func (d doc) withoutProcess(i int) []byte {
	s := d.sections[i]
	if d.isOurs(s) {
		return d.withoutSection(s)
	}
	p, _ := s.find(processKey)
	from, to := d.starts[p.line], d.starts[p.end]
	if to == len(d.text) && from > 0 && d.text[to-1] != '\n' {
		from -= len(lineEnding(d.text[:from])) // what was the last line has no ending again
	}
	return splice(d.text, from, to, "")
}

// isOurs tells whether s is what appendProfile writes, with any command and
// region, and not even a comment else.
func (d doc) isOurs(s section) bool {
	n := len(s.props)
	if d.body(s.header) != headerOf(s.profile) || n == 0 || n > 2 || s.last() != s.header+1+n {
		return false
	}
	if !strings.HasPrefix(d.body(s.header+1), processKey+" = ") || n == 2 && !strings.HasPrefix(d.body(s.header+2), regionKey+" = ") {
		return false
	}
	return s.last() == s.end || strings.TrimSpace(d.body(s.last())) == ""
}

func (d doc) withoutSection(s section) []byte {
	from, to := d.starts[s.header], d.starts[s.last()]
	nl := lineEnding(d.text[:d.starts[s.header+1]])
	before := d.text[:from]
	blank := bytes.HasSuffix(before, []byte("\n"+nl)) || string(before) == nl
	switch {
	case (len(before) == 0 || endsBlank(before)) && bytes.HasPrefix(d.text[to:], []byte(nl)):
		to += len(nl) // of two blank lines the one before stays: it may have been there
	case !bytes.HasSuffix(d.text[:to], []byte("\n")) && bytes.HasSuffix(before, []byte(nl+nl)):
		from -= 2 * len(nl)
	case blank:
		from -= len(nl)
	}
	return splice(d.text, from, to, "")
}

// lineEnding returns that at the end of text.
func lineEnding(text []byte) string {
	switch {
	case bytes.HasSuffix(text, []byte("\r\n")):
		return "\r\n"
	case bytes.HasSuffix(text, []byte("\n")):
		return "\n"
	}
	return ""
}

// newlineOf returns the first line ending of text.
func newlineOf(text []byte) string {
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

func splice(text []byte, from, to int, s string) []byte {
	return slices.Concat(text[:from], []byte(s), text[to:])
}
