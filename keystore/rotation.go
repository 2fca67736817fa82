package keystore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"aws-connector/internal/owned"
	"aws-connector/internal/secret"
)

// slotPrefix begins the name under which the key stands that is to replace another
// one. No key can be called so.
const slotPrefix = ".rotation."

var (
	// ErrChanged means that a key is no longer the one that was to be replaced.
	ErrChanged = errors.New("it was changed meanwhile")
	// ErrRotating means that another process is rotating a key.
	ErrRotating = errors.New("another process is rotating a key of this keystore")
)

// Rotation is an access key on its way into the place of another one of the same
// user. It is kept beside that until AWS knows the old one no longer, so that
// whoever comes after a crash knows what was done.
type Rotation struct {
	// User is the ARN of both keys' user.
	User string
	// Old is the key that is replaced, and New what replaces it: empty until AWS has
	// made it.
	Old string
	New Key
	// Known are the ids of the keys that the user had before, and Began is when, by
	// AWS's clock.
	Known []string
	Began time.Time
	// Keep means that the old key is deactivated and not deleted.
	Keep bool
}

// rotation is a Rotation beside the key that it has.
type rotation struct {
	User, Old string
	Known     []string
	Began     time.Time
	Keep      bool `json:",omitempty"`
}

// slot is the name of what is kept of a key's rotation.
func slot(name string) string { return slotPrefix + name }

func isSlot(name string) bool { return strings.HasPrefix(name, slotPrefix) }

// ofKeys leaves out the names that are of no key.
func ofKeys(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), isSlot)
}

// Rotation returns the unfinished rotation of the key called name. Its error wraps
// [ErrNotFound] where there is none.
func (s *Store) Rotation(ctx context.Context, name string) (Rotation, error) {
	k, err := s.get(ctx, slot(name))
	if err == nil && k.rotation == nil {
		err = ErrDamaged
	}
	if err != nil {
		return Rotation{}, fmt.Errorf("rotation of key %q: %w", name, err)
	}
	r := Rotation{User: k.rotation.User, Old: k.rotation.Old, Known: k.rotation.Known, Began: k.rotation.Began, Keep: k.rotation.Keep}
	if k.ID != r.Old {
		k.rotation = nil
		r.New = k
	}
	return r, nil
}

// StartRotation keeps, beside the key called name, that another one is asked for.
func (s *Store) StartRotation(ctx context.Context, name string, r Rotation) error {
	// There is no new key yet, and a place in a keystore has one.
	r.New = Key{ID: r.Old, Secret: secret.New("none")}
	return s.keepRotation(ctx, name, r)
}

// StoreRotated keeps r with its new key beside the key called name, reads it back
// and compares.
func (s *Store) StoreRotated(ctx context.Context, name string, r Rotation) error {
	if err := s.keepRotation(ctx, name, r); err != nil {
		return err
	}
	back, err := s.Rotation(ctx, name)
	if err == nil && !back.New.Equal(r.New) {
		err = errors.New("what was stored cannot be read back")
	}
	return err
}

func (s *Store) keepRotation(ctx context.Context, name string, r Rotation) error {
	k := r.New
	k.rotation = &rotation{User: r.User, Old: r.Old, Known: r.Known, Began: r.Began.UTC(), Keep: r.Keep}
	_, err := s.set(ctx, slot(name), func([]byte) (Key, error) { return k, nil })
	if err != nil {
		return fmt.Errorf("rotation of key %q: %w", name, err)
	}
	return nil
}

// EndRotation forgets the rotation of the key called name, if there is one.
func (s *Store) EndRotation(ctx context.Context, name string) error {
	if err := s.remove(ctx, slot(name)); err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("rotation of key %q: %w", name, err)
	}
	return nil
}

// Rotations returns the names of the keys whose rotation is unfinished, sorted.
func (s *Store) Rotations(ctx context.Context) ([]string, error) {
	all, err := s.names(ctx)
	if err != nil {
		return nil, fmt.Errorf("keystore: %w", err)
	}
	var names []string
	for _, n := range sorted(slices.Clone(all)) {
		name, ok := strings.CutPrefix(n, slotPrefix)
		if !ok {
			continue
		}
		// A crash may leave a name in the keyring's list that has nothing.
		if _, err := s.Rotation(ctx, name); !errors.Is(err, ErrNotFound) {
			names = append(names, name)
		}
	}
	return names, nil
}

// Exchange stores k in the place of the key called name, if that has the id old. The
// seed that was stored with the old key stays. Its error wraps [ErrChanged] where
// there is another key by now, or none.
func (s *Store) Exchange(ctx context.Context, name, old string, k Key) error {
	k.rotation = nil
	stored := time.Now() // once, as in Put
	_, err := s.set(ctx, name, func(was []byte) (Key, error) {
		if now, err := ParseKey(was); err != nil || now.ID != old {
			return Key{}, ErrChanged
		}
		return k.keeping(was, stored), nil
	})
	return named(name, err)
}

// LockRotation keeps other processes from rotating a key of this keystore, and
// nothing else. It waits for nobody: its error wraps [ErrRotating] while another
// one does. Where there are no locks it is as good as one.
func (s *Store) LockRotation() (unlock func(), err error) {
	path, err := s.rotationLock()
	if err == nil {
		unlock, err = lockFile(path, false)
	}
	switch {
	case errors.Is(err, errBusy):
		return nil, ErrRotating
	case errors.Is(err, errNoLocks), errors.Is(err, errNoPlace):
		return func() {}, nil
	case err != nil:
		return nil, fmt.Errorf("keystore: %w", err)
	}
	return unlock, nil
}

// rotationLock is beside the file itself, to which the links of several homes may lead.
func (f *file) rotationLock() (string, error) {
	target, err := f.target()
	if err == nil {
		err = owned.MkdirAll(filepath.Dir(target))
	}
	return target + ".rotation.lock", err
}

func (r *ring) rotationLock() (string, error) {
	dir, err := r.state.dir(true)
	return filepath.Join(dir, "rotation.lock"), err
}
