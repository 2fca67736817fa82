package sshage

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"io"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/edwards25519"
	"golang.org/x/crypto/ssh"
)

// pair returns a new key, its file under the passphrase, none if that is empty, and
// the line of its public key.
func pair(t *testing.T, passphrase string) (key ed25519.PrivateKey, file []byte, line string) {
	t.Helper()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	wire, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return key, marshal(t, key, passphrase), string(ssh.MarshalAuthorizedKey(wire))
}

func marshal(t *testing.T, key any, passphrase string) []byte {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(key, "me@here")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "me@here", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(block)
}

func sealed(t *testing.T, to age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err == nil {
		_, err = io.WriteString(w, "text")
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func opened(data []byte, id age.Identity) (string, error) {
	r, err := age.Decrypt(bytes.NewReader(data), id)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}

// What age itself encrypts to an SSH key this opens, and the other way round.
func TestAgreesWithAge(t *testing.T) {
	for range 4 {
		key, file, line := pair(t, "")
		ours, err := ParseKey(file)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := agessh.NewEd25519Identity(key)
		if err != nil {
			t.Fatal(err)
		}
		theirTo, err := agessh.ParseRecipient(line)
		if err != nil {
			t.Fatal(err)
		}
		ourTo, err := ParseRecipient(line)
		if err != nil {
			t.Fatal(err)
		}
		_, other, _ := pair(t, "")
		stranger, err := ParseKey(other)
		if err != nil {
			t.Fatal(err)
		}
		for name, to := range map[string]age.Recipient{"ours": ourTo, "theirs": theirTo, "the identity's": ours.Recipient()} {
			data := sealed(t, to)
			for who, id := range map[string]age.Identity{"ours": ours, "theirs": theirs} {
				if got, err := opened(data, id); err != nil || got != "text" {
					t.Errorf("%s opens what is sealed to %s: %q, %v", who, name, got, err)
				}
			}
			var no *age.NoIdentityMatchError
			if _, err := opened(data, stranger); !errors.As(err, &no) {
				t.Errorf("another key opens what is sealed to %s: %v", name, err)
			}
		}
	}
}

func TestPoints(t *testing.T) {
	for range 300 {
		b := make([]byte, keySize)
		rand.Read(b)
		p, err := new(edwards25519.Point).SetBytes(b)
		if err != nil {
			continue // not one that is a public key
		}
		if got, err := montgomery(b); err != nil || !bytes.Equal(got, p.BytesMontgomery()) {
			t.Errorf("%x: u = %x, %v, want %x", b, got, err, p.BytesMontgomery())
		}
	}
	if _, err := montgomery(append([]byte{1}, make([]byte, keySize-1)...)); err == nil {
		t.Error("the neutral element, which has no u, is a public key")
	}
}

func TestKeysOfOtherTypes(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecdsaKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for want, key := range map[string]any{"ssh-rsa": rsaKey, "ecdsa-sha2-nistp256": ecdsaKey} {
		for _, passphrase := range []string{"", "p"} {
			if _, err := ParseKey(marshal(t, key, passphrase)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("ParseKey = %v, want that it is of type %s", err, want)
			}
		}
	}
	if _, file, _ := pair(t, "p"); file != nil {
		if _, err := ParseKey(file); !errors.Is(err, ErrProtected) {
			t.Errorf("ParseKey of a key under a passphrase = %v, want %v", err, ErrProtected)
		}
	}
}

// A key that is cut anywhere, or has a bit turned, is none, and nothing panics.
func TestDamagedKeys(t *testing.T) {
	_, file, line := pair(t, "")
	block, _ := pem.Decode(file)
	damaged := func(body []byte, what string, at int) {
		if _, err := ParseKey(pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: body})); err == nil {
			t.Errorf("a key %s at %d is opened", what, at)
		}
	}
	for i := range block.Bytes {
		damaged(block.Bytes[:i], "cut", i)
	}
	comment := bytes.LastIndex(block.Bytes, []byte("me@here")) // it is nobody's business
	for i := range block.Bytes[:comment-4] {
		turned := bytes.Clone(block.Bytes)
		turned[i] ^= 0x80
		damaged(turned, "changed", i)
	}
	for i := range line[:strings.LastIndex(line, " ")+60] {
		if _, err := ParseRecipient(line[:i]); err == nil {
			t.Errorf("the public key cut at %d is one", i)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	for _, passphrase := range []string{"", "p"} {
		block, err := ssh.MarshalPrivateKey(key, "c")
		if passphrase != "" {
			block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "c", []byte(passphrase))
		}
		if err != nil {
			f.Fatal(err)
		}
		f.Add(block.Bytes)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if id, err := ParseKey(pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: body})); err == nil && len(id.Seed()) != ed25519.SeedSize {
			t.Errorf("an identity without a seed")
		}
	})
}
