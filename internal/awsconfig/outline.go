package awsconfig

import (
	"regexp"
	"strings"
	"sync"
)

const hidden = "[redacted]"

// What is not like these may be a part of a secret that was pasted.
var (
	keyName    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^((s3|ec2)[a-z0-9_]*|[a-z][a-z_]*)$`) })
	commentKey = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*[#;]+\s*([a-z][a-z_]*)\s*[=:][ \t]*`) })
)

const maxKey = 40

// Outline returns a config or credentials file as it may be shown: names of
// sections and keys, and of values those alone that this program wrote. Lines
// stay lines. ours tells whether a program's path or name is this program's.
func Outline(text []byte, ours func(program string) bool) []byte {
	mark, text := cutMark(text)
	d := parse(text)
	shown := map[int]string{}
	for _, s := range d.sections {
		shown[s.header] = d.outlineHeader(s)
		for _, p := range s.props {
			shown[p.line] = d.outlineProperty(s, p, ours)
		}
	}
	for _, i := range d.comments {
		shown[i] = outlineComment(d.body(i))
	}
	out := append([]byte{}, mark...)
	for i := range len(d.starts) - 1 {
		body := d.body(i)
		show, ok := shown[i]
		if !ok {
			show = hide(body)
		}
		out = append(out, show...)
		out = append(out, text[d.starts[i]+len(body):d.starts[i+1]]...)
	}
	return out
}

func (d doc) outlineHeader(s section) string {
	body := d.body(s.header)
	name, rest, _ := strings.Cut(body, "]")
	if s.odd || trim(name[1:]) != s.name {
		return "[" + hidden + "]"
	}
	if trim(rest) != "" {
		rest = " " + hidden
	}
	return name + "]" + rest
}

func (d doc) outlineProperty(s section, p property, ours func(string) bool) string {
	body := d.body(p.line)
	written := string(d.text[p.keyStart:p.keyEnd])
	if p.odd || len(written) > maxKey || !keyName().MatchString(written) {
		return hide(body)
	}
	process, ok := ParseProcess(d.valueOf(p), ours)
	if p.key == processKey && ok && process.Plain || p.key == regionKey && d.wroteRegion(s, p) {
		return body
	}
	return string(d.text[d.starts[p.line]:p.valueStart]) + hide(p.value)
}

func outlineComment(body string) string {
	if markLine().MatchString(body) {
		return body
	}
	if m := commentKey().FindStringSubmatch(body); m != nil && len(m[1]) <= maxKey {
		return m[0] + hide(body[len(m[0]):])
	}
	indent := body[:len(body)-len(strings.TrimLeftFunc(body, isBlank))]
	return indent + body[len(indent):len(indent)+1] + hide(body[len(indent)+1:])
}

// hide replaces all of s but blanks before it.
func hide(s string) string {
	rest := strings.TrimLeftFunc(s, isBlank)
	if rest == "" {
		return s
	}
	return s[:len(s)-len(rest)] + hidden
}
