// Package sshage encrypts to ssh-ed25519 keys and decrypts with them as age does,
// without golang.org/x/crypto/ssh, which is larger than all of age.
//
// The stanza is `ssh-ed25519 TAG SHARE`; filippo.io/age/agessh is the reference,
// and the tests hold this package to it.
package sshage

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"math/big"
	"slices"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

// Type is that of the stanza, and of the keys.
const Type = "ssh-ed25519"

const (
	label   = "age-encryption.org/v1/ssh-ed25519"
	keySize = 32
	tagSize = 4
)

var errStanza = errors.New("an ssh-ed25519 stanza that age does not write")

// Recipient is a public key.
type Recipient struct {
	wire  []byte // as SSH sends it
	point []byte // on Curve25519
}

// Identity is a private key.
type Identity struct {
	to     *Recipient
	seed   []byte
	secret *ecdh.PrivateKey
}

// NewRecipient returns the recipient whose Ed25519 public key has these bytes.
func NewRecipient(public []byte) (*Recipient, error) {
	point, err := montgomery(public)
	if err != nil {
		return nil, err
	}
	return &Recipient{appendString(appendString(nil, []byte(Type)), public), point}, nil
}

// NewIdentity returns the identity of an Ed25519 private key's seed of 32 bytes.
func NewIdentity(seed []byte) (*Identity, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, errDamaged
	}
	to, err := NewRecipient(ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	sum := sha512.Sum512(seed)
	secret, err := ecdh.X25519().NewPrivateKey(sum[:keySize])
	if err != nil {
		return nil, err
	}
	return &Identity{to, slices.Clone(seed), secret}, nil
}

// Recipient returns the public key.
func (i *Identity) Recipient() *Recipient { return i.to }

// Seed returns what [NewIdentity] makes the identity of: it is the secret.
func (i *Identity) Seed() []byte { return i.seed }

// Wrap implements [age.Recipient].
func (r *Recipient) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	ephemeral, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	share := ephemeral.PublicKey().Bytes()
	aead, err := r.wrapping(ephemeral, r.point, share)
	if err != nil {
		return nil, err
	}
	body := aead.Seal(nil, make([]byte, chacha20poly1305.NonceSize), fileKey, nil)
	return []*age.Stanza{{Type: Type, Args: []string{r.tag(), encoding().EncodeToString(share)}, Body: body}}, nil
}

// Unwrap implements [age.Identity].
func (i *Identity) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	for _, s := range stanzas {
		if s.Type != Type {
			continue
		}
		if len(s.Args) != 2 {
			return nil, errStanza
		}
		share, err := encoding().DecodeString(s.Args[1])
		if err != nil || len(share) != keySize {
			return nil, errStanza
		}
		if s.Args[0] != i.to.tag() {
			continue
		}
		aead, err := i.to.wrapping(i.secret, share, share)
		if err != nil {
			return nil, err
		}
		// The tag is a short hint, which another key may have too.
		if fileKey, err := aead.Open(nil, make([]byte, chacha20poly1305.NonceSize), s.Body, nil); err == nil {
			return fileKey, nil
		}
	}
	return nil, age.ErrIncorrectIdentity
}

// aead is the part of cipher.AEAD that is used.
type aead interface {
	Seal(dst, nonce, plain, more []byte) []byte
	Open(dst, nonce, sealed, more []byte) ([]byte, error)
}

// wrapping returns what the file's key is sealed with, by ours and the point theirs.
func (r *Recipient) wrapping(ours *ecdh.PrivateKey, theirs, share []byte) (aead, error) {
	shared, err := multiply(ours, theirs)
	if err != nil {
		return nil, err
	}
	tweak, err := hkdf.Key(sha256.New, nil, r.wire, label, keySize)
	if err != nil {
		return nil, err
	}
	by, err := ecdh.X25519().NewPrivateKey(tweak)
	if err != nil {
		return nil, err
	}
	if shared, err = multiply(by, shared); err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, shared, slices.Concat(share, r.point), label, keySize)
	if err != nil {
		return nil, err
	}
	return chacha20poly1305.New(key)
}

func multiply(by *ecdh.PrivateKey, point []byte) ([]byte, error) {
	p, err := ecdh.X25519().NewPublicKey(point)
	if err != nil {
		return nil, err
	}
	return by.ECDH(p)
}

// tag is a hint at the key, which does not hide it.
func (r *Recipient) tag() string {
	sum := sha256.Sum256(r.wire)
	return encoding().EncodeToString(sum[:tagSize])
}

func encoding() *base64.Encoding { return base64.RawStdEncoding.Strict() }

// montgomery returns u = (1+y)/(1-y), little-endian, of the point that an Ed25519
// public key is, which ought to be a point. RFC 7748, section 4.1; RFC 8032, section 5.1.
func montgomery(public []byte) ([]byte, error) {
	if len(public) != keySize {
		return nil, errPublic
	}
	one := big.NewInt(1)
	p := new(big.Int).Sub(new(big.Int).Lsh(one, 255), big.NewInt(19))
	little := bytes.Clone(public)
	little[keySize-1] &= 0x7f // the rest is the sign of x
	slices.Reverse(little)
	y := new(big.Int).SetBytes(little)
	bottom := new(big.Int).Sub(one, y)
	if bottom.ModInverse(bottom.Mod(bottom, p), p) == nil {
		return nil, errPublic
	}
	u := new(big.Int).Add(one, y)
	u.Mod(u.Mul(u, bottom), p).FillBytes(little)
	slices.Reverse(little)
	return little, nil
}
