package awsconfig

import (
	"slices"
	"strings"
)

const redacted = "[redacted]"

var (
	// secretKeys are parts of the names of keys whose values are secret, set or commented out.
	secretKeys = []string{"secret", "_token", "passw", "passphrase"}
	// secretWords are what a command has that prints or takes a secret.
	secretWords = []string{"secretaccesskey", "secret_access_key", "sessiontoken", "session_token", "security_token", "client_secret", "password", "passphrase"}
)

// Redact returns a config or credentials file with the values of all lines
// replaced that may hold a secret, for showing it. Lines stay lines.
func Redact(text []byte) []byte {
	var out strings.Builder
	hiding, indent := false, 0
	for _, line := range strings.SplitAfter(string(text), "\n") {
		body := strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimLeft(body, " \t")
		depth := len(body) - len(trimmed)
		if strings.TrimSpace(body) == "" {
			out.WriteString(line)
			continue
		}
		if hiding && depth > indent { // it continues the value
			out.WriteString(body[:depth] + redacted + line[len(body):])
			continue
		}
		hiding, indent = isSecret(body), depth
		if hiding {
			at := strings.IndexAny(body, "=:") + 1
			at += len(body[at:]) - len(strings.TrimLeft(body[at:], " \t"))
			body = body[:at] + redacted
		}
		out.WriteString(body + line[len(strings.TrimRight(line, "\r\n")):])
	}
	return []byte(out.String())
}

func isSecret(line string) bool {
	if _, _, ok := header(line); ok {
		_, line, _ = strings.Cut(line, "]") // a name is no secret, a comment may be
	}
	line = strings.ToLower(line)
	key := line
	if at := strings.IndexAny(line, "=:"); at >= 0 {
		key = line[:at]
	}
	in := func(s string) func(string) bool { return func(word string) bool { return strings.Contains(s, word) } }
	return slices.ContainsFunc(secretKeys, in(key)) || slices.ContainsFunc(secretWords, in(line))
}
