//go:build !windows

package cache

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"aws-connector/internal/owned"
)

// A directory that others can write to, or that is another user's, is not used,
// and stays as it is.
func TestDirectoriesThatAreNotUsed(t *testing.T) {
	cases := map[string]func(dir string) error{
		"0777": func(dir string) error { return os.Chmod(dir, 0o777) },
		"1777": func(dir string) error { return os.Chmod(dir, 0o777|os.ModeSticky) },
		"0720": func(dir string) error { return os.Chmod(dir, 0o720) },
	}
	if os.Geteuid() == 0 {
		cases["another user's"] = func(dir string) error { return os.Chown(dir, 65534, 65534) }
	}
	if os.Geteuid() != 0 {
		if _, err := Open("/usr", Off).Slots(); err == nil {
			t.Error("Slots() of a directory of root's = nil error")
		}
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			d, s := filled(t)
			check(t, change(d.Path()))
			before := picture(t, d)
			if _, ok := s.Get(now); ok {
				t.Error("Get = true")
			}
			if _, err := d.Slots(); err == nil {
				t.Error("Slots() = nil error")
			}
			if err := s.Put(now, entry); err == nil {
				t.Error("Put = nil")
			}
			check(t, s.Remove()) // for whoever reads, it is empty
			if _, err := s.Lock(t.Context()); err == nil {
				t.Error("Lock = nil")
			}
			if err := d.Sweep(entry.Expires, nil); err == nil {
				t.Error("Sweep = nil")
			}
			if got := picture(t, d); got != before {
				t.Errorf("the directory has\n%s\nwant\n%s", got, before)
			}
		})
	}
}

// Whether there is something where a link leads to itself nobody can tell.
func TestRemoveWhereNobodyCanLook(t *testing.T) {
	loop := filepath.Join(t.TempDir(), "loop")
	check(t, os.Symlink("loop", loop))
	if err := Open(filepath.Join(loop, "cache"), Off).Slot("a").Remove(); err == nil {
		t.Error("Remove = nil")
	}
	file := filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(file, nil, 0o600))
	check(t, Open(filepath.Join(file, "cache"), Off).Slot("a").Remove())
	check(t, Open(filepath.Join(file+"2", "cache"), Off).Slot("a").Remove())
}

// What cannot be looked at is not said to be gone.
func TestRemoveOfWhatCannotBeRead(t *testing.T) {
	if os.Geteuid() == 0 {
		return // root can read everything
	}
	_, s := filled(t)
	check(t, os.Chmod(s.path(), 0))
	if err := s.Remove(); err == nil {
		t.Error("Remove = nil")
	}
	if err := s.Put(now, entry); err == nil {
		t.Error("Put = nil")
	}
}

// Root can read another user's files, and would believe them.
func TestFilesOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		return // only root can give files away
	}
	d, s := filled(t)
	unlock, err := s.Lock(t.Context())
	check(t, err)
	unlock()
	check(t, os.Chown(s.path(), 65534, 65534))
	check(t, os.Chown(s.lockPath(), 65534, 65534))
	before := picture(t, d)
	if _, ok := s.Get(now); ok {
		t.Error("Get = true")
	}
	if err := s.Put(now, entry); !errors.Is(err, errForeign) {
		t.Errorf("Put = %v, want %v", err, errForeign)
	}
	if _, err := s.Lock(t.Context()); !errors.Is(err, errForeign) {
		t.Errorf("Lock = %v, want %v", err, errForeign)
	}
	check(t, s.Remove())
	check(t, d.Sweep(entry.Expires, nil))
	if got := picture(t, d); got != before {
		t.Errorf("the directory has\n%s\nwant\n%s", got, before)
	}
}

// Root keeps nothing below another user's directory, even in one of its own.
func TestRootInAnotherUsersHome(t *testing.T) {
	if os.Geteuid() != 0 {
		return // nobody else is kept out so
	}
	home := t.TempDir()
	theirs := Open(filepath.Join(home, ".cache", "aws-connector"), Off)
	check(t, theirs.Slot("a").Put(now, entry))
	check(t, os.Chown(home, 65534, 65534))
	before := picture(t, theirs)
	absent := Open(filepath.Join(home, "other", "aws-connector"), Off)
	for _, d := range []*Dir{theirs, absent} {
		s := d.Slot("a")
		if _, ok := s.Get(now); ok {
			t.Error("Get = true")
		}
		check(t, s.Remove())
		_, slots := d.Slots()
		_, lock := s.Lock(t.Context())
		for _, err := range []error{slots, lock, s.Put(now, entry), d.Sweep(entry.Expires, nil)} {
			if !errors.Is(err, owned.ErrForeign) {
				t.Errorf("%v, want %v", err, owned.ErrForeign)
			}
		}
	}
	if got := picture(t, theirs); got != before {
		t.Errorf("the directory has\n%s\nwant\n%s", got, before)
	}
	if _, err := os.Lstat(filepath.Join(home, "other")); err == nil {
		t.Error("root made a directory in another user's home")
	}
}
