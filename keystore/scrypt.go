package keystore

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

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

var errStanza = errors.New("a scrypt stanza that age does not write")

// scryptKey is what scrypt makes of a passphrase for one header: age seals the
// file's key with it. It is for one file only, whose salt is new each time.
// https://github.com/C2SP/C2SP/blob/main/age.md#scrypt-recipient-stanza
type scryptKey struct {
	salt []byte
	work int
	key  []byte
}

// derived returns k with its key. A new one has a salt of its own.
func (k scryptKey) derived(pass secret.Text) (scryptKey, error) {
	if k.salt == nil {
		k.salt = make([]byte, saltSize)
		rand.Read(k.salt)
	}
	var err error
	k.key, err = scrypt.Key([]byte(pass.Reveal()), append([]byte(scryptLabel), k.salt...), 1<<k.work, 8, 1, chacha20poly1305.KeySize)
	return k, err
}

// readScrypt takes apart a stanza of the file at path.
func readScrypt(path string, s *age.Stanza) (k scryptKey, err error) {
	if len(s.Args) != 2 || len(s.Body) != fileKeySize+chacha20poly1305.Overhead {
		return k, errStanza
	}
	salt, err := stanzaEncoding().DecodeString(s.Args[0])
	work, workErr := strconv.ParseUint(s.Args[1], 10, 8)
	switch digits := strings.Trim(s.Args[1], "0123456789") == "" && !strings.HasPrefix(s.Args[1], "0"); {
	case err != nil || len(salt) != saltSize || !digits:
		return k, errStanza
	case workErr != nil || work > maxWorkFactor:
		return k, tooMuchWork(path, s.Args[1])
	}
	return scryptKey{salt: salt, work: int(work)}, nil
}

// fileKeySize is that of the key that age encrypts a file with.
const fileKeySize = 16

func stanzaEncoding() *base64.Encoding { return base64.RawStdEncoding.Strict() }

// is reports whether k was made for the salt and the work factor of l.
func (k scryptKey) is(l scryptKey) bool {
	return len(k.key) > 0 && k.work == l.work && string(k.salt) == string(l.salt)
}

// open returns the file's key; the error is [ErrPassphrase] if k is of another passphrase.
func (k scryptKey) open(s *age.Stanza) ([]byte, error) {
	aead, err := chacha20poly1305.New(k.key)
	if err != nil {
		return nil, err
	}
	fileKey, err := aead.Open(nil, make([]byte, chacha20poly1305.NonceSize), s.Body, nil)
	if err != nil {
		return nil, ErrPassphrase
	}
	return fileKey, nil
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
