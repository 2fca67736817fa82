package awsconfig

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A mark is a comment that tells which lines beside credential_process are ours,
// so that Remove takes away those and none that a person wrote: a section that
// was made, and a region with the value that it was given.
const (
	madeMark  = "# made by aws-connector"
	addedMark = "# added by aws-connector"
	withMark  = " with region "
)

var markLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("^(" + madeMark + "|" + addedMark + ")(?:" + withMark + "([A-Za-z0-9-]+))?$")
})

// readMark returns what the mark in line i tells, false if it is none.
func (d doc) readMark(i int) (made bool, region string, ok bool) {
	m := markLine().FindStringSubmatch(d.body(i))
	if m == nil {
		return false, "", false
	}
	return m[1] == madeMark, m[2], true
}

// wroteRegion tells whether a mark in s says that Set wrote its region, as it still is.
func (d doc) wroteRegion(s section, region property) bool {
	return slices.ContainsFunc(within(d.comments, s.header, s.end), func(i int) bool {
		_, marked, ok := d.readMark(i)
		return ok && marked != "" && d.isRegion(region, marked)
	})
}

// isRegion tells whether p is the line that Set writes for a region.
func (d doc) isRegion(p property, region string) bool {
	return !p.odd && p.end == p.line+1 && d.body(p.line) == regionKey+" = "+region
}

// change replaces a part of a text.
type change struct {
	from, to int
	text     string
}

// apply makes changes, which do not overlap.
func apply(text []byte, changes []change) []byte {
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.from, b.from) })
	var out bytes.Buffer
	at := 0
	for _, c := range changes {
		out.Write(text[at:c.from])
		out.WriteString(c.text)
		at = c.to
	}
	out.Write(text[at:])
	return out.Bytes()
}

// set returns what gives s, a section of the profile, p's keys.
func (d doc) set(s section, p Profile) []change {
	var changes []change
	var lines []string
	region, hasRegion := s.find(regionKey)
	if !hasRegion && p.Region != "" {
		lines = append(lines, addedMark+withMark+p.Region)
	}
	if old, ok := s.find(processKey); ok {
		changes = append(changes, d.replace(old, p.Command)...)
	} else {
		lines = append(lines, processKey+" = "+p.Command)
	}
	if !hasRegion && p.Region != "" {
		lines = append(lines, regionKey+" = "+p.Region)
	}
	if hasRegion && p.Region != "" && region.value != p.Region && d.wroteRegion(s, region) {
		changes = append(changes, d.newRegion(s, region, p.Region)...)
	}
	if len(lines) > 0 {
		changes = append(changes, d.insert(s, lines))
	}
	return changes
}

// newRegion changes a region that Set wrote, in the line and in its marks.
func (d doc) newRegion(s section, p property, region string) []change {
	changes := []change{{p.valueEnd - len(p.value), p.valueEnd, region}}
	for _, i := range within(d.comments, s.header, s.end) {
		if _, old, ok := d.readMark(i); ok && old == p.value {
			end := d.starts[i] + len(d.body(i))
			changes = append(changes, change{end - len(old), end, region})
		}
	}
	return changes
}

func (d doc) replace(p property, command string) []change {
	written := string(d.text[p.keyStart:p.keyEnd])
	if p.value == command && p.end == p.line+1 && written == processKey {
		return nil
	}
	between := string(d.text[p.keyEnd:p.valueStart])
	if p.value == "" && strings.HasPrefix(between, " ") && !strings.HasSuffix(between, " ") {
		between += " "
	}
	return []change{{p.keyStart, p.valueEnd, processKey + between + command}}
}

// insert puts lines at the end of s, in the first column: no SDK takes them there
// for the continuation of another key, or another key for theirs.
func (d doc) insert(s section, lines []string) change {
	at, nl := d.starts[s.last()], newlineOf(d.text)
	text := strings.Join(lines, nl)
	if at > 0 && d.text[at-1] != '\n' {
		return change{at, at, nl + text}
	}
	return change{at, at, text + nl}
}

// appendProfile puts a section at the end of text after a blank line. How text
// ended, it ends afterwards: without a line ending, or in a blank line, which
// then is the one before the section. So dropSection can restore it.
func appendProfile(text []byte, p Profile) []byte {
	nl := newlineOf(text)
	lines := []string{headerOf(p.Name), madeMark, processKey + " = " + p.Command}
	if p.Region != "" {
		lines[1] += withMark + p.Region
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
	return append(text, added...)
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
	return trim(string(before[bytes.LastIndexByte(before, '\n')+1:])) == ""
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
