// Package secret holds values that must not be printed by accident.
//
// A [Text] prints as [redacted] under every fmt verb, in slog and inside any
// other value, refuses to be encoded as text or JSON, and cannot be compared
// with ==. Only [Text.Reveal] gives the value back, so that each place where a
// secret leaves the program can be found by that name.
package secret

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
)

// Redacted is what a Text prints as.
const Redacted = "[redacted]"

// ErrEncoded is returned when a Text is about to be encoded as text or JSON.
var ErrEncoded = errors.New("secret: a secret is not encoded; reveal it where it is meant to be")

// Text is a secret string. The zero value is the empty secret.
//
// It holds a pointer because fmt does not call Format on the unexported fields
// of a struct: it would print a string found there, and prints only the address
// of a pointer.
type Text struct {
	_ [0]func() // not comparable: == would not take constant time
	v *string
}

// New returns s as a secret.
func New(s string) Text { return Text{v: &s} }

// Reveal returns the value itself.
func (t Text) Reveal() string {
	if t.v == nil {
		return ""
	}
	return *t.v
}

// Empty reports whether the value is the empty string.
func (t Text) Empty() bool { return t.v == nil || *t.v == "" }

// Equal reports whether t and u hold the same value, in a time that depends
// only on their lengths.
func (t Text) Equal(u Text) bool {
	return subtle.ConstantTimeCompare([]byte(t.Reveal()), []byte(u.Reveal())) == 1
}

// Format prints [redacted] for every verb and flag.
func (t Text) Format(f fmt.State, _ rune) { f.Write([]byte(Redacted)) }

// String returns [redacted].
func (t Text) String() string { return Redacted }

// LogValue makes slog print [redacted].
func (t Text) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText fails with [ErrEncoded]; encoding/json and encoding/xml call it.
func (t Text) MarshalText() ([]byte, error) { return nil, ErrEncoded }

// MarshalBinary fails with [ErrEncoded]; encoding/gob calls it.
func (t Text) MarshalBinary() ([]byte, error) { return nil, ErrEncoded }
