//go:build !windows

package keystore

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"aws-connector/internal/owned"
)

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

// Root makes nothing in another user's home: the user could not use it, and
// decides there which file a name stands for.
func TestRootInAnotherUsersHome(t *testing.T) {
	if os.Geteuid() != 0 {
		return // another user's cannot be made, and the system refuses by itself
	}
	home := t.TempDir()
	const nobody = 65534
	if err := os.Chown(home, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	s := quick(filepath.Join(home, ".config", "aws-connector", "keys.age"), passphrase("p"))
	if err := s.Set(t.Context(), "main", long); !errors.Is(err, owned.ErrForeign) {
		t.Errorf("Set = %v, want %v", err, owned.ErrForeign)
	}
	r := &Store{newRing(SystemOptions{Timeout: time.Minute, StateDir: filepath.Join(home, "state")}, &memory{items: map[string]string{}}), "memory"}
	if g, err := r.Generation(t.Context(), "main"); !errors.Is(err, owned.ErrForeign) {
		t.Errorf("Generation() = %q, %v, want %v", g, err, owned.ErrForeign)
	}
	if entries, err := os.ReadDir(home); err != nil || len(entries) > 0 {
		t.Errorf("root made %v there, %v", entries, err)
	}
	// Nor does it write to what is root's there.
	if err := os.Mkdir(filepath.Join(home, "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := r.Set(t.Context(), "main", long); err != nil {
		t.Errorf("Set = %v, want it in the keyring all the same", err)
	}
	if g, err := r.Generation(t.Context(), "main"); !errors.Is(err, owned.ErrForeign) {
		t.Errorf("Generation() = %q, %v, want %v", g, err, owned.ErrForeign)
	}
	if entries, err := os.ReadDir(filepath.Join(home, "state")); err != nil || len(entries) > 0 {
		t.Errorf("root made %v there, %v", entries, err)
	}
	if err := os.WriteFile(filepath.Join(home, "state", ledgerName), []byte(newLedger().String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if g, err := r.Generation(t.Context(), "main"); !errors.Is(err, owned.ErrForeign) {
		t.Errorf("Generation() = %q, %v, want %v", g, err, owned.ErrForeign)
	}
}

func TestLooseLedgerIsNotTrusted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	s := &Store{newRing(SystemOptions{Timeout: time.Minute, StateDir: dir}, &memory{items: map[string]string{}}), "memory"}
	version(t, s, "main")
	path := filepath.Join(dir, ledgerName)
	for name, loosen := range map[string]func() error{
		"a loose directory": func() error { return os.Chmod(dir, 0o770) },
		"a loose file":      func() error { return errors.Join(os.Chmod(dir, 0o700), os.Chmod(path, 0o640)) },
		"a link": func() error {
			return errors.Join(os.Chmod(dir, 0o700), os.Rename(path, path+"2"), os.Chmod(path+"2", 0o600), os.Symlink(path+"2", path))
		},
	} {
		if err := loosen(); err != nil {
			t.Fatal(err)
		}
		if g, err := s.Generation(t.Context(), "main"); err == nil {
			t.Errorf("%s: Generation() = %q", name, g)
		}
		if err := s.Set(t.Context(), "main", long); err == nil {
			t.Errorf("%s: Set stored a key though its generation cannot be changed", name)
		}
		if err := errors.Join(os.Remove(path), os.Chmod(dir, 0o700)); err != nil {
			t.Fatal(err)
		}
		version(t, s, "main")
	}
}

// The user's keyring is not $HOME's: the ledger is in the home that the system has.
func TestPlaceOfTheLedger(t *testing.T) {
	home := t.TempDir()
	dirs := newState(SystemOptions{Home: home}).dirs()
	if len(dirs) == 0 || dirs[len(dirs)-1] != filepath.Join(home, stateInHome()) {
		t.Fatalf("places %q, want one in %s at last", dirs, home)
	}
	if account := accountHome(); account != "" && len(dirs) == 2 && dirs[0] != filepath.Join(account, stateInHome()) {
		t.Errorf("places %q, want one in %s first", dirs, account)
	}
	for _, unusable := range []string{"", "relative", filepath.Join(home, "absent"), "/dev/null"} {
		for _, dir := range newState(SystemOptions{Home: unusable}).dirs() {
			if dir != filepath.Join(accountHome(), stateInHome()) {
				t.Errorf("with home %q there is a place in %s", unusable, dir)
			}
		}
	}
	// The second place serves where the first can never be had.
	locked := filepath.Join(home, "file")
	if err := os.WriteFile(locked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	second := filepath.Join(home, "second")
	s := state{func() []string { return []string{filepath.Join(locked, "first"), second} }}
	if dir, err := s.dir(true); err != nil || dir != second {
		t.Errorf("dir = %q, %v, want %s", dir, err, second)
	}
}

// What is watched is the ledger that is read, and all that is passed over for it:
// root passes over one that another user could put in the place of its own.
func TestWatchedIsWhatIsRead(t *testing.T) {
	home := t.TempDir()
	first, second := filepath.Join(home, "theirs", "state"), filepath.Join(home, "state")
	for _, dir := range []string{first, second} {
		if err := makeLedger(dir); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() == 0 {
		const nobody = 65534
		if err := os.Chown(filepath.Dir(first), nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	r := newRing(SystemOptions{}, &memory{})
	r.state = state{func() []string { return []string{first, second} }}
	read, err := r.state.dir(false)
	if err != nil {
		t.Fatal(err)
	}
	paths, ok := r.watched()
	for _, path := range []string{first, read, filepath.Join(read, ledgerName)} {
		if !ok || !slices.Contains(paths, path) {
			t.Errorf("watched() = %q, %t, want %s in it", paths, ok, path)
		}
	}
}

// ownedFile is what stat tells of a file.
type ownedFile struct {
	os.FileInfo
	mode     os.FileMode
	uid, gid uint32
}

func (f ownedFile) Mode() os.FileMode { return f.mode }
func (f ownedFile) Sys() any          { return &syscall.Stat_t{Uid: f.uid, Gid: f.gid} }

// A secret that Kubernetes mounts is root's, and read by way of fsGroup.
func TestFilesThatRootProvides(t *testing.T) {
	own, other := uint32(os.Getegid()), uint32(61234)
	for _, c := range []struct {
		file ownedFile
		uid  int
		want bool
	}{
		{ownedFile{mode: 0o440, gid: own}, 1000, true},
		{ownedFile{mode: 0o640, gid: own}, 1000, true},
		{ownedFile{mode: 0o400, gid: other}, 1000, true}, // an access control list lets this user read it
		{ownedFile{mode: 0o440, gid: other}, 1000, false},
		{ownedFile{mode: 0o660, gid: own}, 1000, false},
		{ownedFile{mode: 0o444, gid: own}, 1000, false},
		{ownedFile{mode: 0o440, gid: own, uid: 1001}, 1000, false},
		{ownedFile{mode: 0o640, gid: own}, 0, false}, // root's own is to be 0600
	} {
		if got := isProvided(c.file, c.uid); got != c.want {
			t.Errorf("isProvided(%o of %d:%d, for %d) = %t", c.file.mode, c.file.uid, c.file.gid, c.uid, got)
		}
	}
}
