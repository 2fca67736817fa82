package dockerconfig

import (
	"bytes"
	"slices"
	"strings"
)

// change replaces a part of a text.
type change struct {
	from, to int
	text     string
}

// apply makes changes, which ascend and do not overlap.
func apply(text []byte, changes []change) []byte {
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

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, n := range names {
		set[n] = true
	}
	return set
}

// add returns the text with the helper of hosts set wherever they are, and at
// least in the last credHelpers, and the hosts for which that changes something.
func (c config) add(hosts []string) (text []byte, changed []string, err error) {
	if len(hosts) == 0 {
		return c.text, nil, nil
	}
	last := len(c.helpers) - 1
	there, other := map[string]bool{}, map[string]bool{}
	var changes []change
	for _, e := range c.entries(hosts) {
		there[e.Host] = there[e.Host] || e.object == last
		if e.Helper != Helper {
			m := c.helpers[e.object].members[e.index]
			changes = append(changes, change{m.value, m.end, quote(Helper)})
			other[e.Host] = true
		}
	}
	var missing []string
	for _, h := range hosts {
		if !there[h] {
			missing = append(missing, h)
		}
		if !there[h] || other[h] {
			changed = append(changed, h)
		}
		there[h], other[h] = true, false
	}
	text = apply(c.text, changes)
	// How the first entry is written depends on what is there, how the others are on the first.
	for _, some := range [][]string{missing[:min(1, len(missing))], missing[min(1, len(missing)):]} {
		if len(some) == 0 {
			break
		}
		d, err := parse(text)
		if err != nil {
			return nil, nil, err
		}
		text = d.insert(some)
	}
	return text, changed, nil
}

// insert puts hosts at the end of the last credHelpers; if there is none yet or
// nothing in it, hosts is one.
func (c config) insert(hosts []string) []byte {
	if len(c.helpers) == 0 {
		return c.root.insertHelpers(c.text, hosts[0])
	}
	o := c.helpers[len(c.helpers)-1]
	n := len(o.members)
	if n == 0 {
		return o.insertFirst(c.text, hosts[0], layoutOf(c.text, c.root))
	}
	l := layoutOf(c.text, o)
	var added strings.Builder
	for _, h := range hosts {
		added.WriteString(l.separator() + l.entry(h))
	}
	at := o.members[n-1].end
	return splice(c.text, at, at, added.String())
}

// insertHelpers puts a credHelpers with host at the end of o, the whole configuration.
func (o object) insertHelpers(text []byte, host string) []byte {
	l := layoutOf(text, o)
	value := "{" + l.entry(host) + "}"
	if l.newline != "" {
		value = "{" + l.newline + l.indent + l.unit() + l.entry(host) + l.newline + l.indent + "}"
	}
	added := quote(member) + l.colon + value
	if n := len(o.members); n > 0 {
		at := o.members[n-1].end
		return splice(text, at, at, l.separator()+added)
	}
	return splice(text, o.open+1, o.open+1, l.newline+l.indent+added+l.newline)
}

// insertFirst puts host into o, an empty credHelpers in a configuration with layout root.
func (o object) insertFirst(text []byte, host string, root layout) []byte {
	inner := root.entry(host)
	if root.newline != "" {
		inner = root.newline + root.indent + root.unit() + inner + root.newline + root.indent
	}
	if o.null {
		return splice(text, o.open, o.close, "{"+inner+"}")
	}
	return splice(text, o.open+1, o.close, inner)
}

// remove returns the text without the entries of hosts, or of any if there are
// none, that are ours, and the hosts that they are of in the order of hosts.
func (c config) remove(hosts []string) (text []byte, removed []string) {
	gone := make([]map[int]bool, len(c.helpers))
	seen := map[string]bool{}
	for _, e := range c.entries(hosts) {
		if e.Helper != Helper {
			continue
		}
		if gone[e.object] == nil {
			gone[e.object] = map[int]bool{}
		}
		gone[e.object][e.index] = true
		if !seen[e.Host] {
			seen[e.Host] = true
			removed = append(removed, e.Host)
		}
	}
	whole := map[int]bool{}
	var changes []change
	for i, o := range c.helpers {
		if len(gone[i]) == len(o.members) && len(gone[i]) > 0 {
			whole[slices.IndexFunc(c.root.members, func(m field) bool { return m.value == o.open })] = true
		} else {
			changes = append(changes, o.without(c.text, gone[i])...)
		}
	}
	changes = append(changes, c.root.without(c.text, whole)...)
	slices.SortFunc(changes, func(a, b change) int { return a.from - b.from })
	if len(hosts) > 0 {
		removed = slices.DeleteFunc(slices.Clone(hosts), func(h string) bool {
			first := seen[h]
			seen[h] = false
			return !first
		})
	}
	return apply(c.text, changes), removed
}

// without takes away the members with those indexes: exactly what insert added,
// if it was added.
func (o object) without(text []byte, gone map[int]bool) []change {
	n := len(o.members)
	if n > 0 && len(gone) == n {
		return []change{o.withoutAll(text)}
	}
	var changes []change
	for i := 0; i < n; i++ {
		first := i
		for i < n && gone[i] {
			i++
		}
		switch {
		case i == first:
		case first == 0:
			changes = append(changes, change{from: o.members[0].start, to: o.members[i].start})
		default:
			changes = append(changes, change{from: o.members[first-1].end, to: o.members[i-1].end})
		}
	}
	return changes
}

func (o object) withoutAll(text []byte) change {
	end := o.close
	if bytes.ContainsRune(text[o.open:o.members[0].start], '\n') {
		// Of what is between the braces, insert leaves all behind the line that it made.
		rest := bytes.TrimPrefix(text[o.members[len(o.members)-1].end:o.close], []byte("\r"))
		if after, ok := bytes.CutPrefix(rest, []byte("\n")); ok {
			end = o.close - len(after)
		}
	}
	return change{from: o.open + 1, to: end}
}

func splice(text []byte, from, to int, s string) []byte {
	return slices.Concat(text[:from], []byte(s), text[to:])
}
