package sshage

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

const (
	pemType = "OPENSSH PRIVATE KEY"
	magic   = "openssh-key-v1\x00"
	plain   = "none"

	// maxRounds keeps a planted key from burning minutes: ssh-keygen's own are 16 to 24.
	maxRounds = 1000
)

var (
	// ErrPassphrase means that a passphrase does not open the key.
	ErrPassphrase = errors.New("wrong passphrase")
	errDamaged    = errors.New("a damaged OpenSSH private key")
)

// Key is a private key's file, which may be under a passphrase.
type Key struct {
	// Type is that of SSH: only [Type] can be opened.
	Type string
	// Cipher is what protects it, empty if nothing does.
	Cipher string

	salt   []byte
	rounds uint32
	public []byte
	body   []byte
}

// ParseKey reads a private key in the form of OpenSSH. See PROTOCOL.key of OpenSSH.
func ParseKey(data []byte) (*Key, error) {
	block, rest := pem.Decode(data)
	if block == nil || block.Type != pemType || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errDamaged
	}
	body, ok := bytes.CutPrefix(block.Bytes, []byte(magic))
	if !ok {
		return nil, errDamaged
	}
	r := reader{rest: body}
	k := &Key{Cipher: string(r.text())}
	kdf, options := string(r.text()), reader{rest: r.text()}
	if keys := r.number(); keys != 1 {
		return nil, errDamaged
	}
	public := reader{rest: r.text()}
	k.Type, k.public = string(public.text()), public.rest
	if k.body = r.text(); r.bad || public.bad || len(k.body) == 0 {
		return nil, errDamaged
	}
	if k.Cipher == plain {
		if k.Cipher = ""; kdf != plain || len(options.rest) > 0 {
			return nil, errDamaged
		}
		return k, nil
	}
	k.salt, k.rounds = options.text(), options.number()
	if kdf != "bcrypt" || options.bad || k.rounds == 0 {
		return nil, errDamaged
	}
	return k, nil
}

// Open returns the identity; passphrase matters only where Cipher is not empty. Its
// error wraps [ErrPassphrase] if that is wrong.
func (k *Key) Open(passphrase []byte) (*Identity, error) {
	if k.Type != Type {
		return nil, fmt.Errorf("a key of type %q", k.Type)
	}
	body := k.body
	if k.Cipher != "" {
		var err error
		if body, err = k.decrypt(passphrase); err != nil {
			return nil, err
		}
	}
	r := reader{rest: body}
	if first, second := r.number(), r.number(); r.bad || first != second {
		if k.Cipher != "" {
			return nil, ErrPassphrase
		}
		return nil, errDamaged
	}
	kind, public, private := string(r.text()), r.text(), r.text()
	if r.text(); r.bad || kind != Type || len(private) != ed25519.PrivateKeySize {
		return nil, errDamaged
	}
	for i, b := range r.rest { // padding
		if int(b) != i+1 {
			return nil, errDamaged
		}
	}
	id, err := NewIdentity(private[:ed25519.SeedSize])
	if err != nil {
		return nil, err
	}
	wire := appendString(nil, public)
	if !bytes.Equal(private[ed25519.SeedSize:], public) || !bytes.Equal(wire, k.public) || !bytes.HasSuffix(id.to.wire, wire) {
		return nil, errDamaged
	}
	return id, nil
}

// Ciphers are those that can be opened: the first is what ssh-keygen uses.
const Ciphers = "aes256-ctr"

func (k *Key) decrypt(passphrase []byte) ([]byte, error) {
	switch {
	case k.Cipher != Ciphers:
		return nil, fmt.Errorf("a key under the cipher %q", k.Cipher)
	case k.rounds > maxRounds:
		return nil, fmt.Errorf("a key of %d rounds, more than %d", k.rounds, maxRounds)
	case len(passphrase) == 0:
		return nil, ErrPassphrase
	case len(k.body)%aes.BlockSize != 0:
		return nil, errDamaged
	}
	made, err := bcryptKey(passphrase, k.salt, int(k.rounds), keySize+aes.BlockSize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(made[:keySize])
	if err != nil {
		return nil, err
	}
	body := make([]byte, len(k.body))
	cipher.NewCTR(block, made[keySize:]).XORKeyStream(body, k.body)
	return body, nil
}

// ParseRecipient reads a line of an authorized_keys file or of a .pub file, without options.
func ParseRecipient(line string) (*Recipient, error) {
	words := strings.Fields(line)
	if len(words) < 2 || words[0] != Type {
		return nil, errors.New("not an ssh-ed25519 public key")
	}
	wire, err := base64.StdEncoding.DecodeString(words[1])
	if err != nil {
		return nil, errors.New("an ssh-ed25519 public key that is cut or mistyped")
	}
	r := reader{rest: wire}
	kind, public := string(r.text()), r.text()
	if r.bad || kind != Type || len(r.rest) > 0 {
		return nil, errors.New("an ssh-ed25519 public key that is cut or mistyped")
	}
	return NewRecipient(public)
}

// reader takes apart what SSH puts together. RFC 4251, section 5.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) number() uint32 {
	if len(r.rest) < 4 {
		r.rest, r.bad = nil, true
		return 0
	}
	n := binary.BigEndian.Uint32(r.rest)
	r.rest = r.rest[4:]
	return n
}

func (r *reader) text() []byte {
	n := r.number()
	if uint64(n) > uint64(len(r.rest)) {
		r.rest, r.bad = nil, true
		return nil
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func appendString(b, s []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}
