package dockerconfig

import (
	"slices"
	"strings"
)

// redacted stands for a string.
const redacted = `"[redacted]"`

// plain are the members of a configuration that are known to hold no secret.
// Passwords are in auths, in the URLs of proxies, in HttpHeaders, and may be in
// what plugins keep and in what is yet to come.
var plain = []string{member, "credsStore", "currentContext", "detachKeys", "aliases", "features", "cliPluginsExtraDirs", "experimental"}

// Redact returns config with every string replaced that may be a secret, for
// showing it. Names, numbers, blanks and line breaks stay. What is not a JSON
// object is replaced whole.
func Redact(config []byte) []byte {
	mark, text := cutMark(config)
	if len(skipped(text)) == 0 {
		return config
	}
	if checkSyntax(text) != nil || skipped(text)[0] != '{' {
		return []byte(redacted + "\n")
	}
	out := slices.Clone(mark)
	from := 0
	for _, m := range scanObject(text, skipSpace(text, 0)).members {
		if slices.Contains(plain, m.name) || strings.HasSuffix(m.name, "Format") {
			continue
		}
		out = append(out, text[from:m.value]...)
		out = append(out, redactStrings(text[m.value:m.end])...)
		from = m.end
	}
	return append(out, text[from:]...)
}

// redactStrings replaces the strings of a JSON value that are not names of members.
func redactStrings(value []byte) []byte {
	var out []byte
	for i := 0; i < len(value); {
		if value[i] != '"' {
			out = append(out, value[i])
			i++
			continue
		}
		end := stringEnd(value, i)
		s := string(value[i:end])
		if next := skipped(value[end:]); s != `""` && (len(next) == 0 || next[0] != ':') {
			s = redacted
		}
		out = append(out, s...)
		i = end
	}
	return out
}

// skipped returns text from its first byte that is not white space.
func skipped(text []byte) []byte { return text[skipSpace(text, 0):] }
