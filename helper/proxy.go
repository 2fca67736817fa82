package helper

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// proxy is the proxy of a request as messages name it.
type proxy struct {
	host, variable string
	// user says that the URL has a user name.
	user bool
}

// way chooses the proxy for a request as a transport does, and knows why there
// is none where the variable cannot be used.
type way struct {
	choose  func(*http.Request) (*url.URL, error)
	proxies Proxies
}

func (w way) proxy(r *http.Request) (*url.URL, error) {
	if w.choose == nil {
		return nil, nil
	}
	u, err := w.choose(r)
	v := w.proxies.of(r.URL.Scheme)
	switch {
	case err != nil, u != nil && misread(u):
		return nil, &proxyURLError{v.Name, cmp.Or(v.fault(), notAProxy)}
	case u == nil && v.Value != "" && !exempt(r.URL.Hostname(), w.proxies.No) && v.fault() != "":
		return nil, &proxyURLError{v.Name, v.fault()}
	}
	return u, nil
}

func (w way) of(r *http.Request) (proxy, bool) {
	u, err := w.proxy(r)
	if err != nil || u == nil {
		return proxy{}, false
	}
	return proxy{u.Host, w.proxies.of(r.URL.Scheme).Name, u.User != nil}, true
}

// proxyDown is a proxy that there is no connection to.
type proxyDown struct {
	proxy
	cause error
}

func (e *proxyDown) Error() string { return fmt.Sprintf("no connection to the proxy %s", e.host) }
func (e *proxyDown) Unwrap() error { return e.cause }

// proxyRefusal is an answer of a proxy itself, instead of AWS's.
type proxyRefusal struct {
	proxy
	status int
	target string
	// schemes are how it lets users log in.
	schemes []string
}

func (e *proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy %s answers HTTP status %d", e.host, e.status)
}

// RetryableError tells the SDK which of them may pass.
func (e *proxyRefusal) RetryableError() bool { return e.passing() }

func (e *proxyRefusal) passing() bool {
	return e.status >= http.StatusInternalServerError || e.status == http.StatusTooManyRequests
}

// connected judges a proxy's answer to CONNECT.
func (w way) connected(_ context.Context, u *url.URL, r *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyRefusal{proxy{u.Host, w.proxies.of("https").Name, u.User != nil}, answer.StatusCode, r.Host, answer.Header.Values("Proxy-Authenticate")}
}

// answered returns the error of an answer that a proxy gave in AWS's place; nil for
// any other. A request that is not encrypted a proxy may answer itself.
func (w way) answered(r *http.Request, answer *http.Response, body []byte) error {
	switch {
	case w.choose == nil, answer.StatusCode < http.StatusBadRequest, r.URL.Scheme != "http", ofAWS(answer.Header):
		return nil
	}
	if code, _ := errorDocument(body); code != "" {
		return nil
	}
	p, ok := w.of(r)
	if !ok {
		return nil
	}
	return &proxyRefusal{p, answer.StatusCode, r.URL.Host, answer.Header.Values("Proxy-Authenticate")}
}

// ofAWS reports whether an answer has a header that AWS's answers have.
func ofAWS(h http.Header) bool {
	return h.Get("X-Amzn-Requestid") != "" || h.Get("X-Amz-Request-Id") != "" || h.Get("X-Amz-Id-2") != ""
}

// reached names the proxy in an error of not reaching it.
func (w way) reached(r *http.Request, err error) error {
	var op *net.OpError
	var known *proxyDown
	if !errors.As(err, &op) || op.Op != "proxyconnect" && op.Op != "socks connect" || errors.As(err, &known) {
		return err
	}
	if p, ok := w.of(r); ok {
		return &proxyDown{p, err}
	}
	return err
}

// atProxy fills in e where err is one of a proxy, and reports whether it is.
func (e *Error) atProxy(op string, err error) bool {
	var wrong *proxyURLError
	var down *proxyDown
	var refused *proxyRefusal
	switch {
	case errors.As(err, &wrong):
		e.Reason, e.Text, e.Advice = Misconfigured, op+": "+wrong.Error(), wrong.advice()
	case errors.As(err, &refused):
		e.Reason, e.Text, e.Advice = refused.explained(op)
	case errors.As(err, &down) && !certificate(err):
		e.Reason, e.Text = Temporary, fmt.Sprintf("%s: no connection to the proxy %q (%s): %s", op, down.host, down.variable, plainCause(down.cause))
		e.Advice = fmt.Sprintf("check that %s names the right host and port, and that the proxy is running; unset it if this network needs no proxy", down.variable)
		if errors.As(err, new(tls.RecordHeaderError)) {
			e.Advice = fmt.Sprintf("the proxy does not speak TLS: begin %s with http://, which says how the proxy is reached, not what for", down.variable)
		}
	default:
		return false
	}
	return true
}

// ProxyProblem says what is wrong with the proxy that err is about, and what to do; false
// where that is none, or only that there is no connection to it.
func ProxyProblem(err error) (text, advice string, ok bool) {
	e := &Error{}
	if errors.As(err, new(*proxyDown)) || !e.atProxy("", err) {
		return "", "", false
	}
	return strings.TrimPrefix(e.Text, ": "), e.Advice, true
}

// plainCause is why a connection failed, in few words.
func plainCause(err error) string {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("no address for host %q", dns.Name)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	return Clean(innermost(err).Error())
}

func (e *proxyRefusal) explained(op string) (reason Reason, text, advice string) {
	at := fmt.Sprintf("%s: the proxy %q (%s)", op, e.host, e.variable)
	basic := len(e.schemes) == 0 || slices.ContainsFunc(e.schemes, func(s string) bool { return strings.HasPrefix(strings.ToLower(s), "basic") })
	switch {
	case e.status == http.StatusProxyAuthRequired && !basic:
		return Misconfigured, at + " wants a login of a kind that is not supported here (HTTP status 407)",
			"it takes no user name and password from a URL (Basic): point " + e.variable + " at a proxy of this machine that logs in for you, such as cntlm or px"
	case e.status == http.StatusProxyAuthRequired && e.user:
		return Misconfigured, at + " does not accept the user name and password (HTTP status 407)",
			"correct them in " + e.variable + "; what is not a letter or a digit in them must be percent-encoded, as %23 for #"
	case e.status == http.StatusProxyAuthRequired:
		return Misconfigured, at + " wants a user name and a password (HTTP status 407)",
			fmt.Sprintf("set %s to http://USER:PASSWORD@%s, with what is not a letter or a digit in USER and PASSWORD percent-encoded", e.variable, e.host)
	case e.passing():
		return Temporary, fmt.Sprintf("%s could not reach %q (HTTP status %d)", at, e.target, e.status),
			"check that region and endpoint_url are right; if they are, the proxy or its network has a problem: try again later"
	}
	return Failed, fmt.Sprintf("%s does not let %q through (HTTP status %d); AWS was not asked", at, e.target, e.status),
		fmt.Sprintf("ask whoever runs the proxy to allow %q, or add it to NO_PROXY if this machine reaches AWS without a proxy", hostOnly(e.target))
}

func hostOnly(target string) string {
	if host, _, err := net.SplitHostPort(target); err == nil {
		return host
	}
	return target
}
