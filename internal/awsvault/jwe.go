package awsvault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"aws-connector/internal/secret"
)

const (
	algorithm  = "PBES2-HS256+A128KW"
	encryption = "A256GCM"

	maxSalt    = 1 << 10
	wrapperKey = 16 // bytes of A128KW
	contentKey = 32 // bytes of A256GCM
	block      = 8  // bytes of AES key wrap
)

var (
	errNotJWE = errors.New("not a file that aws-vault writes")
	errWork   = errors.New("its work factor is above what is taken")
	errBroken = errors.New("damaged: it does not decrypt to what was encrypted")
)

// sealed is a JWE in the compact form, of the one kind that aws-vault writes.
// https://www.rfc-editor.org/rfc/rfc7516#section-3.1
type sealed struct {
	protected                   string // as it stands, which is authenticated
	salt                        []byte
	iterations                  int
	key, nonce, text, signature []byte
}

// parse reads a JWE, and refuses one that would take more than most iterations.
func parse(data []byte, most int) (sealed, error) {
	parts := strings.Split(strings.TrimSpace(string(data)), ".")
	if len(parts) != 5 {
		return sealed{}, errNotJWE
	}
	var decoded [5][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return sealed{}, errNotJWE
		}
	}
	var header struct {
		Alg, Enc, P2s, Zip string
		P2c                int
		Crit               []string
	}
	if json.Unmarshal(decoded[0], &header) != nil || header.Alg != algorithm || header.Enc != encryption || header.Zip != "" || header.Crit != nil {
		return sealed{}, errNotJWE
	}
	salt, err := base64.RawURLEncoding.DecodeString(header.P2s)
	switch {
	case err != nil, len(salt) > maxSalt, header.P2c < 1, len(decoded[1]) != contentKey+block:
		return sealed{}, errNotJWE
	case header.P2c > most:
		return sealed{}, errWork
	}
	return sealed{parts[0], salt, header.P2c, decoded[1], decoded[2], decoded[3], decoded[4]}, nil
}

// open decrypts it. Its error is [ErrPassphrase], or one of this file.
func (s sealed) open(passphrase secret.Text) ([]byte, error) {
	salt := slices.Concat([]byte(algorithm), []byte{0}, s.salt)
	kek, err := pbkdf2.Key(sha256.New, passphrase.Reveal(), salt, s.iterations, wrapperKey)
	if err != nil {
		return nil, err
	}
	key, err := unwrap(kek, s.key)
	if err != nil {
		return nil, err
	}
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(c)
	if err != nil || len(s.nonce) != gcm.NonceSize() || len(s.signature) != gcm.Overhead() {
		return nil, errBroken
	}
	plain, err := gcm.Open(nil, s.nonce, append(slices.Clone(s.text), s.signature...), []byte(s.protected))
	if err != nil {
		return nil, errBroken
	}
	return plain, nil
}

// unwrap is the inverse of AES key wrap.
// https://www.rfc-editor.org/rfc/rfc3394#section-2.2.2
func unwrap(kek, wrapped []byte) ([]byte, error) {
	n := len(wrapped)/block - 1
	if len(wrapped)%block != 0 || n < 2 {
		return nil, errBroken
	}
	c, err := aes.NewCipher(kek)
	if err != nil {
		return nil, err
	}
	a, key := slices.Clone(wrapped[:block]), slices.Clone(wrapped[block:])
	var b [2 * block]byte
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			at := key[(i-1)*block : i*block]
			binary.BigEndian.PutUint64(b[:block], binary.BigEndian.Uint64(a)^uint64(n*j+i))
			copy(b[block:], at)
			c.Decrypt(b[:], b[:])
			copy(a, b[:block])
			copy(at, b[block:])
		}
	}
	if subtle.ConstantTimeCompare(a, []byte{0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6}) != 1 {
		return nil, ErrPassphrase
	}
	return key, nil
}
