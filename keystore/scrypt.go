package keystore

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strconv"

	"aws-connector/internal/secret"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/scrypt"
)

const (
	// workFactor is the base-2 logarithm of scrypt's cost. Every session that is
	// made anew pays it once: at 2^15 about what a call of AWS STS takes, at age's
	// own 2^18 eight times as much. A long random passphrase in a file needs no more.
	workFactor = 15
	// maxWorkFactor keeps a planted file from burning minutes.
	maxWorkFactor = 20

	scryptType  = "scrypt"
	scryptLabel = "age-encryption.org/v1/scrypt"
	saltSize    = 16
)

var (
	errStanza = errors.New("a scrypt stanza that age does not write")
	errWork   = errors.New("more work than is taken")
)

// scryptKey is what scrypt makes of a passphrase for one header: age seals the
// file's key with it. It is for one file only, whose salt is new each time.
// https://github.com/C2SP/C2SP/blob/main/age.md#scrypt-recipient-stanza
type scryptKey struct {
	salt []byte
	work int
	key  []byte
}

func newScryptKey(pass secret.Text, work int) (scryptKey, error) {
	salt := make([]byte, saltSize)
	rand.Read(salt)
	return deriveKey(pass, salt, work)
}

func deriveKey(pass secret.Text, salt []byte, work int) (k scryptKey, err error) {
	k = scryptKey{salt: salt, work: work}
	k.key, err = scrypt.Key([]byte(pass.Reveal()), append([]byte(scryptLabel), salt...), 1<<work, 8, 1, chacha20poly1305.KeySize)
	return k, err
}

// readScrypt takes a stanza apart. Its error is errWork where that is all that is wrong.
func readScrypt(s *age.Stanza) (salt []byte, work int, err error) {
	if len(s.Args) != 2 || len(s.Body) != fileKeySize+chacha20poly1305.Overhead {
		return nil, 0, errStanza
	}
	if salt, err = stanzaEncoding().DecodeString(s.Args[0]); err != nil || len(salt) != saltSize {
		return nil, 0, errStanza
	}
	digits := s.Args[1]
	for _, c := range digits {
		if c < '0' || c > '9' {
			return nil, 0, errStanza
		}
	}
	if digits == "" || digits[0] == '0' {
		return nil, 0, errStanza
	}
	if work, err = strconv.Atoi(digits); err != nil || work > maxWorkFactor {
		return nil, 0, errWork
	}
	return salt, work, nil
}

// fileKeySize is that of the key that age encrypts a file with.
const fileKeySize = 16

func stanzaEncoding() *base64.Encoding { return base64.RawStdEncoding.Strict() }

// is reports whether k was made for this salt and work factor.
func (k scryptKey) is(salt []byte, work int) bool {
	return len(k.key) > 0 && k.work == work && string(k.salt) == string(salt)
}

// open returns the file's key, false if it is not of the passphrase that k was made of.
func (k scryptKey) open(s *age.Stanza) ([]byte, bool) {
	aead, err := chacha20poly1305.New(k.key)
	if err != nil {
		return nil, false
	}
	fileKey, err := aead.Open(nil, make([]byte, chacha20poly1305.NonceSize), s.Body, nil)
	return fileKey, err == nil
}

// Wrap implements [age.Recipient].
func (k scryptKey) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	aead, err := chacha20poly1305.New(k.key)
	if err != nil {
		return nil, err
	}
	return []*age.Stanza{{
		Type: scryptType,
		Args: []string{stanzaEncoding().EncodeToString(k.salt), strconv.Itoa(k.work)},
		Body: aead.Seal(nil, make([]byte, chacha20poly1305.NonceSize), fileKey, nil),
	}}, nil
}
