package cache

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Names are the same on all file systems, and lead nowhere else.
func TestNames(t *testing.T) {
	long := strings.Repeat("a", maxName)
	for name, valid := range map[string]bool{
		"a": true, "z": true, "A": true, "Z": true, "0": true, "9": true, "_": true, "-": true, "a.b": true, "a.": true, long: true, "a.locks": true,
		"": false, ".": false, "..": false, ".a": false, "../a": false, "a/b": false, `a\b`: false, "a.lock": false, long + "a": false,
		"`": false, "{": false, "@": false, "[": false, "/": false, ":": false, ",": false, "a b": false, "a\x00": false, "ä": false, "a\n": false,
	} {
		d := Open(filepath.Join(t.TempDir(), "cache"), Off)
		check(t, os.Mkdir(d.Path(), 0o700))
		d.boot = func() time.Duration { return time.Hour } // as encoded has it
		s := d.Slot(name)
		err := s.Put(now, entry)
		if valid != (err == nil) || !valid && !errors.Is(err, errName) {
			t.Errorf("Put in slot %q = %v, want success: %t", name, err, valid)
		}
		if err := s.Remove(); valid != (err == nil) || !valid && !errors.Is(err, errName) {
			t.Errorf("Remove of slot %q = %v, want success: %t", name, err, valid)
		}
		unlock, err := s.Lock(t.Context())
		if valid != (err == nil) || !valid && !errors.Is(err, errName) {
			t.Errorf("Lock of slot %q = %v, want success: %t", name, err, valid)
		}
		if err == nil {
			unlock()
		}
		// Nor is there anything where somebody else has put an entry for it.
		if !valid && os.WriteFile(filepath.Join(d.Path(), name), encoded(t, plain, name, entry), 0o600) == nil {
			if _, ok := s.Get(now); ok {
				t.Errorf("Get of slot %q = true", name)
			}
			if slots, err := d.Slots(); err != nil || len(slots) > 0 && slots[0].Name() == name {
				t.Errorf("Slots() = %v, %v, want nothing of the name %q", slots, err, name)
			}
		}
	}
}

// Whether or not it is valid, there must be an entry.
func TestPeek(t *testing.T) {
	d, s := filled(t)
	if e, ok := s.Peek(); !ok || !bytes.Equal(e.Data, entry.Data) {
		t.Errorf("Peek = %v, %t, want %v", e, ok, entry)
	}
	check(t, os.Truncate(s.path(), 10))
	for _, s := range []Slot{s, d.Slot("none"), d.Slot("../a"), Open(filepath.Join(d.Path(), "none"), Off).Slot("a")} {
		if e, ok := s.Peek(); ok {
			t.Errorf("Peek of slot %q = %v, true", s.Name(), e)
		}
	}
}

func TestTheLargestEntry(t *testing.T) {
	d, s := filled(t)
	large := Entry{Expires: entry.Expires, Data: bytes.Repeat([]byte("x"), MaxData)}
	check(t, s.Put(now, large))
	if e, ok := s.Get(now); !ok || !bytes.Equal(e.Data, large.Data) {
		t.Errorf("Get = %d bytes, %t, want %d", len(e.Data), ok, MaxData)
	}
	large.Data = append(large.Data, 'x')
	for _, d := range []*Dir{plain, sealed} {
		if _, _, err := d.decode("a-1", encoded(t, d, "a-1", large)); err == nil {
			t.Error("a larger entry is read")
		}
	}
	check(t, os.WriteFile(s.path(), encoded(t, d, "a-1", large), 0o600))
	d.boot = func() time.Duration { return time.Hour } // as encoded has it
	if _, ok := s.Get(now); ok {
		t.Error("Get of a larger entry = true")
	}
}

// What goes wrong after all is well is told, and leaves nothing.
func TestPutFailsAtTheEnd(t *testing.T) {
	for name, change := range map[string]func(d *Dir, s Slot) error{
		"before the file is made": func(d *Dir, _ Slot) error { return os.RemoveAll(d.Path()) },
		"before it is renamed": func(_ *Dir, s Slot) error {
			return errors.Join(os.Remove(s.path()), os.Mkdir(s.path(), 0o700))
		},
	} {
		d, s := filled(t)
		write(t, d, s.name, "", 2*time.Hour) // as a machine that stopped leaves it
		looks := 0
		d.boot = func() time.Duration {
			if looks++; looks == 2 { // while the file is looked at
				check(t, change(d, s))
			}
			return time.Hour
		}
		if err := s.Put(now, entry); err == nil || looks != 2 {
			t.Errorf("%s: Put = %v, want an error", name, err)
		}
		files, err := os.ReadDir(d.Path())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		for _, f := range files {
			if isTemp(f.Name()) {
				t.Errorf("%s: %s is left", name, f.Name())
			}
		}
	}
	d, s := filled(t)
	check(t, removeIfThere(s.path()))
	check(t, removeIfThere(s.path()))
	if err := removeIfThere(d.Path()); err == nil {
		t.Error("removeIfThere of a directory with files = nil")
	}
}
