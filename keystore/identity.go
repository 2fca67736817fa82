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

	"aws-connector/internal/secret"
	"aws-connector/internal/sshage"

	"filippo.io/age"
)

const (
	maxIdentityFile = 64 << 10
	maxIdentities   = 64

	ageSecret = "AGE-SECRET-KEY-1"
	armorType = "AGE ENCRYPTED FILE"
	openSSH   = "-----BEGIN OPENSSH PRIVATE KEY-----"
	// keptSSH begins the line of an SSH key's seed where opened identities are kept.
	keptSSH = "SSH-ED25519-SEED-"
)

// identity opens an encrypted file, and is who else may open it.
type identity struct {
	age.Identity
	to   age.Recipient
	line string // what [file.parseLine] makes it of again
}

// openIdentities opens the identity's file, another one again; f.mu is held.
func (f *file) openIdentities(ctx context.Context, n need) error {
	data, err := f.readIdentity()
	of := sha256.Sum256(data)
	if f.opened != nil && (err != nil || of == f.from) {
		return nil
	}
	if err != nil {
		return err
	}
	ids, protected, err := f.parse(data)
	if err != nil {
		return err
	}
	if protected == nil {
		f.opened, f.of, f.from = ids, nil, of
		return nil
	}
	if k, _ := f.kept(); !n.fresh && bytes.Equal(k.Of, of[:]) {
		if ids, err := f.parseLines(k.Identities); err == nil {
			f.opened, f.of, f.from, f.until = ids, of[:], of, k.until()
			return nil
		}
	}
	return f.ask(ctx, f.Identity, n, func(pass secret.Text) error {
		ids, err := f.decryptIdentities(protected, pass)
		if err == nil {
			f.opened, f.of, f.from = ids, of[:], of
		}
		return err
	})
}

func (f *file) readIdentity() ([]byte, error) {
	data, _, err := readLinked(f.Identity, maxIdentityFile)
	if err != nil {
		return nil, &fault{"identity: " + err.Error(), identityCure, errors.Join(ErrIdentity, err)}
	}
	return data, nil
}

// parse returns the identities in data, or what is under a passphrase there.
func (f *file) parse(data []byte) (ids []identity, protected []byte, err error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if block, _ := pem.Decode(data); block != nil && block.Type == armorType {
		data = block.Bytes
	}
	text := string(data)
	if strings.HasPrefix(text, ageHeader) {
		return nil, data, nil
	}
	if !strings.Contains(text, openSSH) {
		ids, err = f.parseLines(text)
		return ids, nil, err
	}
	if strings.HasPrefix(text, ageSecret) || strings.Contains(text, "\n"+ageSecret) {
		return nil, nil, f.badIdentity("has both an age identity and an SSH key: name a file that has only one of them", nil)
	}
	id, err := sshage.ParseKey(data)
	if err == nil {
		return []identity{ofSSH(id)}, nil, nil
	}
	cure := "make one with ssh-keygen -t ed25519 -N ''"
	if errors.Is(err, sshage.ErrProtected) {
		cure = "take it off a copy with ssh-keygen -p -N '' -f COPY, or protect an age identity: age-keygen | age -p -o FILE"
	}
	return nil, nil, f.badIdentity("holds "+err.Error()+": "+cure, nil)
}

// parseLines reads a file as age-keygen writes it.
func (f *file) parseLines(text string) (ids []identity, err error) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		id, ok := parseLine(line)
		if !ok {
			return nil, f.badIdentity("holds "+noIdentity(line), nil)
		}
		ids = append(ids, id)
	}
	switch {
	case len(ids) == 0:
		return nil, f.badIdentity("holds no identity: age-keygen -o FILE makes one", nil)
	case len(ids) > maxIdentities:
		return nil, f.badIdentity(fmt.Sprintf("holds more than %d identities", maxIdentities), nil)
	}
	return ids, nil
}

func parseLine(line string) (identity, bool) {
	if seed, ok := strings.CutPrefix(line, keptSSH); ok {
		b, err := base64.StdEncoding.DecodeString(seed)
		if err != nil {
			return identity{}, false
		}
		id, err := sshage.NewIdentity(b)
		if err != nil {
			return identity{}, false
		}
		return ofSSH(id), true
	}
	id, err := age.ParseX25519Identity(line)
	if err != nil {
		return identity{}, false
	}
	return identity{id, id.Recipient(), line}, true
}

func ofSSH(id *sshage.Identity) identity {
	return identity{id, id.Recipient(), keptSSH + base64.StdEncoding.EncodeToString(id.Seed())}
}

// noIdentity says what a line is, and shows nothing of it, which may be a secret.
func noIdentity(line string) string {
	const public = "a public key: name the file of the private one"
	for _, kind := range [...]struct{ start, what string }{
		{ageSecret, "an age identity that is incomplete or mistyped"},
		{"AGE-SECRET-KEY-PQ-1", "a hybrid (post-quantum) identity, which is not supported: make one with age-keygen, without -pq"},
		{"AGE-PLUGIN-", "the identity of an age plugin, and no plugin is run: make one with age-keygen"},
		{"age1", public}, {"ssh-", public}, {"ecdsa-", public}, {"sk-", public},
		{"-----BEGIN ", "a key that is not in OpenSSH's format: make one with ssh-keygen -t ed25519"},
		{"PuTTY-", "a PuTTY key: export it in OpenSSH's format"},
	} {
		if strings.HasPrefix(line, kind.start) {
			return kind.what
		}
	}
	return "something that is not an age identity or an ssh-ed25519 private key"
}

// decryptIdentities opens a file of identities that `age -p` protects.
func (f *file) decryptIdentities(data []byte, pass secret.Text) ([]identity, error) {
	var failed error
	text, err := decryptWith(data, maxIdentityFile, func(stanzas []*age.Stanza) (fileKey []byte, err error) {
		fileKey, failed = openScrypt(f.Identity, stanzas[0], pass)
		return fileKey, failed
	})
	if failed == nil {
		failed = err
	}
	var told *fault
	if failed == ErrPassphrase || errors.As(failed, &told) {
		return nil, failed
	}
	ids, protected, err := f.parse(text)
	if failed != nil || protected != nil {
		err = f.badIdentity("is damaged, or was not encrypted by age -p", nil)
	}
	return ids, err
}

func openScrypt(path string, s *age.Stanza, pass secret.Text) ([]byte, error) {
	if s.Type != scryptType {
		return nil, errStanza
	}
	k, err := readScrypt(path, s)
	if err == nil {
		k, err = k.derived(pass)
	}
	if err != nil {
		return nil, err
	}
	return k.open(s)
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
