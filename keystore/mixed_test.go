package keystore

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// An encrypted file is made, unlocked and locked as without them where other programs
// keep keys beside it.
func TestMixedStoreIsAFile(t *testing.T) {
	programs := map[string]Process{"work": printed("AKIAAAAAAAAAAAAAAAAA", "1")}
	path := filepath.Join(t.TempDir(), "keys.age")
	s := quick(path, passphrase("p")).With(programs)
	if made, err := s.Make(t.Context()); !made || err != nil {
		t.Errorf("Make = %v, %v", made, err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	_, unlock := s.Unlock(t.Context(), time.Minute)
	_, lock := s.Lock(t.Context())
	_, _, unlocked := s.Unlocked(t.Context())
	for what, err := range map[string]error{"Unlock": unlock, "Lock": lock, "Unlocked": unlocked} {
		if err != nil && !errors.Is(err, ErrNoKernelKeyring) {
			t.Errorf("%s: %v", what, err)
		}
	}
	ring := withMemory(t, &memory{}).With(programs)
	if _, err := ring.Unlock(t.Context(), time.Minute); !errors.Is(err, errNotAFile) {
		t.Errorf("Unlock of a keyring: %v", err)
	}
	if made, err := ring.Make(t.Context()); made || err != nil {
		t.Errorf("Make of a keyring = %v, %v", made, err)
	}
}

// Nobody is offered the name under which an unfinished rotation is kept.
func TestSlotIsNoName(t *testing.T) {
	for kind, s := range map[string]*Store{"ring": withMemory(t, &memory{}), "file": fileStore(t)} {
		if err := s.Set(t.Context(), "main", long); err != nil {
			t.Fatal(err)
		}
		if err := s.StartRotation(t.Context(), "main", Rotation{User: "u", Old: long.ID, Known: []string{long.ID}}); err != nil {
			t.Fatal(err)
		}
		_, err := s.Get(t.Context(), "mian")
		var missing *NotFoundError
		if !errors.As(err, &missing) || !slices.Equal(missing.Known, []string{"main"}) {
			t.Errorf("%s: Get: %v, with %+v", kind, err, missing)
		}
		for what, names := range map[string][]string{"Known": s.Known(), "Known beside a program": s.With(map[string]Process{"main": printed(long.ID, "1")}).Known()} {
			if slices.ContainsFunc(names, isSlot) {
				t.Errorf("%s: %s() = %q", kind, what, names)
			}
		}
	}
}

// One key is rotated by one process, by whatever link it finds the file.
func TestRotationLockIsOfTheFile(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "keys.age"), filepath.Join(t.TempDir(), "keys.age")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err) // Windows
	}
	unlock, err := quick(path, passphrase("p")).LockRotation()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if _, err := quick(link, passphrase("p")).LockRotation(); !errors.Is(err, ErrRotating) {
		t.Errorf("LockRotation by a link: %v", err)
	}
}
