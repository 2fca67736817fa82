package sshage

import (
	"crypto/sha512"
	"encoding/binary"

	"golang.org/x/crypto/blowfish"
)

const (
	bcryptText = "OxychromaticBlowfishSwatDynamite"
	bcryptRuns = 64
)

// bcryptKey is bcrypt_pbkdf, which ssh-keygen makes a key of a passphrase with.
// See bcrypt_pbkdf(3) of OpenBSD.
func bcryptKey(passphrase, salt []byte, rounds, size int) ([]byte, error) {
	pass := sha512.Sum512(passphrase)
	blocks := (size + len(bcryptText) - 1) / len(bcryptText)
	key := make([]byte, blocks*len(bcryptText))
	for block := range blocks {
		text := binary.BigEndian.AppendUint32(salt[:len(salt):len(salt)], uint32(block+1))
		var sum [len(bcryptText)]byte
		for range rounds {
			hashed, err := bcryptHash(pass[:], text)
			if err != nil {
				return nil, err
			}
			text = hashed
			for i := range sum {
				sum[i] ^= hashed[i]
			}
		}
		for i, b := range sum {
			key[i*blocks+block] = b
		}
	}
	return key[:size], nil
}

func bcryptHash(pass, text []byte) ([]byte, error) {
	salt := sha512.Sum512(text)
	c, err := blowfish.NewSaltedCipher(pass, salt[:])
	if err != nil {
		return nil, err
	}
	for range bcryptRuns {
		blowfish.ExpandKey(salt[:], c)
		blowfish.ExpandKey(pass, c)
	}
	out := []byte(bcryptText)
	for i := 0; i < len(out); i += blowfish.BlockSize {
		for range bcryptRuns {
			c.Encrypt(out[i:], out[i:])
		}
	}
	for i := 0; i < len(out); i += 4 {
		binary.LittleEndian.PutUint32(out[i:], binary.BigEndian.Uint32(out[i:]))
	}
	return out, nil
}
