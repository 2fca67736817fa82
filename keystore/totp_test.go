package keystore

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"aws-connector/internal/secret"
)

// stores are an encrypted file and a keyring.
func stores(t *testing.T) map[string]*Store {
	return map[string]*Store{"file": usual(filepath.Join(t.TempDir(), "keys.age"), passphrase("p")), "keyring": rings(t, &memory{}, 1)[0]}
}

// A seed is added to a key, which stays as it is, and stays with the next one.
func TestSeedBesideAKey(t *testing.T) {
	seed, other := secret.New("CANARYSEED"), secret.New("CANARYOTHER")
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			if _, err := s.SetTOTP(t.Context(), "main", seed); !errors.Is(err, ErrNotFound) {
				t.Errorf("SetTOTP without a key = %v", err)
			}
			if names, err := s.Names(t.Context()); err != nil || len(names) > 0 {
				t.Errorf("Names = %q, %v: a seed alone was stored", names, err)
			}
			if p, err := s.Put(t.Context(), "main", long); err != nil || p != (Stored{}) {
				t.Errorf("Put = %+v, %v", p, err)
			}
			before := version(t, s, "main")
			if k, err := s.SetTOTP(t.Context(), "main", seed); err != nil || !k.TOTP.Equal(seed) || k.ID != long.ID || !k.Secret.Equal(long.Secret) {
				t.Errorf("SetTOTP = %+v, %v", k, err)
			}
			if version(t, s, "main") == before {
				t.Error("the generation is that of before")
			}
			if p, err := s.Put(t.Context(), "main", temp); err != nil || p != (Stored{Replaced: true, KeptTOTP: true}) {
				t.Errorf("Put over it = %+v, %v", p, err)
			}
			k, err := s.Get(t.Context(), "main")
			if err != nil || !k.TOTP.Equal(seed) || k.ID != temp.ID {
				t.Errorf("Get = %+v, %v, want the new key and the seed", k, err)
			}
			with := long
			with.TOTP = other
			if p, err := s.Put(t.Context(), "main", with); err != nil || p != (Stored{Replaced: true}) {
				t.Errorf("Put with a seed = %+v, %v", p, err)
			}
			if k, err = s.Get(t.Context(), "main"); err != nil || !k.Equal(with) || k.Equal(long) {
				t.Errorf("Get = %+v, %v", k, err)
			}
			if got := fmt.Sprintf("%+v %#v", k, k); strings.Contains(got, "CANARY") {
				t.Errorf("a key prints as %s", got)
			}
			// Without a key of before there is no seed of before.
			if err := s.Remove(t.Context(), "main"); err != nil {
				t.Fatal(err)
			}
			if p, err := s.Put(t.Context(), "main", long); err != nil || p != (Stored{}) {
				t.Errorf("Put = %+v, %v", p, err)
			}
		})
	}
}

// A key that another process stores meanwhile is neither lost nor written back.
func TestSeedForAKeyThatChanges(t *testing.T) {
	m := &memory{}
	all := rings(t, m, 2)
	if err := all[0].Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	reads := 0
	m.onGet = func(user string) error {
		if user != "main" {
			return nil
		}
		if reads++; reads == 2 { // with the lock held: not by a process like this one
			text, err := encode(numbered(1))
			if err != nil {
				return err
			}
			m.items["main"] = string(text)
		}
		return nil
	}
	if _, err := all[1].SetTOTP(t.Context(), "main", secret.New("CANARYSEED")); err == nil || !strings.Contains(err.Error(), "changed it meanwhile") {
		t.Errorf("SetTOTP = %v", err)
	}
	if k, err := all[0].Get(t.Context(), "main"); err != nil || k.ID != numbered(1).ID {
		t.Errorf("Get = %q, %v, want the other process's key", k.ID, err)
	}
}
