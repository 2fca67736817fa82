package ambient

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	"aws-connector/internal/plain"
)

// Reason tells what kind of remedy an [Error] has.
type Reason int

const (
	// Failed means that AWS said no, or anything that no other reason covers.
	Failed Reason = iota
	// Misconfigured means that a connector, a file or a variable must be edited.
	Misconfigured
	// NeedsPerson means that a person has to act: store a key, sign in, renew credentials.
	NeedsPerson
	// Temporary means that the same call may succeed later.
	Temporary
)

// Error says why there are no credentials.
type Error struct {
	Reason Reason
	// Text says what is wrong, in one line and without any secret.
	Text string
	// Advice says what to do; empty where nothing can be said.
	Advice string
	// Err is what caused it; its text is not shown.
	Err error
}

// Error returns Text.
func (e *Error) Error() string { return e.Text }

// Hint returns Advice.
func (e *Error) Hint() string { return e.Advice }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

func misconfigured(text, advice string) error {
	return &Error{Reason: Misconfigured, Text: text, Advice: advice}
}

// unreachable is for a request that got no answer.
func unreachable(what string, err error) error {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	e := &Error{Reason: Temporary, Advice: "look at the network and its proxy (HTTPS_PROXY): try again later", Err: err}
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case untrusted(err):
		e.Reason, e.Text = Misconfigured, what+": "+clean(innermost(err).Error())
		e.Advice = "if a proxy inspects TLS here, name its certificates in AWS_CA_BUNDLE"
	case errors.As(err, &dns):
		e.Text = fmt.Sprintf("%s: no address for host %q", what, dns.Name)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.Text = what + ": no answer in time"
	default:
		e.Text = what + ": " + clean(innermost(err).Error())
	}
	return e
}

func untrusted(err error) bool {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &invalid)
}

func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// textLimit keeps an error well under the 2 KB that callers show.
const textLimit = 700

// clean makes text from elsewhere fit for one line of a terminal.
func clean(s string) string {
	s = plain.Line(s)
	if len(s) > textLimit {
		s = strings.ToValidUTF8(s[:textLimit], "") + "…"
	}
	return s
}
