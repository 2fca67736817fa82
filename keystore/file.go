package keystore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"aws-connector/internal/secret"

	"filippo.io/age"
)

const (
	// workFactor is the base-2 logarithm of scrypt's cost. Every session that is
	// made anew pays it once: at 2^15 about what a call of AWS STS takes, at age's
	// own 2^18 eight times as much. A long random passphrase in a file needs no more.
	workFactor = 15
	// maxWorkFactor keeps a planted file from burning minutes.
	maxWorkFactor = 20

	maxKeysFile = 4 << 20
)

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

type file struct {
	FileOptions
	path string
	work int

	mu    sync.Mutex
	known *secret.Text
}

func (f *file) get(ctx context.Context, name string) (Key, error) {
	keys, _, err := f.load(ctx)
	if err != nil {
		return Key{}, err
	}
	raw, ok := keys[name]
	if !ok {
		return Key{}, ErrNotFound
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
	if _, err := os.Lstat(f.path); errors.Is(err, fs.ErrNotExist) {
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
	keys, _, err := f.load(ctx)
	return slices.Collect(maps.Keys(keys)), err
}

// load decrypts the file; an absent one has no keys. version is its generation.
func (f *file) load(ctx context.Context) (keys map[string]json.RawMessage, version string, err error) {
	data, version, err := f.read(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]json.RawMessage{}, version, nil
	}
	if err != nil {
		return nil, "", err
	}
	pass, err := f.passphrase(ctx)
	if err != nil {
		return nil, "", err
	}
	keys, err = f.decrypt(data, pass)
	return keys, version, err
}

func (f *file) decrypt(data []byte, pass secret.Text) (map[string]json.RawMessage, error) {
	id, err := age.NewScryptIdentity(pass.Reveal())
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrPassphrase, f.path)
	}
	id.SetMaxWorkFactor(maxWorkFactor)
	r, err := age.Decrypt(bytes.NewReader(data), id)
	var wrong *age.NoIdentityMatchError
	if errors.As(err, &wrong) {
		return nil, fmt.Errorf("%w for %s", ErrPassphrase, f.path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is not a file of keys that age encrypted under a passphrase", f.path)
	}
	text, err := io.ReadAll(io.LimitReader(r, maxKeysFile))
	keys := map[string]json.RawMessage{}
	if err != nil || json.Unmarshal(text, &keys) != nil || keys == nil {
		return nil, fmt.Errorf("%s is damaged: restore it from a backup, or move it away and store the keys again", f.path)
	}
	return keys, nil
}

func (f *file) encrypt(plain []byte, pass secret.Text) ([]byte, error) {
	to, err := age.NewScryptRecipient(pass.Reveal())
	if err != nil {
		return nil, fmt.Errorf("%w: it is empty", ErrPassphrase)
	}
	to.SetWorkFactor(f.work)
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (f *file) passphrase(ctx context.Context) (secret.Text, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil {
		pass, err := f.Passphrase(ctx, Asked{Path: f.path})
		if err != nil {
			return secret.Text{}, err
		}
		f.known = &pass
	}
	return *f.known, nil
}

// PassphraseFile reads a passphrase from the first line of the file at path,
// which only its owner may be able to read.
func PassphraseFile(path string) (secret.Text, error) {
	const longest = 4096
	data, err := readPrivate(path, longest)
	if err != nil {
		return secret.Text{}, fmt.Errorf("%w: %w", ErrPassphraseFile, err)
	}
	pass := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if pass == "" || strings.Contains(pass, "\n") {
		return secret.Text{}, fmt.Errorf("%w: %s does not hold exactly one line", ErrPassphraseFile, path)
	}
	return secret.New(pass), nil
}
