package cache

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/warm"
)

// Backups leave out a directory with the tag, so it is put into none but those
// that the cache makes.
func TestTag(t *testing.T) {
	d, _ := filled(t)
	got, err := os.ReadFile(filepath.Join(d.Path(), "CACHEDIR.TAG"))
	if want := "Signature: 8a477f597d28d172789f06886806bc55\n"; err != nil || !strings.HasPrefix(string(got), want) {
		t.Errorf("CACHEDIR.TAG = %q, %v, want %q first", got, err, want)
	}
	there := Open(t.TempDir(), Off)
	check(t, os.Chmod(there.Path(), 0o755))
	check(t, there.Slot("a").Put(now, entry))
	if got := names(t, there); len(got) != 1 {
		t.Errorf("a directory that was there has %q, want one entry", got)
	}
	if _, ok := there.Slot("a").Get(now); !ok {
		t.Error("Get in a directory that was there = false")
	}
	if info, err := os.Stat(there.Path()); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("a directory that was there has mode %v, %v, want 0755", info.Mode(), err)
	}
}

// What others put in the place of an entry is neither read, listed, replaced
// nor removed, and fails nothing else.
func TestForeignFilesStay(t *testing.T) {
	for name, plant := range map[string]func(path string) error{
		"text":      func(path string) error { return os.WriteFile(path, []byte("Dear Alice"), 0o600) },
		"empty":     func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"zeros":     func(path string) error { return os.WriteFile(path, make([]byte, 100), 0o600) },
		"like ours": func(path string) error { return os.WriteFile(path, []byte(product[1:]), 0o600) },
		"directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"full directory": func(path string) error {
			return errors.Join(os.Mkdir(path, 0o700), os.WriteFile(filepath.Join(path, "x"), nil, 0o600))
		},
		"link":          func(path string) error { return os.Symlink("a-1", path) },
		"dangling link": func(path string) error { return os.Symlink("nowhere", path) },
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := filled(t)
			path := d.Slot("b-2").path()
			check(t, plant(path))
			_ = os.Chtimes(path, now, now) // a dangling link has no time
			check(t, plant(filepath.Join(d.Path(), "c.lock")))
			before := picture(t, d)
			s := d.Slot("b-2")
			if err := s.Put(now, entry); !errors.Is(err, errForeign) {
				t.Errorf("Put = %v, want %v", err, errForeign)
			}
			if e, ok := s.Get(now); ok {
				t.Errorf("Get = %v, true", e)
			}
			check(t, s.Remove())
			check(t, d.Sweep(now.Add(30*time.Minute), func(Slot) bool { return true }))
			if slots, err := d.Slots(); err != nil || len(slots) != 1 {
				t.Errorf("Slots() = %v, %v, want a-1 alone", slots, err)
			}
			if got := picture(t, d); got != before {
				t.Errorf("the directory has\n%s\nwant\n%s", got, before)
			}
		})
	}
}

// picture tells all that is in the directory.
func picture(t *testing.T, d *Dir) string {
	t.Helper()
	var b strings.Builder
	check(t, filepath.Walk(d.Path(), func(path string, info os.FileInfo, err error) error {
		text, _ := os.ReadFile(path)
		target, _ := os.Readlink(path)
		b.WriteString(path + " " + info.Mode().String() + " " + target + "\n" + string(text) + "\n")
		return err
	}))
	return b.String()
}

// What a machine that stopped left of an entry keeps nobody from the next one.
func TestLostEntriesAreReplaced(t *testing.T) {
	const up = time.Hour
	for _, test := range []struct {
		text string
		age  time.Duration
		want bool
	}{
		{"", up + time.Second, true},
		{strings.Repeat("\x00", 1000), up + time.Second, true},
		{strings.Repeat("\x00", maxFile), up + time.Second, true},
		{warm.Magic + "a-1\n\x00\x00", 0, true},
		{"", up, false},
		{strings.Repeat("\x00", maxFile+1), up + time.Second, false},
		{"\x00\x00x", up + time.Second, false},
		{"x", up + time.Second, false},
	} {
		d, s := filled(t)
		d.boot = func() time.Duration { return up }
		write(t, d, s.name, test.text, test.age)
		if _, ok := s.Get(now); ok {
			t.Errorf("Get of %q = true", test.text)
		}
		if err := s.Put(now, entry); (err == nil) != test.want {
			t.Errorf("Put over %q that is %v old = %v, want success: %t", test.text, test.age, err, test.want)
		}
		if _, ok := s.Get(now); ok != test.want {
			t.Errorf("Get after Put over %q that is %v old = %t, want %t", test.text, test.age, ok, test.want)
		}
		d.boot = func() time.Duration { return noBoot }
		write(t, d, s.name, "", 1000*time.Hour)
		if err := s.Put(now, entry); err == nil {
			t.Error("Put over an empty file, with no clock to tell its age by = nil")
		}
	}
}
