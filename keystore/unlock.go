package keystore

import (
	"context"
	"errors"
	"time"
)

// ErrNoKernelKeyring means that nothing can be kept open here: the kernel has no
// keyring for it, or a sandbox refuses it.
var ErrNoKernelKeyring = errors.New("no kernel keyring to keep it open in")

// errNotAFile is for the OS keyring, which the desktop unlocks.
var errNotAFile = errors.New("only an encrypted file is unlocked and locked here; the desktop unlocks the OS keyring")

// openable is a backend that can stay open.
type openable interface {
	unlock(ctx context.Context, d time.Duration) (until time.Time, err error)
	lock(ctx context.Context) (wasOpen bool, err error)
	unlocked(ctx context.Context) (until time.Time, ok bool, err error)
}

// Unlock opens the encrypted file and keeps it open for d, for this user's
// processes alone: they ask for no passphrase meanwhile, not even to store keys.
func (s *Store) Unlock(ctx context.Context, d time.Duration) (until time.Time, err error) {
	b, ok := s.backend.(openable)
	if !ok {
		return time.Time{}, errNotAFile
	}
	return b.unlock(ctx, d)
}

// Lock forgets what keeps the encrypted file open.
func (s *Store) Lock(ctx context.Context) (wasOpen bool, err error) {
	b, ok := s.backend.(openable)
	if !ok {
		return false, errNotAFile
	}
	return b.lock(ctx)
}

// Unlocked tells whether the encrypted file is open, and until when. Its error
// wraps [ErrNoKernelKeyring] where it can never be.
func (s *Store) Unlocked(ctx context.Context) (until time.Time, ok bool, err error) {
	b, isFile := s.backend.(openable)
	if !isFile {
		return time.Time{}, false, errNotAFile
	}
	return b.unlocked(ctx)
}

func (f *file) unlock(context.Context, time.Duration) (time.Time, error) {
	return time.Time{}, ErrNoKernelKeyring
}

func (f *file) lock(context.Context) (bool, error) { return false, ErrNoKernelKeyring }

func (f *file) unlocked(context.Context) (time.Time, bool, error) {
	return time.Time{}, false, ErrNoKernelKeyring
}
