package keystore

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"aws-connector/internal/secret"
)

// A cleaner that removes the lock file lets writers in side by side; none of them
// may lose what another stored.
func TestLockFileThatIsRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.age")
	const writers = 24
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				os.Remove(path + ".lock")
			}
		}
	}()
	var wait sync.WaitGroup
	for i := range writers {
		wait.Go(func() {
			if err := quick(path, passphrase("p")).Set(t.Context(), fmt.Sprint("k", i), long); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	close(stop)
	<-stopped
	if names, err := quick(path, passphrase("p")).Names(t.Context()); err != nil || len(names) != writers {
		t.Errorf("%d names are there, %v, want %d", len(names), err, writers)
	}
}

// What replaces the file while it is edited, without our lock, is not written over.
func TestFileThatIsReplacedMeanwhile(t *testing.T) {
	s := fileStore(t)
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	f := s.backend.(*file)
	other := quick(filepath.Join(t.TempDir(), "keys.age"), passphrase("correct"))
	for _, name := range []string{"main", "synced"} {
		if err := other.Set(t.Context(), name, temp); err != nil {
			t.Fatal(err)
		}
	}
	times := 0
	err := f.edit(t.Context(), func(keys map[string]json.RawMessage) error {
		if times++; times == 1 {
			if err := os.Rename(other.backend.(*file).path, f.path); err != nil {
				return err
			}
		}
		keys["mine"] = keys["main"]
		return nil
	})
	if names, namesErr := s.Names(t.Context()); err != nil || namesErr != nil || !slices.Equal(names, []string{"main", "mine", "synced"}) {
		t.Errorf("edit = %v, then Names() = %q, %v", err, names, namesErr)
	}
	if k, err := s.Get(t.Context(), "mine"); err != nil || !k.Equal(temp) {
		t.Errorf("Get = %q, %v, want what was made from the file that is there", k.ID, err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(f.path), ".keys-*")); len(left) > 0 || err != nil {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// A writer that was killed before its file took the place of the old one leaves an
// encrypted copy: the next one removes it, and nothing else.
// What was written takes no place before it is read back.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	s := fileStore(t)
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	f := s.backend.(*file)
	plain := []byte(`{"a":1}`)
	good, err := f.encrypt(plain)
	if err != nil {
		t.Fatal(err)
	}
	other, err := f.encrypt([]byte(`{"a":2}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		data []byte
		pass string
		ok   bool
	}{
		"good": {good, "correct", true}, "other keys": {other, "correct", false}, "another passphrase": {good, "wrong", false},
		"cut": {good[:len(good)-1], "correct", false}, "nothing": {nil, "correct", false}, "absent": {nil, "", false},
	} {
		temp := filepath.Join(t.TempDir(), "temp")
		if test.pass != "" {
			if err := os.WriteFile(temp, test.data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		pass := secret.New(test.pass)
		f.pass = &pass
		if err := f.compare(t.Context(), temp, plain); (err == nil) != test.ok {
			t.Errorf("%s: compare = %v, want success: %t", name, err, test.ok)
		}
	}
}

// A file that does not take its place is an error, as is one in whose place nobody can look.
func TestReplaceFails(t *testing.T) {
	s := fileStore(t)
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	f := s.backend.(*file)
	g := version(t, s, "main")
	gone, err := writeKeys(f.path, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	drop(gone)
	if err := f.replace(t.Context(), gone, f.path, g, []byte("x")); err == nil || errors.Is(err, errReplaced) {
		t.Errorf("replace by a file that is gone = %v", err)
	}
	if k, err := s.Get(t.Context(), "main"); err != nil || !k.Equal(long) {
		t.Errorf("Get = %q, %v", k.ID, err)
	}
	if err := errors.Join(os.Remove(f.path), os.Mkdir(f.path, 0o700)); err != nil {
		t.Fatal(err)
	}
	if g, err := s.Generation(t.Context(), "main"); g != "" || err == nil {
		t.Errorf("Generation() of a directory = %q, %v", g, err)
	}
	temp, err := writeKeys(f.path, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	defer drop(temp)
	if err := f.replace(t.Context(), temp, f.path, "", []byte("x")); err == nil || errors.Is(err, errReplaced) {
		t.Errorf("replace of a directory = %v", err)
	}
}

func TestCopiesOfKilledWritersAreRemoved(t *testing.T) {
	s := fileStore(t)
	path := s.backend.(*file).path
	dir := filepath.Dir(path)
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	copied, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, content string) string {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	left := []string{
		filepath.Base(tempName(dir, tempOfKeys)), filepath.Base(tempName(dir, tempOfKeys)),
	}
	write(left[0], string(copied))
	write(left[1], "")
	foreign := []string{
		write(filepath.Base(tempName(dir, tempOfKeys)), "another program's"),
		write(filepath.Base(tempName(dir, "notkeys")), string(copied)),
		write(".keys-2026", string(copied)), write(".keys-backup.tmp", string(copied)), write("keys.age.old", string(copied)),
	}
	link := filepath.Base(tempName(dir, tempOfKeys))
	if err := os.Symlink(filepath.Join(dir, "keys.age.old"), filepath.Join(dir, link)); err == nil {
		foreign = append(foreign, link)
	}
	if err := s.Set(t.Context(), "other", long); err != nil {
		t.Fatal(err)
	}
	var names []string
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	slices.Sort(names)
	want := append(foreign, "keys.age", "keys.age.lock")
	slices.Sort(want)
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("left are %q, %v, want %q", names, err, want)
	}
}

// Other programs write to a keystore too: what is no key is not handed out.
func TestStoredKeysAreChecked(t *testing.T) {
	m := &memory{}
	for name, s := range map[string]*Store{"ring": withMemory(t, m), "file": fileStore(t)} {
		for _, bad := range []struct{ id, secret, token string }{
			{"AKIAIOSFODNN7EXAMPLE\n", "s", ""}, {"AKIAIOSFODNN7EXA\x1b[2J", "s", ""}, {"AKIAIOSFODNN7EXAMPLE", "s\nt", ""},
			{"AKIAIOSFODNN7EXAMPLE", "s\u009b2J", ""}, {"AKIAIOSFODNN7EXAMPLE", "s\u202et", ""}, {"AKIAIOSFODNN7EXAMPLE", "s t", ""},
			{"ASIAIOSFODNN7EXAMPLE", "s", "t\r\nu"}, {"ASIAIOSFODNN7EXAMPLE", "s", "t\u2066u"}, {"akiaiosfodnn7example", "s", ""},
		} {
			members := map[string]string{"AccessKeyId": bad.id, "SecretAccessKey": bad.secret}
			if bad.token != "" {
				members["SessionToken"] = bad.token
			}
			raw, err := json.Marshal(members)
			if err != nil {
				t.Fatal(err)
			}
			if f, ok := s.backend.(*file); ok {
				err = f.edit(t.Context(), func(keys map[string]json.RawMessage) error { keys["main"] = raw; return nil })
			} else {
				err = m.Set(service, "main", string(raw))
			}
			if err != nil {
				t.Fatal(err)
			}
			k, err := s.Get(t.Context(), "main")
			if !errors.Is(err, ErrDamaged) || !k.Equal(Key{}) {
				t.Errorf("%s: Get of %q = %v, want %v", name, bad, err, ErrDamaged)
			}
			if err != nil && strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r > '~' && r != '…' }) {
				t.Errorf("%s: the error %q shows what was stored", name, err)
			}
		}
		// It can be replaced and removed.
		if put, err := s.Put(t.Context(), "main", long); err != nil || !put.Replaced {
			t.Errorf("%s: Put over it = %t, %v", name, put.Replaced, err)
		}
		if err := s.Remove(t.Context(), "main"); err != nil {
			t.Errorf("%s: Remove = %v", name, err)
		}
	}
}
