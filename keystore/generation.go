package keystore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Generation names the version of the key called name, and the keystore that
// has it: another one once the key was stored anew or removed and, where the
// keystore is a file, once the file was replaced by whatever means.
//
// Who keeps what was made from a key keeps it under the generation that was
// taken before the key was read; so nothing made from the key of before is found
// again. It is had from files, without a passphrase, a keyring, a bus or the
// network. On an error nothing may be kept, and nothing that was kept be used.
func (s *Store) Generation(ctx context.Context, name string) (string, error) {
	g, err := s.generation(ctx, name)
	return g, named(name, err)
}

// Generations is [Store.Generation] of all keys at once.
func (s *Store) Generations(ctx context.Context) (string, error) {
	g, err := s.generations(ctx)
	if err != nil {
		return "", fmt.Errorf("keystore: %w", err)
	}
	return g, nil
}

// Watched returns the files and directories that [Store.Generation] of a stored key
// is had from: as long as none of them changes, neither does that. False means that
// it cannot be told by files, and of a key that another program keeps it never can.
func (s *Store) Watched() ([]string, bool) { return s.watched() }

// watched is the path alone, though links may lead from it: what is found there is
// what the last of them leads to, and has another stamp once one leads elsewhere.
func (f *file) watched() ([]string, bool) { return []string{f.path}, true }

func (r *ring) watched() ([]string, bool) {
	paths := accountFiles()
	found := false
	// One that cannot be used now is passed over, and may be used later.
	for _, dir := range r.state.dirs() {
		ledger := filepath.Join(dir, ledgerName)
		paths = append(paths, dir, ledger)
		if checkState(dir) == nil {
			_, err := os.Lstat(ledger)
			if found = err == nil; found {
				break
			}
		}
	}
	return paths, found
}

// generation is the same for all keys: what age writes differs each time, so the
// content tells versions apart that one tick of the file system's clock made.
func (f *file) generation(ctx context.Context, _ string) (string, error) { return f.generations(ctx) }

func (f *file) generations(ctx context.Context) (string, error) {
	_, version, err := f.read(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return version, err
}

// read returns the encrypted file and its generation; there is one of no file too.
func (f *file) read(ctx context.Context) (data []byte, version string, err error) {
	v, ok := ctx.Value(viewKey{}).(*view)
	if !ok {
		return f.look()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	seen, ok := v.files[f.path]
	if !ok {
		seen.data, seen.version, seen.err = f.look()
		v.files[f.path] = seen
	}
	return seen.data, seen.version, seen.err
}

func (f *file) look() (data []byte, version string, err error) {
	data, stamp, err := readLinked(f.path, maxKeysFile)
	if errors.Is(err, fs.ErrNotExist) {
		target, targetErr := f.target()
		if targetErr != nil {
			return nil, "", targetErr
		}
		return nil, fmt.Sprintf("file %q absent", target), err
	}
	if err != nil {
		return nil, "", err
	}
	return data, fmt.Sprintf("file %q %s %x", f.path, stamp, sha256.Sum256(data)), nil
}

// Steady returns a context in which a [File] is what it was when it was first
// read: a key is then of the generation that was taken before, though a directory
// on the way be changed for another and back meanwhile. It is for reading alone.
func Steady(ctx context.Context) context.Context {
	return context.WithValue(ctx, viewKey{}, &view{files: map[string]seen{}})
}

type viewKey struct{}

type view struct {
	mu    sync.Mutex
	files map[string]seen
}

type seen struct {
	data    []byte
	version string
	err     error
}

func (r *ring) generation(_ context.Context, name string) (string, error) {
	l, err := r.state.read(name, r.reachable())
	if r.isNone(err) {
		return noKeyring, nil
	}
	if err != nil {
		return "", err
	}
	return l.generation(name)
}

func (r *ring) generations(context.Context) (string, error) {
	l, err := r.state.read("", r.reachable())
	if r.isNone(err) {
		return noKeyring, nil
	}
	if err != nil {
		return "", err
	}
	for name := range l.keys {
		if isSlot(name) {
			delete(l.keys, name) // no session is made from it
			continue
		}
		if _, err := l.generation(name); err != nil {
			return "", fmt.Errorf("key %q: %w", name, err)
		}
	}
	return fmt.Sprintf("keyring %x", sha256.Sum256([]byte(l.String()))), nil
}

// noKeyring is the generation where there is no keyring to have a key: on a server
// nothing is left in anybody's home. Nothing can be made from a key then, and once
// there is a keyring there is a ledger.
const noKeyring = "no keyring"

func (r *ring) isNone(err error) bool { return errors.Is(err, errNoPlace) && !r.reachable() }
