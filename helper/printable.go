package helper

import (
	"errors"
	"strings"
)

var errUnprintable = errors.New("the answer's credentials are not valid")

// printable refuses what no key id, secret or token of AWS has: anything but
// printable ASCII without blanks. Callers put them into lines, headers and
// shells. Its error, an [*Error], shows none of them.
func (s session) printable() error {
	for _, part := range []struct{ name, value string }{
		{"access key id", s.ID}, {"secret access key", s.Secret.Reveal()}, {"session token", s.Token.Reveal()}, {"account id", s.AccountID},
	} {
		if strings.ContainsFunc(part.value, unprintable) {
			return &Error{Text: "the " + part.name + " has characters that AWS never uses", Advice: "it was not passed on; check where it comes from: an endpoint_url (AWS_ENDPOINT_URL), a profile or a stored key", Err: errUnprintable}
		}
	}
	return nil
}
