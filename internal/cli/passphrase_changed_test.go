package cli

import (
	"os"
	"path/filepath"
	"testing"

	"aws-connector/internal/connector"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

// A process that runs for days, as serve does, takes the passphrase that is in the
// file now: a secret that is mounted is changed under it.
func TestPassphraseFileThatChanges(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "passphrase")
	t.Setenv(passphraseFileVariable, path)
	f := connector.File{Path: filepath.Join(dir, "connectors.toml"), Keystore: "file"}
	write := func(pass string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(pass), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stored := func() {
		t.Helper()
		if err := new(App).fileStore(f).Set(t.Context(), "main", keystore.Key{ID: "AKIAIOSFODNN7EXAMPLE", Secret: secret.New("CANARY")}); err != nil {
			t.Fatal(err)
		}
	}
	write("one")
	stored()
	store := new(App).fileStore(f)
	if _, err := store.Get(t.Context(), "main"); err != nil {
		t.Fatal(err)
	}
	write("two")
	if err := os.Remove(keysPath(f)); err != nil {
		t.Fatal(err)
	}
	stored()
	if _, err := store.Get(t.Context(), "main"); err != nil {
		t.Errorf("after passphrase and file were changed: %v", err)
	}
}

// What cannot be read now may be there later; a pipe that said nothing is not asked again.
func TestPassphraseThatIsNotThereYet(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "passphrase")
	s := new(App).fileSource("a test", path)
	if _, err := s.read(t.Context()); err == nil {
		t.Error("there was one")
	}
	if err := os.WriteFile(path, []byte("correct"), 0o600); err != nil {
		t.Fatal(err)
	}
	if pass, err := s.read(t.Context()); err != nil || pass.Reveal() != "correct" {
		t.Errorf("once it is there: %v", err)
	}
}
