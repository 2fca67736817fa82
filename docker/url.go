package docker

import (
	"strings"

	"aws-connector/internal/connector"
)

// maxURL is the longest server URL that is looked at, in bytes.
const maxURL = 2048

// ParseServerURL reads what clients send for a registry of ECR: its host, in
// any case, with or without https://, port 443 and a path. False is everything
// else: it names another registry, tries to look like ECR's, or would send a
// token over a line in the clear.
func ParseServerURL(s string) (connector.Registry, bool) {
	r, plain, ok := parse(s)
	if plain {
		return connector.Registry{}, false
	}
	return r, ok
}

// parse reads http:// too, which is plain: docker logout asks so for what it
// stored with https://.
func parse(s string) (r connector.Registry, plain, ok bool) {
	if len(s) > maxURL || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`@?#\`, r) }) {
		return connector.Registry{}, false, false
	}
	s = strings.ToLower(s)
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		switch scheme {
		case "https":
		case "http":
			plain = true
		default:
			return connector.Registry{}, false, false
		}
		s = rest
	}
	host, _, _ := strings.Cut(s, "/")
	if plain {
		host = strings.TrimSuffix(host, ":80")
	}
	r, ok = connector.ParseRegistry(strings.TrimSuffix(host, ":443"))
	return r, plain, ok
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
