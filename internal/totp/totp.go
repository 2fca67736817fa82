// Package totp makes the codes that a virtual MFA device shows (RFC 6238).
package totp

import (
	"encoding/base32"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"aws-connector/internal/secret"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// The usual kind, which is AWS's.
const (
	usualDigits = 6
	usualPeriod = 30
)

const (
	leastSeed = 10 // bytes; anything shorter is more likely a code than a seed
	scheme    = "otpauth"
)

// What can be wrong with a seed. None of them shows any of it.
var (
	errBase32    = errors.New("not a seed: base32 (letters and the digits 2 to 7) or an otpauth:// URL")
	errKey       = errors.New("an access key id, not a seed")
	errShort     = errors.New("too short for a seed, which has 16 characters of base32 or more")
	errURL       = errors.New("not an otpauth:// URL of a seed: otpauth://totp/NAME?secret=…")
	errCounter   = errors.New("the seed of a device that counts (HOTP), and AWS takes codes of the time")
	errAlgorithm = errors.New("of an algorithm that is none of SHA1, SHA256 and SHA512")
	errDigits    = errors.New("of codes that have not 6 to 8 digits")
	errLength    = errors.New("of codes that have not 6 digits, and AWS takes no other")
	errPeriod    = errors.New("of a period that is not 15 to 300 seconds")
)

var algorithms = map[string]otp.Algorithm{"": otp.AlgorithmSHA1, "SHA1": otp.AlgorithmSHA1, "SHA256": otp.AlgorithmSHA256, "SHA512": otp.AlgorithmSHA512}

// Seed is what a device makes its codes of. The zero Seed makes none.
type Seed struct {
	key       secret.Text // base32
	algorithm otp.Algorithm
	digits    int
	period    int64 // seconds
}

// Parse reads a seed: base32 as AWS shows it, in which blanks, lower case and
// missing padding do not matter, or the otpauth:// URL of a QR code with its
// algorithm (SHA1, SHA256, SHA512), digits (6 to 8) and period (15 to 300 s). Its
// error shows nothing of text.
//
// https://github.com/google/google-authenticator/wiki/Key-Uri-Format
func Parse(text string) (Seed, error) {
	text = strings.TrimSpace(text)
	if head, _, ok := strings.Cut(text, ":"); ok && strings.EqualFold(head, scheme) {
		return parseURL(text)
	}
	key, err := normal(text)
	return Seed{key, otp.AlgorithmSHA1, usualDigits, usualPeriod}, err
}

func parseURL(text string) (Seed, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Seed{}, errURL
	}
	q, err := url.ParseQuery(u.RawQuery)
	switch {
	case err != nil, q.Get("secret") == "":
		return Seed{}, errURL
	case strings.EqualFold(u.Host, "hotp"):
		return Seed{}, errCounter
	case !strings.EqualFold(u.Host, "totp"):
		return Seed{}, errURL
	}
	s := Seed{digits: usualDigits, period: usualPeriod}
	var known bool
	if s.algorithm, known = algorithms[strings.ToUpper(q.Get("algorithm"))]; !known {
		return Seed{}, errAlgorithm
	}
	if d := q.Get("digits"); d != "" {
		if s.digits, err = strconv.Atoi(d); err != nil || s.digits < 6 || s.digits > 8 {
			return Seed{}, errDigits
		}
	}
	if p := q.Get("period"); p != "" {
		if s.period, err = strconv.ParseInt(p, 10, 64); err != nil || s.period < 15 || s.period > 300 {
			return Seed{}, errPeriod
		}
	}
	s.key, err = normal(q.Get("secret"))
	return s, err
}

// normal returns base32 in capitals, without blanks and padding.
func normal(text string) (secret.Text, error) {
	text = strings.ToUpper(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '-' || r == '\t' }), ""))
	text = strings.TrimRight(text, "=")
	if len(text) == len("AKIAIOSFODNN7EXAMPLE") && (strings.HasPrefix(text, "AKIA") || strings.HasPrefix(text, "ASIA")) {
		return secret.Text{}, errKey
	}
	encoding := base32.StdEncoding.WithPadding(base32.NoPadding)
	key, err := encoding.DecodeString(text)
	switch {
	case err != nil || text == "" || encoding.EncodedLen(len(key)) != len(text): // a character too much or too few
		return secret.Text{}, errBase32
	case len(key) < leastSeed:
		return secret.Text{}, errShort
	}
	return secret.New(text), nil
}

// Text returns the seed in a form that [Parse] reads.
func (s Seed) Text() secret.Text {
	if s.algorithm == otp.AlgorithmSHA1 && s.digits == usualDigits && s.period == usualPeriod {
		return s.key
	}
	q := url.Values{"secret": {s.key.Reveal()}, "algorithm": {s.algorithm.String()}, "digits": {strconv.Itoa(s.digits)}, "period": {strconv.FormatInt(s.period, 10)}}
	return secret.New(scheme + "://totp/?" + q.Encode())
}

// Check returns an error if s is of a kind whose codes AWS does not take.
func (s Seed) Check() error {
	if s.digits != usualDigits {
		return errLength
	}
	return nil
}

// Step returns the number of the step that at is in.
func (s Seed) Step(at time.Time) int64 { return at.Unix() / s.period }

// Begin returns when a step begins.
func (s Seed) Begin(step int64) time.Time { return time.Unix(step*s.period, 0) }

// Code returns the code of a step. It is used up by whoever takes it first.
func (s Seed) Code(step int64) (string, error) {
	code, err := hotp.GenerateCodeCustom(s.key.Reveal(), uint64(step), hotp.ValidateOpts{Digits: otp.Digits(s.digits), Algorithm: s.algorithm})
	if err != nil {
		return "", errBase32 // which the library's error may show
	}
	return code, nil
}
