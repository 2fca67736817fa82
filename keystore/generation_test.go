package keystore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/secret"
)

// versions asks twice: what is not stable is no generation.
func version(t *testing.T, s *Store, name string) string {
	t.Helper()
	g, err := s.Generation(t.Context(), name)
	again, err2 := s.Generation(t.Context(), name)
	if err != nil || err2 != nil || g != again || g == "" {
		t.Fatalf("Generation(%q) = %q, %v, then %q, %v", name, g, err, again, err2)
	}
	return g
}

func all(t *testing.T, s *Store) string {
	t.Helper()
	g, err := s.Generations(t.Context())
	if err != nil || g == "" {
		t.Fatalf("Generations() = %q, %v", g, err)
	}
	return g
}

// What is done to a key changes its generation, and none comes twice, the one of
// the same key stored again included.
func TestGeneration(t *testing.T) {
	for name, s := range map[string]*Store{"ring": withMemory(t, &memory{}), "file": fileStore(t)} {
		t.Run(name, func(t *testing.T) {
			seen, seenAll := map[string]bool{}, map[string]bool{}
			look := func(after string) {
				t.Helper()
				if g := version(t, s, "main"); seen[g] {
					t.Errorf("the generation after %s is an old one", after)
				} else {
					seen[g] = true
				}
				if g := all(t, s); seenAll[g] {
					t.Errorf("the generation of all keys after %s is an old one", after)
				} else {
					seenAll[g] = true
				}
			}
			look("nothing")
			for range 3 {
				if err := s.Set(t.Context(), "main", long); err != nil {
					t.Fatal(err)
				}
				look("Set")
			}
			if err := s.Remove(t.Context(), "main"); err != nil {
				t.Fatal(err)
			}
			look("Remove")
			before := all(t, s)
			if err := s.Set(t.Context(), "other", long); err != nil {
				t.Fatal(err)
			}
			if all(t, s) == before {
				t.Error("the generation of all keys is the same after another key was stored")
			}
		})
	}
}

func TestGenerationOfARingIsOfOneKey(t *testing.T) {
	s := withMemory(t, &memory{})
	before := version(t, s, "main")
	if err := s.Set(t.Context(), "other", long); err != nil {
		t.Fatal(err)
	}
	if version(t, s, "main") != before {
		t.Error("a key stored changes the generation of another")
	}
}

// A warm answer asks neither the keyring nor a person.
func TestGenerationAsksNobody(t *testing.T) {
	m := &memory{onGet: func(string) error { t.Error("asked the keyring"); return nil }}
	version(t, withMemory(t, m), "main")
	s := fileStore(t)
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	version(t, usual(s.backend.(*file).path, func(context.Context, Asked) (secret.Text, error) {
		t.Error("asked for the passphrase")
		return secret.Text{}, errors.New("no")
	}), "main")
}

func TestGenerationOfAFileThatIsReplaced(t *testing.T) {
	s := fileStore(t)
	path := s.backend.(*file).path
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	first := version(t, s, "main")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	// Of the same size and age, under the same name: as a backup or a sync leaves it.
	for _, change := range []func() error{
		func() error { return os.WriteFile(path, []byte(strings.ToUpper(string(data))), 0o600) },
		func() error { return os.WriteFile(path+"2", []byte(strings.ToLower(string(data))), 0o600) },
		func() error { return os.Rename(path+"2", path) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
	if version(t, s, "main") == first {
		t.Error("another file has the generation of the first")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if version(t, s, "main") == first {
		t.Error("no file has the generation of the first")
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if version(t, s, "main") == first {
		t.Error("a copy has the generation of the first")
	}
	// In one tick of the clock nothing but the content tells.
	before := ""
	for i := range 50 {
		if err := os.WriteFile(path, fmt.Append(nil, 1000+i), 0o600); err != nil {
			t.Fatal(err)
		}
		g, err := s.Generation(t.Context(), "main")
		if g == before || err != nil {
			t.Errorf("Generation() = %q, %v after another content", g, err)
		}
		before = g
	}
	copied := quick(filepath.Join(t.TempDir(), "keys.age"), passphrase("correct"))
	if version(t, copied, "main") == version(t, s, "main") {
		t.Error("two files have one generation")
	}
}

// Without a trustworthy ledger there is no generation, and so nothing is kept.
func TestGenerationThatCannotBeTold(t *testing.T) {
	dir := t.TempDir()
	s := &Store{newRing(SystemOptions{Timeout: time.Minute, StateDir: filepath.Join(dir, "state")}, &memory{items: map[string]string{}}), "memory"}
	first := version(t, s, "main")
	path := filepath.Join(dir, "state", ledgerName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// A ledger that is gone, damaged or cut is made anew, and never the same.
	for _, content := range []string{"", "x", strings.TrimSuffix(string(text), ledgerEnd+"\n"), strings.Replace(string(text), ledgerEnd, "main\n"+ledgerEnd, 1)} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if content != "" {
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if version(t, s, "main") == first {
			t.Errorf("the ledger %q has the generation of the first", content)
		}
	}
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(t.Context(), "other", long); err != nil {
		t.Errorf("Set beside a damaged ledger = %v", err)
	}
	// Alone, where no lock keeps others from writing over this.
	before, err := readLedger(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := setLine(filepath.Dir(path), "main", "id", true); err != nil {
		t.Fatal(err)
	}
	if after, err := readLedger(filepath.Dir(path)); err != nil || after.epoch == before.epoch || after.keys["main"] != "id" {
		t.Errorf("a writer that is alone left %v, %v, want a new epoch", after, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if g, err := s.Generation(t.Context(), "main"); err == nil {
		t.Errorf("Generation() = %q where the ledger is a directory", g)
	}
	if err := s.Set(t.Context(), "main", long); err == nil {
		t.Error("Set stored a key though its generation cannot be changed")
	}
	if _, err := s.Get(t.Context(), "main"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Get = %v, want %v", err, ErrNotFound)
	}
}

func BenchmarkGeneration(b *testing.B) {
	s := &Store{newRing(SystemOptions{StateDir: filepath.Join(b.TempDir(), "state")}, &memory{}), "memory"}
	for b.Loop() {
		if _, err := s.Generation(b.Context(), "main"); err != nil {
			b.Fatal(err)
		}
	}
}

// A key is of the generation that was taken before, though the directory is changed
// for another one and back meanwhile.
func TestSteady(t *testing.T) {
	root := t.TempDir()
	link := filepath.Join(root, "now")
	become := func(dir string) {
		t.Helper()
		if err := errors.Join(os.RemoveAll(link), os.Symlink(filepath.Join(root, dir), link)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	pass := func(context.Context, Asked) (secret.Text, error) { return secret.New("p"), nil }
	s := usual(filepath.Join(link, "keys.age"), pass)
	for dir, k := range map[string]Key{"alice": long, "bob": {ID: "AKIABOBBOBBOBBOBBOBB", Secret: secret.New("s")}} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
		become(dir)
		if err := s.Set(t.Context(), "main", k); err != nil {
			t.Fatal(err)
		}
	}
	become("alice")
	ctx := Steady(t.Context())
	was, err := s.Generation(ctx, "main")
	if err != nil {
		t.Fatal(err)
	}
	become("bob")
	if k, err := s.Get(ctx, "main"); err != nil || !k.Equal(long) {
		t.Errorf("the key of the generation is %s, %v, want alice's", k.ID, err)
	}
	if k, err := s.Get(t.Context(), "main"); err != nil || k.Equal(long) {
		t.Errorf("the next call has %s, %v, want bob's", k.ID, err)
	}
	become("alice")
	if now, err := s.Generation(ctx, "main"); now != was || err != nil {
		t.Errorf("Generation = %q, %v, want %q", now, err, was)
	}
}
