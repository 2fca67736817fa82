// Package keystore keeps long-term AWS keys: in the OS keyring, or in one file
// encrypted with age for machines that have no keyring.
package keystore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"aws-connector/internal/secret"
)

// Errors by which callers tell failures apart. What a [Store] returns names the key and wraps one of them.
var (
	ErrNotFound    = errors.New("not in the keystore")
	ErrLocked      = errors.New("the keyring is locked")
	ErrNotMade     = errors.New("this user has no keyring yet")
	ErrUnavailable = errors.New("no OS keyring can be reached")
	ErrDismissed   = errors.New("the keyring's dialog was dismissed")
	ErrTimeout     = errors.New("the keyring did not answer in time")
	// ErrUnsure means that a key was to be stored or removed, and may be or not.
	ErrUnsure     = errors.New("it is uncertain which key is in the keyring")
	ErrDamaged    = errors.New("not a key that can be used")
	ErrPassphrase = errors.New("wrong passphrase")
	// ErrPassphraseFile is for a file that holds no passphrase, or not safely.
	ErrPassphraseFile = errors.New("no passphrase")
)

// Key is an AWS access key. Temporary credentials have a SessionToken and may
// have an expiry; the zero Expires means that it is not known or never.
type Key struct {
	ID                   string
	Secret, SessionToken secret.Text
	Expires              time.Time
	// TOTP is the seed of the MFA device of the key's user, empty where none was
	// stored; package totp reads it.
	TOTP secret.Text
	// Created is when AWS made the long-term key, where that was known when it was
	// stored, else when it was stored; zero if neither is known. It tells no two keys apart.
	Created time.Time

	// rotation is that of the key's place beside another one; see [Store.StartRotation].
	rotation *rotation
}

// Equal reports whether k and l are the same key with the same expiry and seed.
func (k Key) Equal(l Key) bool {
	return k.ID == l.ID && k.Secret.Equal(l.Secret) && k.SessionToken.Equal(l.SessionToken) && k.Expires.Equal(l.Expires) && k.TOTP.Equal(l.TOTP)
}

// isID checks the shape of an access key id: 16 to 128 capital letters and digits.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html
func isID(s string) bool {
	other := func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }
	return len(s) >= 16 && len(s) <= 128 && !strings.ContainsFunc(s, other)
}

// IsID reports whether s has the form of an access key id. No secret access key has.
func IsID(s string) bool { return isID(s) }

// isVisible reports whether s is made of ASCII characters that can be seen.
func isVisible(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '!' || r > '~' })
}

// Check reports what AWS could not accept about k. Its error shows nothing of it.
func (k Key) Check() error {
	switch {
	case !isID(k.ID):
		return errors.New("the access key id must have 16 to 128 capital letters and digits, such as AKIA…")
	case k.Secret.Empty():
		return errors.New("the secret access key is empty")
	case !isVisible(k.Secret.Reveal()):
		return errors.New("the secret access key has blanks or other characters that it cannot have")
	case !k.SessionToken.Empty() && !isVisible(k.SessionToken.Reveal()):
		return errors.New("the session token has blanks or other characters that it cannot have")
	case strings.HasPrefix(k.ID, "ASIA") && k.SessionToken.Empty():
		return errors.New("an access key id ASIA… is of temporary credentials, whose session token is missing")
	case strings.HasPrefix(k.ID, "AKIA") && !k.SessionToken.Empty():
		return errors.New("an access key id AKIA… is of a long-term key, which has no session token")
	case k.SessionToken.Empty() && !k.Expires.IsZero():
		return errors.New("a long-term key has no expiration")
	}
	return nil
}

// Store keeps keys by name. Its methods may be called from any goroutine and
// from many processes at once; every call ends with its context.
type Store struct {
	backend
	what string
}

// backend has two implementations, ring and file, and mixed around one.
type backend interface {
	get(ctx context.Context, name string) (Key, error)
	// set stores what next makes of the text of the old key, nil for none.
	set(ctx context.Context, name string, next func(old []byte) (Key, error)) (replaced bool, err error)
	remove(ctx context.Context, name string) error
	names(ctx context.Context) ([]string, error)
	probe(ctx context.Context) (State, error)
	generation(ctx context.Context, name string) (string, error)
	generations(ctx context.Context) (string, error)
	watched() ([]string, bool)
	rotationLock() (path string, err error)
}

// Get returns the key called name, checked.
func (s *Store) Get(ctx context.Context, name string) (Key, error) {
	k, err := s.get(ctx, name)
	return k, named(name, err)
}

// Set stores k under name, reads it back and compares. On an error that does not
// wrap [ErrUnsure] the key that was there before is there still.
func (s *Store) Set(ctx context.Context, name string, k Key) error {
	_, err := s.Put(ctx, name, k)
	return err
}

// Stored is what [Store.Put] did beside storing a key.
type Stored struct {
	// Replaced: there was a key of that name.
	Replaced bool
	// KeptTOTP: the seed stored with that one is now with the new one.
	KeptTOTP bool
}

// Put is [Store.Set], and tells what else it did. A key that has no seed keeps that
// of the one it replaces: a seed is of a device, not of a key. A long-term key that
// does not say since when there is it has now been stored.
func (s *Store) Put(ctx context.Context, name string, k Key) (p Stored, err error) {
	now := time.Now() // once: what is stored is made twice, and compared
	p.Replaced, err = s.set(ctx, name, func(old []byte) (Key, error) {
		kept := k.keeping(old, now)
		p.KeptTOTP = k.TOTP.Empty() && !kept.TOTP.Empty()
		return kept, nil
	})
	return p, named(name, err)
}

// SetTOTP stores the seed of an MFA device beside the key called name, which
// stays as it is, and returns that key.
func (s *Store) SetTOTP(ctx context.Context, name string, seed secret.Text) (k Key, err error) {
	_, err = s.set(ctx, name, func(old []byte) (Key, error) {
		if old == nil {
			return Key{}, ErrNotFound
		}
		if k, err = usable(old, "in the keystore"); err == nil {
			k.TOTP = seed
		}
		return k, err
	})
	return k, named(name, err)
}

// keeping returns k, which is stored now, with what the old key has and it has not:
// the seed and, where they are the same key, since when there is it.
func (k Key) keeping(old []byte, now time.Time) Key {
	was, err := ParseKey(old)
	if err == nil && k.TOTP.Empty() {
		k.TOTP = was.TOTP
	}
	if err == nil && k.Created.IsZero() && k.ID == was.ID {
		k.Created = was.Created
	}
	// Temporary credentials have an expiry instead, and long tokens: Windows takes little more.
	if k.Created.IsZero() && k.SessionToken.Empty() {
		k.Created = now.UTC().Truncate(time.Second)
	}
	return k
}

// Remove forgets the key called name.
func (s *Store) Remove(ctx context.Context, name string) error {
	return named(name, s.remove(ctx, name))
}

// Names returns the names of the keys, sorted: the stored ones and those that other
// programs keep.
func (s *Store) Names(ctx context.Context) ([]string, error) {
	names, err := s.names(ctx)
	if err != nil {
		return nil, fmt.Errorf("keystore: %w", err)
	}
	return sorted(ofKeys(names)), nil
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}

// String says where the keys are, for messages.
func (s *Store) String() string { return s.what }

func named(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("key %q: %w", name, err)
}

// usable reads a stored key. Other programs write to a keystore too: what AWS
// could not take, or would be more than a key where it is printed, is none.
func usable(data []byte, where string) (Key, error) {
	k, err := parse(data)
	if err == nil {
		err = k.Check()
	}
	if err != nil {
		return Key{}, fmt.Errorf("%w, %s: %w", ErrDamaged, where, err)
	}
	return k, nil
}

// unsureError is why it is not known what came of a write.
type unsureError struct {
	cause error
	what  string
}

func (e *unsureError) Error() string   { return e.cause.Error() + ": " + e.what }
func (e *unsureError) Unwrap() []error { return []error{e.cause, ErrUnsure} }
