// Package dockerconfig edits the credHelpers of docker's config.json, which
// podman, skopeo, crane and oras read too: which registries are asked of the
// credential helper "ecr". Everything else in the file stays byte for byte.
//
// Source: docker/cli cli/config/configfile/file.go. Registries are found by
// exact comparison of strings there.
package dockerconfig

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Helper is the credential helper that is set: docker runs docker-credential-ecr.
const Helper = "ecr"

// Incumbent is the helper of amazon-ecr-credential-helper.
const Incumbent = "ecr-login"

const member = "credHelpers"

// byteOrderMark is what docker does not accept and editors on Windows write.
const byteOrderMark = "\ufeff"

// Result is an edited config.json.
type Result struct {
	// Config is the new text; if Hosts is empty, it is the old one.
	Config []byte
	// Hosts are those whose entry was added, replaced or removed, in the order
	// that they were given, or if none were given that of the file.
	Hosts []string
	// Findings are what a person should know beside, in the order of the file.
	Findings []Finding
}

// Add sets the helper of each host to [Helper]. A host that has it already is
// left as it is, and one that has another is a [ConflictError] unless force is
// set, which replaces it; then no host is changed. An empty config becomes what
// docker writes, indented by tabs.
//
// Other errors are a [SyntaxError], for what docker itself would not read, and
// one for a host that cannot be one.
func Add(config []byte, hosts []string, force bool) (Result, error) {
	return set(config, hosts, func(Entry) bool { return force })
}

// TakeOver is [Add], but replaces the helper [Incumbent] of hosts, and no other.
func TakeOver(config []byte, hosts []string) (Result, error) {
	return set(config, hosts, func(e Entry) bool { return e.Helper == Incumbent })
}

// Incumbents returns the hosts whose helper is [Incumbent], in the order of the
// file. Its error is a [SyntaxError].
func Incumbents(config []byte) ([]string, error) {
	_, text := cutMark(config)
	if isNothing(text) {
		return nil, nil
	}
	c, err := parse(text)
	if err != nil {
		return nil, err
	}
	var hosts []string
	for _, e := range c.entries(nil) {
		if e.Helper == Incumbent && !slices.Contains(hosts, e.Host) {
			hosts = append(hosts, e.Host)
		}
	}
	return hosts, nil
}

// set sets the helper of each host, where it replaces only what it may.
func set(config []byte, hosts []string, may func(Entry) bool) (Result, error) {
	mark, text := cutMark(config)
	if isNothing(text) {
		text = []byte("{}\n")
	}
	before, err := parse(text)
	if err != nil {
		return Result{}, err
	}
	if err := checkHosts(hosts); err != nil {
		return Result{}, err
	}
	if others := slices.DeleteFunc(before.others(hosts), may); len(others) > 0 {
		return Result{}, &ConflictError{others}
	}
	r := Result{Config: config, Findings: before.findings(mark, hosts)}
	if text, r.Hosts, err = before.add(hosts); err != nil {
		return Result{}, err
	}
	if len(r.Hosts) > 0 {
		r.Config = slices.Concat(mark, text)
	}
	return r, nil
}

// Remove takes away the entries of hosts, or of every host if none is given,
// whose helper is [Helper], and credHelpers with the last of its entries. The
// entry of a given host with another helper stays and is a finding. What [Add]
// did to a config without credHelpers is undone exactly.
func Remove(config []byte, hosts []string) (Result, error) {
	mark, text := cutMark(config)
	r := Result{Config: config}
	if isNothing(text) {
		return r, nil
	}
	d, err := parse(text)
	if err != nil {
		return Result{}, err
	}
	for _, e := range d.others(hosts) {
		r.Findings = append(r.Findings, Finding{OtherHelper, e.Line, e.Host, e.Helper})
	}
	text, r.Hosts = d.remove(hosts)
	if len(r.Hosts) > 0 {
		r.Config = slices.Concat(mark, text)
	}
	return r, nil
}

func cutMark(config []byte) (mark, text []byte) {
	if text, ok := bytes.CutPrefix(config, []byte(byteOrderMark)); ok {
		return []byte(byteOrderMark), text
	}
	return nil, config
}

func checkHosts(hosts []string) error {
	for _, h := range hosts {
		if h == "" || !utf8.ValidString(h) || strings.ContainsFunc(h, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }) {
			return fmt.Errorf("%q is not a registry host", h)
		}
	}
	return nil
}

// isNothing reports whether text is blank, or null, which docker takes for nothing.
func isNothing(text []byte) bool {
	text = skipped(text)
	return len(text) == 0 || isNull(text) && len(skipped(text[len(null):])) == 0
}

const null = "null"

func isNull(value []byte) bool { return bytes.HasPrefix(value, []byte(null)) }

// Entry is one entry of credHelpers.
type Entry struct {
	// Helper is empty for null, which is none.
	Host, Helper string
	// Line counts from 1.
	Line int
	// none: it names no helper, but null.
	none          bool
	object, index int
}

// config is a parsed config.json.
type config struct {
	text []byte
	root object
	// helpers are the values of credHelpers. Of several, docker merges all and
	// other readers take the last, so a new entry goes there.
	helpers []object
}

func parse(text []byte) (config, error) {
	if err := checkCharset(text); err != nil {
		return config{}, err
	}
	if err := checkSyntax(text); err != nil {
		return config{}, err
	}
	open := skipSpace(text, 0)
	if text[open] != '{' {
		return config{}, syntaxError(text, open, "not a JSON object", "docker's configuration is an object: {…}")
	}
	c := config{text: text, root: scanObject(text, open)}
	for _, m := range c.root.members {
		if m.name != member && strings.EqualFold(m.name, member) {
			return config{}, syntaxError(text, m.start, fmt.Sprintf("%q is taken for %s by docker and by nobody else", m.name, member), "rename or remove it")
		}
		if m.name != member {
			continue
		}
		if isNull(text[m.value:m.end]) {
			c.helpers = append(c.helpers, object{open: m.value, close: m.end, null: true})
			continue
		}
		if text[m.value] != '{' {
			return config{}, syntaxError(text, m.value, member+" is not an object", `it should be {"HOST": "HELPER", …}; correct or remove it`)
		}
		o := scanObject(text, m.value)
		for _, e := range o.members {
			if text[e.value] != '"' && !isNull(text[e.value:e.end]) {
				return config{}, syntaxError(text, e.value, fmt.Sprintf("the helper of %q in %s is not a string", e.name, member), "correct or remove it")
			}
		}
		c.helpers = append(c.helpers, o)
	}
	return c, nil
}

// entries lists those of hosts, or all if there are none, in the order of the file.
func (c config) entries(hosts []string) []Entry {
	wanted := setOf(hosts)
	var list []Entry
	line, at := 1, 0
	for i, o := range c.helpers {
		for j, m := range o.members {
			if len(hosts) == 0 || wanted[m.name] {
				line, at = line+bytes.Count(c.text[at:m.start], []byte("\n")), m.start
				list = append(list, Entry{m.name, unquote(c.text[m.value:m.end]), line, isNull(c.text[m.value:m.end]), i, j})
			}
		}
	}
	return list
}

// others lists the entries of hosts that name another helper.
func (c config) others(hosts []string) []Entry {
	if len(hosts) == 0 {
		return nil
	}
	return slices.DeleteFunc(c.entries(hosts), func(e Entry) bool { return e.Helper == Helper || e.none })
}

func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil { // a string is always encoded
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
