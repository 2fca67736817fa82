package keystore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
			version(t, s, "main")
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
