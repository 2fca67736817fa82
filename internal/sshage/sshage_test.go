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
	for _, passphrase := range []string{"", "correct horse", "pÄss"} {
		key, file, line := pair(t, passphrase)
		k, err := ParseKey(file)
		if err != nil || k.Type != Type || (k.Cipher == "") != (passphrase == "") {
			t.Fatalf("ParseKey = %+v, %v", k, err)
		}
		ours, err := k.Open([]byte(passphrase))
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
		for name, to := range map[string]age.Recipient{"ours": ourTo, "theirs": theirTo, "the identity's": ours.Recipient()} {
			data := sealed(t, to)
			for who, id := range map[string]age.Identity{"ours": ours, "theirs": theirs} {
				if got, err := opened(data, id); err != nil || got != "text" {
					t.Errorf("%s opens what is sealed to %s: %q, %v", who, name, got, err)
				}
			}
			_, other, _ := pair(t, "")
			k, err := ParseKey(other)
			if err != nil {
				t.Fatal(err)
			}
			stranger, err := k.Open(nil)
			if err != nil {
				t.Fatal(err)
			}
			var no *age.NoIdentityMatchError
			if _, err := opened(data, stranger); !errors.As(err, &no) {
				t.Errorf("another key opens what is sealed to %s: %v", name, err)
			}
		}
	}
}

func TestPoints(t *testing.T) {
	for i := range 300 {
		b := make([]byte, keySize)
		rand.Read(b)
		if i < 4 {
			b = append([]byte{byte(i)}, make([]byte, keySize-1)...)
		}
		p, err := new(edwards25519.Point).SetBytes(b)
		got, ours := montgomery(b)
		switch {
		case i == 1: // the neutral element, whose u does not exist
			if ours == nil {
				t.Error("the neutral element is a public key")
			}
		case (err == nil) != (ours == nil):
			t.Errorf("%x: is a point: %v, here: %v", b, err, ours)
		case err == nil && !bytes.Equal(got, p.BytesMontgomery()):
			t.Errorf("%x: u = %x, want %x", b, got, p.BytesMontgomery())
		}
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
			k, err := ParseKey(marshal(t, key, passphrase))
			if err != nil || k.Type != want {
				t.Fatalf("ParseKey = %+v, %v, want a key of type %s", k, err, want)
			}
			if _, err := k.Open([]byte(passphrase)); err == nil {
				t.Errorf("a key of type %s was opened", want)
			}
		}
	}
}

func TestWrongPassphrase(t *testing.T) {
	_, file, _ := pair(t, "correct")
	k, err := ParseKey(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, passphrase := range []string{"", "wrong"} {
		if _, err := k.Open([]byte(passphrase)); !errors.Is(err, ErrPassphrase) {
			t.Errorf("Open with %q = %v, want %v", passphrase, err, ErrPassphrase)
		}
	}
	k.rounds = maxRounds + 1
	if _, err := k.Open([]byte("correct")); err == nil || !strings.Contains(err.Error(), "rounds") {
		t.Errorf("Open with too many rounds = %v", err)
	}
	k.Cipher = "aes256-gcm@openssh.com"
	if _, err := k.Open([]byte("correct")); err == nil || !strings.Contains(err.Error(), "cipher") {
		t.Errorf("Open with another cipher = %v", err)
	}
}

// A key that is cut anywhere, or has a bit turned, is none, and nothing panics.
func TestDamagedKeys(t *testing.T) {
	_, file, line := pair(t, "")
	block, _ := pem.Decode(file)
	damaged := func(body []byte, what string, at int) {
		k, err := ParseKey(pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: body}))
		if err == nil {
			_, err = k.Open(nil)
		}
		if err == nil {
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
		k, err := ParseKey(pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: body}))
		if err != nil || k.Cipher != "" {
			return
		}
		if id, err := k.Open(nil); err == nil && len(id.Seed()) != ed25519.SeedSize {
			t.Errorf("an identity without a seed")
		}
	})
}
