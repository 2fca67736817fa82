package keystore

import (
	"os"
	"testing"
)

// A process that runs for days, as serve does, opens the file by the identity that
// is there now.
func TestIdentityThatChanges(t *testing.T) {
	first, second := x25519(t), x25519(t)
	s := by(t, first.String(), askNobody(t))
	f := s.backend.(*file)
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	put(t, f.Identity, second.String())
	put(t, f.path, seal(t, "{}", second.Recipient()))
	if err := s.Set(t.Context(), "other", long); err != nil {
		t.Fatalf("Set once both were changed: %v", err)
	}
	if _, err := again(s).Get(t.Context(), "other"); err != nil {
		t.Error(err)
	}
	if err := os.Remove(f.Identity); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "other"); err != nil {
		t.Errorf("once the identity is gone: %v", err)
	}
}
