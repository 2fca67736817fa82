package sshage

import (
	"bytes"
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
)

var (
	// ErrProtected means that a passphrase is on the key. Taking it off needs bcrypt,
	// which would be larger than all else here.
	ErrProtected = errors.New("an SSH key under a passphrase, which is not supported")

	errDamaged = errors.New("an OpenSSH private key that is damaged")
	errPublic  = errors.New("an ssh-ed25519 public key that is cut or mistyped")
)

// ParseKey reads an Ed25519 private key in the form of OpenSSH. Its errors say what
// else it is, and show nothing of it. See PROTOCOL.key of OpenSSH.
func ParseKey(data []byte) (*Identity, error) {
	block, rest := pem.Decode(data)
	if block == nil || block.Type != pemType || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errDamaged
	}
	body, ok := bytes.CutPrefix(block.Bytes, []byte(magic))
	// cipher, kdf, its options, number of keys, public key, private part
	outer, rest := fields(body, "sssnss")
	if !ok || outer == nil || len(rest) > 0 || !bytes.Equal(outer[3], []byte{0, 0, 0, 1}) {
		return nil, errDamaged
	}
	public, wire := fields(outer[4], "s")
	switch {
	case public == nil:
		return nil, errDamaged
	case string(public[0]) != Type:
		return nil, fmt.Errorf("an SSH key of type %q, and only %s can be used", public[0], Type)
	case string(outer[0]) != plain:
		return nil, ErrProtected
	case string(outer[1]) != plain || len(outer[2]) > 0:
		return nil, errDamaged
	}
	// a number twice, type, public key, both keys, comment
	inner, padding := fields(outer[5], "nnssss")
	if inner == nil || !bytes.Equal(inner[0], inner[1]) || string(inner[2]) != Type || len(inner[4]) != ed25519.PrivateKeySize {
		return nil, errDamaged
	}
	for i, b := range padding {
		if int(b) != i+1 {
			return nil, errDamaged
		}
	}
	id, err := NewIdentity(inner[4][:ed25519.SeedSize])
	if err != nil || !bytes.Equal(inner[4][ed25519.SeedSize:], inner[3]) || !bytes.Equal(appendString(nil, inner[3]), wire) || !bytes.HasSuffix(id.to.wire, wire) {
		return nil, errDamaged
	}
	return id, nil
}

// ParseRecipient reads a line of an authorized_keys file or of a .pub file, without options.
func ParseRecipient(line string) (*Recipient, error) {
	words := strings.Fields(line)
	if len(words) < 2 || words[0] != Type {
		return nil, errPublic
	}
	wire, err := base64.StdEncoding.DecodeString(words[1])
	parts, rest := fields(wire, "ss")
	if err != nil || parts == nil || string(parts[0]) != Type || len(rest) > 0 {
		return nil, errPublic
	}
	return NewRecipient(parts[1])
}

// fields takes apart what SSH puts together: s is a string, n a number. It returns
// nil where there is less. RFC 4251, section 5.
func fields(b []byte, shape string) (all [][]byte, rest []byte) {
	for _, kind := range shape {
		if len(b) < 4 {
			return nil, nil
		}
		n := uint32(4)
		if kind == 's' {
			n, b = binary.BigEndian.Uint32(b), b[4:]
		}
		if uint64(n) > uint64(len(b)) {
			return nil, nil
		}
		all, b = append(all, b[:n]), b[n:]
	}
	return all, b
}

func appendString(b, s []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}
