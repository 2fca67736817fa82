package keystore

import (
	"testing"
	"time"
)

// A file is unlocked and locked, though other programs keep keys beside it.
func TestUnlockBesideProcesses(t *testing.T) {
	s := by(t, x25519(t).String(), askNobody(t)).With(map[string]Process{"work": printed("AKIAAAAAAAAAAAAAAAAA", "1")})
	if made, err := s.Make(t.Context()); !made || err != nil {
		t.Fatalf("Make() = %t, %v", made, err)
	}
	if until, err := s.Unlock(t.Context(), time.Hour); err != nil || !until.IsZero() {
		t.Errorf("Unlock() = %v, %v", until, err)
	}
	if _, ok, err := s.Unlocked(t.Context()); err != nil || !ok {
		t.Errorf("Unlocked() = %t, %v", ok, err)
	}
	ring := (&Store{sealed{t: t}, "sealed"}).With(map[string]Process{"work": printed("AKIAAAAAAAAAAAAAAAAA", "1")})
	if _, err := ring.Unlock(t.Context(), time.Hour); err != errNotAFile {
		t.Errorf("Unlock() of what is no file = %v", err)
	}
}
