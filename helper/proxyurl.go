package helper

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// Variable is a variable of the environment, by the name that is set.
type Variable struct{ Name, Value string }

// Proxies are the variables that say how servers are reached, for messages:
// net/http reads them itself, and says of one that it cannot use what is in it, or
// goes on without a proxy.
type Proxies struct {
	HTTP, HTTPS Variable
	// No is NO_PROXY.
	No string
}

func (p Proxies) of(scheme string) Variable {
	v := p.HTTP
	if scheme == "https" {
		v = p.HTTPS
	}
	return Variable{cmp.Or(v.Name, strings.ToUpper(scheme)+"_PROXY"), v.Value}
}

// Fault returns an error where the variable that names the proxy for scheme cannot be
// used as one; see [ProxyProblem].
func (p Proxies) Fault(scheme string) error {
	v := p.of(scheme)
	if v.Value == "" || v.fault() == "" {
		return nil
	}
	return &proxyURLError{v.Name, v.fault()}
}

const (
	notAProxy = "it is not the URL of a proxy"
	endOfLine = "it has an end of line or another control character in it"
	noScheme  = "it begins neither with http:// nor with https:// or socks5://"
)

// fault says why the variable's value is no URL of a proxy, without showing more of it
// than one character that has no place there; empty for a good one.
func (v Variable) fault() string {
	u, err := url.Parse(v.Value)
	if err != nil || u.Scheme == "" || u.Host == "" {
		u, err = url.Parse("http://" + v.Value) // as net/http takes it
	}
	switch {
	case err == nil && !misread(u):
		return ""
	case strings.ContainsFunc(v.Value, func(c rune) bool { return c < ' ' || c == 0x7f }):
		return endOfLine
	}
	if err == nil && u.Hostname() != "" && !knownScheme(u) {
		return noScheme
	}
	rest := v.Value
	if _, after, ok := strings.Cut(rest, "://"); ok {
		rest = after
	}
	at := strings.LastIndexByte(rest, '@')
	if at < 0 {
		if strings.ContainsRune(rest, ' ') {
			return "it has a blank in it"
		}
		return notAProxy
	}
	for i, c := range rest[:at] {
		if c == '%' && !escape(rest[i:at]) || c != '%' && !fitsUser(c) {
			name := fmt.Sprintf("%q", string(c))
			if c == ' ' {
				name = "a blank"
			}
			return fmt.Sprintf("its user name or password has %s, which a URL cannot hold as it is", name)
		}
	}
	return notAProxy
}

// misread reports whether u is what comes of reading something else as a URL: a piece
// of a password, say, as the host.
func misread(u *url.URL) bool {
	return !knownScheme(u) || u.Hostname() == "" || strings.HasSuffix(u.Host, ":") || u.Fragment != "" || strings.Contains(u.Path+u.RawQuery, "@")
}

func knownScheme(u *url.URL) bool {
	return slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme)
}

func escape(s string) bool {
	const digits = "0123456789abcdefABCDEF"
	return len(s) >= 3 && strings.ContainsRune(digits, rune(s[1])) && strings.ContainsRune(digits, rune(s[2]))
}

// fitsUser reports whether c may stand in the part of a URL before the @. RFC 3986, section 3.2.1
func fitsUser(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-._~!$&'()*+,;=:@", c)
}

// exempt reports whether no proxy is meant for host, as net/http has it.
func exempt(host, no string) bool {
	host = strings.ToLower(host)
	ip := net.ParseIP(host)
	if host == "localhost" || ip != nil && ip.IsLoopback() {
		return true
	}
	for entry := range strings.SplitSeq(strings.ToLower(no), ",") {
		entry = strings.TrimSpace(entry)
		if name, _, err := net.SplitHostPort(entry); err == nil {
			entry = name
		}
		if _, network, err := net.ParseCIDR(entry); err == nil && ip != nil && network.Contains(ip) {
			return true
		}
		name := strings.TrimPrefix(strings.TrimPrefix(entry, "*"), ".")
		if entry == "*" || name != "" && (host == name || strings.HasSuffix(host, "."+name)) {
			return true
		}
	}
	return false
}

// proxyURLError is a variable that names no proxy. Asking again does not help.
type proxyURLError struct{ variable, fault string }

func (e *proxyURLError) Error() string      { return e.variable + ": " + e.fault }
func (*proxyURLError) RetryableError() bool { return false }

func (e *proxyURLError) advice() string {
	switch e.fault {
	case endOfLine:
		return "set it again without that character: files that were written on Windows end their lines with one"
	case noScheme:
		return "begin it with http://, which says how the proxy is reached, not what for"
	}
	return proxyURLHint
}

const proxyURLHint = "write it as http://USER:PASSWORD@HOST:PORT, with what is not a letter or a digit in USER and PASSWORD percent-encoded: # is %23, % is %25, a blank is %20, @ is %40, : is %3A, / is %2F, ? is %3F"
