package keystore

import (
	"context"
	"crypto/fips140"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"time"

	"aws-connector/internal/secret"

	"filippo.io/age"
)

const maxKeysFile = 4 << 20

// FileOptions is what an encrypted file depends on.
type FileOptions struct {
	// Path is where the file is, or a symbolic link to it.
	Path string
	// Identity is the file of an age identity, or of an ssh-ed25519 private key,
	// that opens it; empty where a passphrase does.
	Identity string
	// Recipients are the public keys of others who may open it, with Identity only.
	Recipients []string
	// Passphrase is asked only where there is something to open, or to make.
	Passphrase func(context.Context, Asked) (secret.Text, error)
	// Keep is how long what opened the file stays in the kernel's keyring by
	// itself; zero means not at all.
	Keep time.Duration
}

// Asked is what a passphrase is asked for.
type Asked struct {
	// Path is the file that it opens: that of keys, or the identity's.
	Path string
	// New means that there is no file yet, and a passphrase is chosen.
	New bool
	// Again means that the one before was wrong: a source that would say the same
	// returns an error that wraps [ErrPassphrase].
	Again bool
}

// EncryptedFile returns the keystore in a file that age encrypts: `age -d` reads
// it and shows a JSON object of keys by name.
func EncryptedFile(o FileOptions) *Store {
	return &Store{&file{FileOptions: o, path: o.Path, work: workFactor}, "encrypted file " + o.Path}
}

// Make makes the encrypted file, without keys, where there is none. An OS keyring
// needs no making.
func (s *Store) Make(ctx context.Context) (made bool, err error) {
	f, ok := s.asFile()
	if !ok {
		return false, nil
	}
	if _, _, err := f.read(ctx); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	err = f.edit(ctx, func(keys map[string]json.RawMessage) error {
		made = len(keys) == 0
		return nil
	})
	return made && err == nil, err
}

type file struct {
	FileOptions
	path string // of the file, or of a link to it
	work int

	mu sync.Mutex
	// pass opens the file, or is chosen for a new one; key is made of it.
	pass *secret.Text
	key  scryptKey
	// opened are the identities in the file of the digest of, which is empty where
	// nothing protects it.
	opened []identity
	of     []byte
	// until is when the kernel drops what kept the file open; zero where nothing did.
	until time.Time
}

func (f *file) get(ctx context.Context, name string) (Key, error) {
	keys, _, err := f.load(ctx, need{})
	if err != nil {
		return Key{}, err
	}
	raw, ok := keys[name]
	if !ok {
		return Key{}, &NotFoundError{name, ofKeys(slices.Collect(maps.Keys(keys)))}
	}
	return usable(raw, "in "+f.path)
}

func (f *file) set(ctx context.Context, name string, next func(old []byte) (Key, error)) (replaced bool, err error) {
	err = f.edit(ctx, func(keys map[string]json.RawMessage) error {
		var old json.RawMessage
		old, replaced = keys[name]
		k, err := next(old)
		if err == nil {
			keys[name], err = encode(k)
		}
		return err
	})
	return replaced, err
}

func (f *file) remove(ctx context.Context, name string) error {
	if _, _, err := f.read(ctx); errors.Is(err, fs.ErrNotExist) {
		return ErrNotFound
	}
	return f.edit(ctx, func(keys map[string]json.RawMessage) error {
		if _, ok := keys[name]; !ok {
			return ErrNotFound
		}
		delete(keys, name)
		return nil
	})
}

func (f *file) names(ctx context.Context) ([]string, error) {
	keys, _, err := f.load(ctx, need{})
	return slices.Collect(maps.Keys(keys)), err
}

// load decrypts the file; an absent one has no keys. version is its generation.
func (f *file) load(ctx context.Context, n need) (keys map[string]json.RawMessage, version string, err error) {
	data, version, err := f.read(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]json.RawMessage{}, version, nil
	}
	if err != nil {
		return nil, "", err
	}
	keys, err = f.decrypt(ctx, data, n)
	return keys, version, err
}

func (f *file) decrypt(ctx context.Context, data []byte, n need) (map[string]json.RawMessage, error) {
	if fips140.Enforced() {
		return nil, f.fipsFault()
	}
	var failed error
	matched := false
	text, err := decryptWith(data, maxKeysFile, func(stanzas []*age.Stanza) (fileKey []byte, err error) {
		fileKey, failed = f.unwrap(ctx, stanzas, n)
		matched = failed == nil
		return fileKey, failed
	})
	switch {
	case failed != nil:
		return nil, failed
	case err != nil && !matched:
		return nil, f.notAge(data)
	case err != nil:
		return nil, f.damaged("it is cut or was changed")
	}
	keys := map[string]json.RawMessage{}
	if json.Unmarshal(text, &keys) != nil || keys == nil {
		return nil, f.damaged("what is encrypted in it is not a JSON object of keys")
	}
	return keys, nil
}
