package docker

import (
	"strings"

	"aws-connector/internal/connector"
)

// maxURL is the longest server URL that is looked at, in bytes.
const maxURL = 2048

// ParseServerURL reads what clients send for a registry of ECR: its host, in
// any case, with or without http:// or https://, port 443 and a path. False is
// everything else: it names another registry, or tries to look like ECR's.
func ParseServerURL(s string) (connector.Registry, bool) {
	if len(s) > maxURL || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`@?#\`, r) }) {
		return connector.Registry{}, false
	}
	s = strings.ToLower(s)
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		if scheme != "https" && scheme != "http" {
			return connector.Registry{}, false
		}
		s = rest
	}
	host, _, _ := strings.Cut(s, "/")
	return connector.ParseRegistry(strings.TrimSuffix(host, ":443"))
}

// shown returns the host in a server URL fit for a message: what stands before
// an @ may be a password.
func shown(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	}
	url = url[strings.LastIndexByte(url, '@')+1:]
	host, _, _ := strings.Cut(url, "/")
	return printable(host)
}

// printable cuts s to what can stand in a line.
func printable(s string) string {
	const most = 255
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	return s[:min(len(s), most)]
}
