package keystore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// A keyring that fails, that loses or that keeps another text leaves the old key,
// or none where there was none.
func TestRingThatFails(t *testing.T) {
	for name, onSet := range map[string]func(user, value string) (string, error){
		"fails":   func(string, string) (string, error) { return "", errors.New("no") },
		"damages": func(string, string) (string, error) { return "damaged", nil },
	} {
		for _, was := range []bool{true, false} {
			m := &memory{}
			s := rings(t, m, 1)[0]
			if was {
				if err := s.Set(t.Context(), "main", long); err != nil {
					t.Fatal(err)
				}
			}
			before := version(t, s, "main")
			m.onSet = func(user, value string) (string, error) {
				if user != "main" || strings.Contains(value, long.ID) {
					return value, nil
				}
				return onSet(user, value)
			}
			if err := s.Set(t.Context(), "main", temp); err == nil || errors.Is(err, ErrUnsure) {
				t.Errorf("%s: Set = %v, want that it failed", name, err)
			}
			k, err := s.Get(t.Context(), "main")
			if was && (err != nil || !k.Equal(long)) || !was && !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: Get = %q, %v, want the key of before: %t", name, k.ID, err, was)
			}
			if names, err := s.Names(t.Context()); err != nil || len(names) > 0 != was {
				t.Errorf("%s: Names() = %q, %v", name, names, err)
			}
			// For a moment the new one may have been there, and read by whoever asked before.
			if version(t, s, "main") == before {
				t.Errorf("%s: the generation is that of before", name)
			}
		}
	}
}

// Nothing is written over what cannot be read.
func TestRingThatFailsBehindTheLock(t *testing.T) {
	m := &memory{}
	s := rings(t, m, 1)[0]
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	reads := 0
	failed := errors.New("no")
	m.onGet = func(user string) error {
		if reads++; reads == 2 { // the first is before the lock
			return failed
		}
		return nil
	}
	m.onSet = func(user, value string) (string, error) {
		t.Errorf("%s was written", user)
		return value, nil
	}
	if err := s.Set(t.Context(), "main", temp); err == nil || errors.Is(err, ErrUnsure) || reads != 2 {
		t.Errorf("Set = %v after %d reads, want that it failed", err, reads)
	}
	m.onGet, m.onSet = nil, nil
	if k, err := s.Get(t.Context(), "main"); err != nil || !k.Equal(long) {
		t.Errorf("Get = %q, %v, want the key of before", k.ID, err)
	}
}

// A list of names that others damaged is told, and made anew.
func TestRingWithADamagedList(t *testing.T) {
	m := &memory{}
	s := rings(t, m, 1)[0]
	for _, text := range []string{"CANARY", "{}", `["a"`, ""} {
		m.items[indexName] = text
		if names, err := s.Names(t.Context()); names != nil || err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("Names() of %q = %q, %v, want an error", text, names, err)
		}
		if err := s.Set(t.Context(), "main", long); err != nil {
			t.Fatal(err)
		}
		if names, err := s.Names(t.Context()); len(names) != 1 || err != nil {
			t.Errorf("Names() = %q, %v, want the key", names, err)
		}
	}
}

// Nobody can tell what a keyring kept that went away.
func TestRingThatGoesAway(t *testing.T) {
	m := &memory{}
	s := rings(t, m, 1)[0]
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	away := errors.New("dbus: connection closed by user")
	m.onSet = func(user, value string) (string, error) {
		m.onGet = func(string) error { return away }
		return "", away
	}
	if err := s.Set(t.Context(), "main", temp); !errors.Is(err, ErrUnsure) || !errors.Is(err, ErrUnavailable) {
		t.Errorf("Set = %v, want that it is not known", err)
	}
}

// A dialog that was dismissed is not opened again to put back what is there still.
func TestRingThatIsLockedMeanwhile(t *testing.T) {
	m := &memory{}
	s := rings(t, m, 1)[0]
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	sets := 0
	m.onSet = func(string, string) (string, error) {
		sets++
		return "", errors.New("failed to unlock correct collection")
	}
	if err := s.Set(t.Context(), "main", temp); !errors.Is(err, ErrLocked) || errors.Is(err, ErrUnsure) || sets != 1 {
		t.Errorf("Set = %v after %d writes, want %v after one", err, sets, ErrLocked)
	}
}

// What a keyring refuses at once it refuses before others are waited for.
func TestRingIsAskedBeforeTheLock(t *testing.T) {
	m := &memory{onGet: func(string) error { return errors.New("failed to unlock correct collection") }}
	s := rings(t, m, 1)[0]
	dir, err := s.backend.(*ring).state.dir(true)
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := lockBoth(filepath.Join(dir, lockName), false)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := s.Set(ctx, "main", long); !errors.Is(err, ErrLocked) {
		t.Errorf("Set = %v, want %v", err, ErrLocked)
	}
	if err := s.Remove(ctx, "main"); !errors.Is(err, ErrLocked) {
		t.Errorf("Remove = %v, want %v", err, ErrLocked)
	}
	ctx, cancel = context.WithCancel(t.Context())
	m.onGet = func(string) error { cancel(); return keyring.ErrNotFound }
	if err := s.Set(ctx, "main", long); !errors.Is(err, context.Canceled) {
		t.Errorf("Set = %v, want %v", err, context.Canceled)
	}
}

func TestRingThatRemovesNothing(t *testing.T) {
	m := &memory{}
	s := rings(t, m, 1)[0]
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	m.keeps = true
	if err := s.Remove(t.Context(), "main"); err == nil {
		t.Error("Remove = nil though the key is there")
	}
	if names, err := s.Names(t.Context()); err != nil || len(names) != 1 {
		t.Errorf("Names() = %q, %v, want the key", names, err)
	}
}

// Where there is no keyring, nothing is left in a home to say so.
func TestNoKeyring(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // other systems always have one
	}
	dir := filepath.Join(t.TempDir(), "state")
	s := System(SystemOptions{RuntimeDir: t.TempDir(), StateDir: dir})
	none := version(t, s, "main")
	if all(t, s) != none {
		t.Error("all keys have another generation than one, and there is none")
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the directory of the ledger: %v", err)
	}
	with := rings(t, &memory{}, 1)[0].backend.(*ring)
	with.state = newState(SystemOptions{StateDir: dir})
	if version(t, &Store{with, "memory"}, "main") == none {
		t.Error("a key in a keyring has the generation of none")
	}
	if version(t, s, "main") == none {
		t.Error("the ledger is not read where the keyring is away")
	}
}

// Without a place for the ledger no process like this one keeps anything: a key is
// stored all the same.
func TestRingWithoutAPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m := &memory{items: map[string]string{}}
	s := &Store{newRing(SystemOptions{Timeout: time.Minute, StateDir: filepath.Join(file, "state")}, m), "memory"}
	if g, err := s.Generation(t.Context(), "main"); !errors.Is(err, errNoPlace) {
		t.Errorf("Generation() = %q, %v, want %v", g, err, errNoPlace)
	}
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Error(err)
	}
	if k, err := s.Get(t.Context(), "main"); err != nil || !k.Equal(long) {
		t.Errorf("Get = %v, %v", k.ID, err)
	}
}
