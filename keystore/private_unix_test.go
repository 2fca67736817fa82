//go:build !windows

package keystore

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestPassphraseFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good", "correct horse \r\n", 0o600)
	if p, err := PassphraseFile(good); err != nil || p.Reveal() != "correct horse " {
		t.Errorf("PassphraseFile = %q, %v", p.Reveal(), err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(good, link); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"absent": filepath.Join(dir, "absent"), "directory": dir, "link": link,
		"readable by others": write("loose", "p", 0o644), "empty": write("empty", "\n", 0o600), "two lines": write("two", "a\nb\n", 0o600),
	} {
		if _, err := PassphraseFile(path); !errors.Is(err, ErrPassphraseFile) {
			t.Errorf("%s: PassphraseFile = %v, want %v", name, err, ErrPassphraseFile)
		}
	}
}

func TestLooseKeysFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.age")
	s := quick(path, passphrase("p"))
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "main"); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("Get from a loose file = %v", err)
	}
}
