package warm

import (
	"crypto/aes"
	"crypto/cipher"

	"aws-connector/internal/question"
)

// NewGCM returns AES-256-GCM, which puts a random nonce before what it seals.
func NewGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// public is the key of what is plain: its tag tells a torn or damaged file, and
// another state, from the right one, and no more.
var public [question.KeySize]byte
