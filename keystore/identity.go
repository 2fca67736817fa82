package keystore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"

	"aws-connector/internal/plain"
	"aws-connector/internal/secret"
	"aws-connector/internal/sshage"

	"filippo.io/age"
)

const (
	maxIdentityFile = 64 << 10
	maxIdentities   = 64

	ageSecret   = "AGE-SECRET-KEY-1"
	armorType   = "AGE ENCRYPTED FILE"
	openSSHType = "-----BEGIN OPENSSH PRIVATE KEY-----"
	// keptSSH begins the line of an SSH key's seed where opened identities are kept.
	keptSSH = "SSH-ED25519-SEED-"
)

// identity opens an encrypted file, and is who else may open it.
type identity struct {
	age.Identity
	to   age.Recipient
	line string // what [parseIdentities] makes it of again
}

// identities returns those in the identity's file, once what protects that is open.
func (f *file) identities(ctx context.Context, n need) ([]identity, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened != nil {
		return f.opened, nil
	}
	data, err := f.readIdentity()
	if err != nil {
		return nil, err
	}
	ids, protected, err := f.parse(data)
	if err != nil {
		return nil, err
	}
	if protected == nil {
		f.opened = ids
		return ids, nil
	}
	of := sha256.Sum256(data)
	if k, _ := f.kept(); !n.fresh && bytes.Equal(k.Of, of[:]) {
		if ids, err := f.parseText(k.Identities); err == nil {
			f.opened, f.until = ids, k.until()
			return ids, nil
		}
	}
	err = f.ask(ctx, f.Identity, func(pass secret.Text) error {
		ids, err = protected(pass)
		return err
	})
	if err != nil {
		return nil, err
	}
	f.opened, f.of = ids, of[:]
	f.keepOpen()
	return ids, nil
}

const identityCure = "keystore_identity names a file of age identities or an ssh-ed25519 private key, yours and of mode 0600"

func (f *file) readIdentity() ([]byte, error) {
	data, _, err := readLinked(f.Identity, maxIdentityFile)
	if err != nil {
		return nil, &fault{text: fmt.Sprintf("identity: %v", err), cure: identityCure, kind: errors.Join(ErrIdentity, err)}
	}
	return data, nil
}

// parse returns the identities in data, or what opens them with a passphrase.
func (f *file) parse(data []byte) (ids []identity, protected func(secret.Text) ([]identity, error), err error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if block, _ := pem.Decode(data); block != nil && block.Type == armorType {
		data = block.Bytes
	}
	switch text := string(data); {
	case strings.HasPrefix(text, ageHeader):
		return nil, func(pass secret.Text) ([]identity, error) { return f.decryptIdentities(data, pass) }, nil
	case !strings.Contains(text, openSSHType):
		ids, err = f.parseText(text)
		return ids, nil, err
	case hasAgeSecret(text):
		return nil, nil, f.badIdentity("holds an age identity and an SSH key: name a file that holds one of them")
	}
	key, err := f.parseSSH(data)
	if err != nil {
		return nil, nil, err
	}
	open := func(pass secret.Text) ([]identity, error) {
		id, err := key.Open([]byte(pass.Reveal()))
		if errors.Is(err, sshage.ErrPassphrase) {
			return nil, f.wrong(f.Identity)
		}
		if err != nil {
			return nil, f.badIdentity("holds " + plain.Line(err.Error()))
		}
		return []identity{ofSSH(id)}, nil
	}
	if key.Cipher != "" {
		return nil, open, nil
	}
	ids, err = open(secret.Text{})
	return ids, nil, err
}

func (f *file) parseSSH(data []byte) (*sshage.Key, error) {
	key, err := sshage.ParseKey(data)
	switch {
	case err != nil:
		return nil, f.badIdentity("holds " + err.Error())
	case key.Type != sshage.Type:
		return nil, f.badIdentity(fmt.Sprintf("is an SSH key of type %s, and only %s can be used: make one with ssh-keygen -t ed25519", plain.Line(key.Type), sshage.Type))
	case key.Cipher != "" && key.Cipher != sshage.Ciphers:
		return nil, f.badIdentity(fmt.Sprintf("is an SSH key under the cipher %s: run ssh-keygen -p -Z %s -f on it", plain.Line(key.Cipher), sshage.Ciphers))
	}
	return key, nil
}

// parseText reads the lines of a file as age-keygen writes it.
func (f *file) parseText(text string) ([]identity, error) {
	var ids []identity
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, err := f.parseLine(line)
		if err != nil {
			return nil, err
		}
		if ids = append(ids, id); len(ids) > maxIdentities {
			return nil, f.badIdentity(fmt.Sprintf("holds more than %d identities", maxIdentities))
		}
	}
	if len(ids) == 0 {
		return nil, f.badIdentity("holds no identity: age-keygen -o FILE makes one")
	}
	return ids, nil
}

// parseLine shows nothing of a line, which may be a secret.
func (f *file) parseLine(line string) (identity, error) {
	has := func(starts ...string) bool {
		for _, s := range starts {
			if strings.HasPrefix(line, s) {
				return true
			}
		}
		return false
	}
	why := "holds something that is not an age identity or an ssh-ed25519 private key"
	switch {
	case has(ageSecret):
		id, err := age.ParseX25519Identity(line)
		if err == nil {
			return identity{id, id.Recipient(), line}, nil
		}
		why = "holds an age identity that is cut or mistyped"
	case has(keptSSH):
		seed, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(line, keptSSH))
		if err != nil {
			break
		}
		if id, err := sshage.NewIdentity(seed); err == nil {
			return ofSSH(id), nil
		}
	case has("AGE-SECRET-KEY-PQ-1"):
		why = "holds a hybrid (post-quantum) identity, which is not supported: make one with age-keygen, without -pq"
	case has("AGE-PLUGIN-"):
		why = "holds the identity of an age plugin, and no plugin is run: make one with age-keygen"
	case has("age1", "ssh-", "ecdsa-", "sk-"):
		why = "holds a public key: name the file of the private one"
	case has("-----BEGIN "):
		why = "is a PEM file, but no OpenSSH private key: make one with ssh-keygen -t ed25519"
	case has("PuTTY-"):
		why = "is a key of PuTTY: export it in OpenSSH's format (puttygen, Conversions)"
	}
	return identity{}, f.badIdentity(why)
}

func (f *file) badIdentity(why string) error {
	return &fault{text: fmt.Sprintf("identity: %s %s", f.Identity, why), cure: identityCure, kind: ErrIdentity}
}

// decryptIdentities opens a file of identities that `age -p` protects.
func (f *file) decryptIdentities(data []byte, pass secret.Text) ([]identity, error) {
	var failed error
	text, err := decryptWith(data, maxIdentityFile, func(stanzas []*age.Stanza) (fileKey []byte, err error) {
		fileKey, _, err = f.openScrypt(f.Identity, stanzas, pass)
		failed = err
		return fileKey, err
	})
	if failed != nil {
		return nil, failed
	}
	if err != nil {
		return nil, f.badIdentity("is an age file that is damaged")
	}
	ids, protected, err := f.parse(text)
	if err == nil && protected != nil {
		err = f.badIdentity("is under two passphrases: take one off")
	}
	return ids, err
}

// openScrypt opens the one stanza of the file at path with a passphrase.
func (f *file) openScrypt(path string, stanzas []*age.Stanza, pass secret.Text) ([]byte, scryptKey, error) {
	if len(stanzas) != 1 || stanzas[0].Type != scryptType {
		return nil, scryptKey{}, f.badIdentity("is encrypted, but not under a passphrase: encrypt it with age -p")
	}
	salt, work, err := readScrypt(stanzas[0])
	if errors.Is(err, errWork) {
		return nil, scryptKey{}, f.tooMuchWork(path, stanzas[0].Args[1])
	}
	if err != nil {
		return nil, scryptKey{}, f.badIdentity("is an age file that is damaged")
	}
	key, err := deriveKey(pass, salt, work)
	if err != nil {
		return nil, scryptKey{}, err
	}
	fileKey, ok := key.open(stanzas[0])
	if !ok {
		return nil, scryptKey{}, f.wrong(path)
	}
	return fileKey, key, nil
}

func ofSSH(id *sshage.Identity) identity {
	return identity{id, id.Recipient(), keptSSH + base64.StdEncoding.EncodeToString(id.Seed())}
}

func hasAgeSecret(text string) bool {
	return strings.HasPrefix(text, ageSecret) || strings.Contains(text, "\n"+ageSecret)
}

// decryptWith is [age.Decrypt] by a function that opens stanzas.
func decryptWith(data []byte, limit int64, unwrap func([]*age.Stanza) ([]byte, error)) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(data), unwrapper(unwrap))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, limit))
}

type unwrapper func([]*age.Stanza) ([]byte, error)

func (u unwrapper) Unwrap(stanzas []*age.Stanza) ([]byte, error) { return u(stanzas) }
