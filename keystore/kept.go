package keystore

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"aws-connector/internal/question"
	"aws-connector/internal/secret"
)

// ErrNoKernelKeyring means that nothing can be kept open here: the kernel has no
// keyring for it, or a sandbox refuses it.
var ErrNoKernelKeyring = errors.New("no kernel keyring to keep it open in")

// keptPrefix begins the descriptions of the kernel's keys that keep a file open.
const keptPrefix = "aws-connector:open:"

// kept is what keeps a file open, as the kernel's keyring of the user holds it. It
// is of use for the file alone that it was put there for.
type kept struct {
	// Until, Written and Boot are as [question.Alive] has them.
	Until, Written, Boot int64
	// Salt, Work and Key are of the file's header and passphrase.
	Salt []byte `json:",omitempty"`
	Work int    `json:",omitempty"`
	Key  []byte `json:",omitempty"`
	// Passphrase is kept by [Store.Unlock] alone. It need not be UTF-8, and a string
	// of JSON must be.
	Passphrase []byte `json:",omitempty"`
	// Identities are what was in the identity's file under a passphrase, whose
	// digest is Of.
	Identities string `json:",omitempty"`
	Of         []byte `json:",omitempty"`
}

func (k kept) scrypt() scryptKey { return scryptKey{k.Salt, k.Work, k.Key} }

func (k kept) passphrase() (secret.Text, bool) {
	return secret.New(string(k.Passphrase)), len(k.Passphrase) > 0
}

// until is when the kept is dropped, by the clock that says so first.
func (k kept) until() time.Time {
	end := time.Unix(0, k.Until)
	if left := k.left(); time.Until(end) > left {
		end = time.Now().Add(left)
	}
	return end.Round(0)
}

// left is how much of its time there is by the clock that nobody sets.
func (k kept) left() time.Duration {
	left := time.Duration(k.Until - k.Written)
	if now := question.SinceBoot(); k.Boot != question.NoBoot && now > k.Boot {
		left -= time.Duration(now - k.Boot)
	}
	return left
}

func (k kept) alive() bool {
	return question.Alive(k.Until, k.Written, k.Boot, question.Now(), question.SinceBoot())
}

// description names the kernel's key for the file at path, and says nothing of it.
func description(path string) string {
	sum := sha256.Sum256([]byte(path))
	return keptPrefix + hex.EncodeToString(sum[:16])
}

// readKept returns what keeps the file at path open; the zero kept where nothing
// does. Its error wraps [ErrNoKernelKeyring].
func readKept(path string) (kept, error) {
	payload, err := readKernelKey(description(path))
	if err != nil || payload == nil {
		return kept{}, err
	}
	var k kept
	if json.Unmarshal(payload, &k) != nil || !k.alive() {
		return kept{}, nil
	}
	return k, nil
}

// keep puts k in the place of what keeps the file at path open, until the time given.
func keep(path string, k kept, until time.Time) error {
	k.Until, k.Written, k.Boot = until.UnixNano(), question.Now(), question.SinceBoot()
	payload, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return writeKernelKey(description(path), payload, time.Duration(k.Until-k.Written))
}

func noKernelKeyring(err error) error { return fmt.Errorf("%w: %w", ErrNoKernelKeyring, err) }
