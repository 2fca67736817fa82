package keystore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"time"

	"filippo.io/age"
)

// errNotAFile is for the OS keyring, which the desktop unlocks.
var errNotAFile = errors.New("only an encrypted file is unlocked and locked here; the desktop unlocks the OS keyring")

// Unlock opens the encrypted file and keeps it open for d, for this user's
// processes alone: they ask for no passphrase meanwhile, not even to store keys.
// The zero time means for ever: an identity without a passphrase opens it. Its
// error wraps [ErrNoKernelKeyring] where nothing can be kept; nobody is asked then.
func (s *Store) Unlock(ctx context.Context, d time.Duration) (until time.Time, err error) {
	f, ok := s.asFile()
	if !ok {
		return time.Time{}, errNotAFile
	}
	return f.unlock(ctx, d)
}

// asFile returns the encrypted file, if the keystore is one, without the keys that
// other programs keep.
func (s *Store) asFile() (*file, bool) {
	b := s.backend
	if m, ok := b.(mixed); ok {
		b = m.backend
	}
	f, ok := b.(*file)
	return f, ok
}

// Lock forgets what keeps the encrypted file open.
func (s *Store) Lock(context.Context) (wasOpen bool, err error) {
	f, ok := s.asFile()
	if !ok {
		return false, errNotAFile
	}
	target, err := f.target()
	if err != nil {
		return false, err
	}
	k, err := readKept(target)
	if err == nil {
		err = dropKernelKey(description(target))
	}
	return k.Until != 0, err
}

// Unlocked tells whether the encrypted file can be opened without a passphrase, and
// until when; the zero time means for ever. It asks nobody. Its error wraps
// [ErrNoKernelKeyring] where a file that needs a passphrase can never be.
func (s *Store) Unlocked(ctx context.Context) (until time.Time, ok bool, err error) {
	f, isFile := s.asFile()
	if !isFile {
		return time.Time{}, false, errNotAFile
	}
	return f.unlocked(ctx)
}

func (f *file) unlock(ctx context.Context, d time.Duration) (time.Time, error) {
	always, err := f.alwaysOpen()
	if err == nil && !always {
		_, err = f.kept()
	}
	if err != nil {
		return time.Time{}, err
	}
	data, _, err := f.read(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		err = &fault{f.path + " does not exist yet", "`aws-connector key add NAME` makes it", fs.ErrNotExist}
	}
	if err == nil {
		_, err = f.decrypt(ctx, data, need{pass: true, fresh: true})
	}
	if err != nil || always {
		return time.Time{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.until = time.Now().Add(d).Round(0)
	return f.until, f.keep(f.until, true)
}

// alwaysOpen reports whether an identity without a passphrase opens the file.
func (f *file) alwaysOpen() (bool, error) {
	if f.Identity == "" {
		return false, nil
	}
	data, err := f.readIdentity()
	if err != nil {
		return false, err
	}
	_, protected, err := f.parse(data)
	return protected == nil, err
}

func (f *file) unlocked(ctx context.Context) (until time.Time, ok bool, err error) {
	if always, err := f.alwaysOpen(); err != nil || always {
		return time.Time{}, always, err
	}
	k, err := f.kept()
	if err != nil || k.Until == 0 {
		return time.Time{}, false, err
	}
	if f.Identity != "" {
		data, err := f.readIdentity()
		of := sha256.Sum256(data)
		return k.until(), err == nil && bytes.Equal(k.Of, of[:]), err
	}
	data, _, err := f.read(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, err
	}
	_, ok = k.passphrase()
	_, _ = decryptWith(data, 0, func(stanzas []*age.Stanza) ([]byte, error) {
		if head, err := readScrypt(f.path, stanzas[0]); err == nil {
			ok = ok || k.scrypt().is(head)
		}
		return nil, age.ErrIncorrectIdentity
	})
	return k.until(), ok, nil
}
