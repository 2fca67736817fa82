package cache

import (
	"bytes"
	"crypto/rand"
	"errors"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	now   = time.Unix(1_800_000_000, 0).UTC()
	entry = Entry{Expires: now.Add(time.Hour), Data: []byte("value\nwith lines")}
)

// filled is a cache with entry in the slot a-1, sealed with a key of the test's.
func filled(t *testing.T) (*Dir, Slot) {
	t.Helper()
	d := Open(filepath.Join(t.TempDir(), "cache"), Auto)
	d.sealer = memory{1}
	s := d.Slot("a-1")
	if err := s.Put(now, entry); err != nil {
		t.Fatal(err)
	}
	return d, s
}

func TestPutGet(t *testing.T) {
	d, s := filled(t)
	got, ok := s.Get(now)
	if !ok || !got.Expires.Equal(entry.Expires) || !bytes.Equal(got.Data, entry.Data) {
		t.Errorf("Get = %v, %t, want %v", got, ok, entry)
	}
	for path, want := range map[string]os.FileMode{d.Path(): 0o700, s.path(): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, %v, want %v", path, info.Mode().Perm(), err, want)
		}
	}
	if err := s.Remove(); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Get(now); ok {
		t.Error("Get after Remove = true")
	}
	if err := s.Remove(); err != nil {
		t.Errorf("Remove of an empty slot = %v", err)
	}
}

func TestGetAtTheEnd(t *testing.T) {
	_, s := filled(t)
	if _, ok := s.Get(entry.Expires.Add(-time.Second)); !ok {
		t.Error("Get a second before expiry = false")
	}
	if _, ok := s.Get(entry.Expires); ok {
		t.Error("Get at expiry = true")
	}
}

// Whatever is wrong with the file is a miss.
func TestGetDamaged(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, d *Dir, s Slot){
		"absent":     func(t *testing.T, _ *Dir, s Slot) { check(t, os.Remove(s.path())) },
		"empty":      func(t *testing.T, _ *Dir, s Slot) { check(t, os.Truncate(s.path(), 0)) },
		"directory":  func(t *testing.T, _ *Dir, s Slot) { check(t, os.Remove(s.path())); check(t, os.Mkdir(s.path(), 0o700)) },
		"too large":  func(t *testing.T, _ *Dir, s Slot) { check(t, os.Truncate(s.path(), maxFile+1)) },
		"loose":      func(t *testing.T, _ *Dir, s Slot) { check(t, os.Chmod(s.path(), 0o640)) },
		"loose dir":  func(t *testing.T, d *Dir, _ Slot) { check(t, os.Chmod(d.Path(), 0o770)) },
		"hard link":  func(t *testing.T, _ *Dir, s Slot) { check(t, os.Link(s.path(), s.path()+"2")) },
		"other slot": func(t *testing.T, d *Dir, s Slot) { check(t, os.Rename(d.Slot(other(t, d)).path(), s.path())) },
		"symlink": func(t *testing.T, d *Dir, s Slot) {
			check(t, os.Rename(s.path(), d.Path()+"/target"))
			check(t, os.Symlink("target", s.path()))
		},
		"symlinked dir": func(t *testing.T, d *Dir, _ Slot) {
			check(t, os.Rename(d.Path(), d.Path()+"2"))
			check(t, os.Symlink(d.Path()+"2", d.Path()))
		},
		"other format": func(t *testing.T, _ *Dir, s Slot) {
			data, err := os.ReadFile(s.path())
			check(t, err)
			check(t, os.WriteFile(s.path(), bytes.Replace(data, []byte("cache 2"), []byte("cache 1"), 1), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, s := filled(t)
			damage(t, d, s)
			if got, ok := s.Get(now); ok {
				t.Errorf("Get = %v, true", got)
			}
		})
	}
}

func other(t *testing.T, d *Dir) string {
	check(t, d.Slot("b-2").Put(now, entry))
	return "b-2"
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestPutFails(t *testing.T) {
	d, s := filled(t)
	if err := d.Slot("x").Put(now, Entry{Expires: now, Data: make([]byte, MaxData+1)}); err == nil {
		t.Error("Put of too much = nil")
	}
	check(t, s.Remove())
	check(t, os.Mkdir(s.path(), 0o700))
	check(t, os.WriteFile(filepath.Join(s.path(), "x"), nil, 0o600))
	if err := s.Put(now, entry); err == nil {
		t.Error("Put over a directory = nil")
	}
	files, err := os.ReadDir(d.Path())
	check(t, err)
	if len(files) != 2 {
		t.Errorf("after failures the directory has %v, want the planted one and the tag", files)
	}
	blocked := Open(filepath.Join(s.path(), "x", "cache"), Off)
	if err := blocked.Slot("a").Put(now, entry); err == nil {
		t.Error("Put below a file = nil")
	}
}

func TestPutRefusesALinkedDirectory(t *testing.T) {
	d, s := filled(t)
	check(t, os.Rename(d.Path(), d.Path()+"2"))
	check(t, os.Symlink(d.Path()+"2", d.Path()))
	if err := s.Put(now, entry); !errors.Is(err, errDir) {
		t.Errorf("Put = %v, want %v", err, errDir)
	}
	if _, err := s.Lock(t.Context()); !errors.Is(err, errDir) {
		t.Errorf("Lock = %v, want %v", err, errDir)
	}
}

func TestSlots(t *testing.T) {
	d, s := filled(t)
	unlock, err := d.Slot("b-2").Lock(t.Context())
	check(t, err)
	unlock()
	unlock, err = s.Lock(t.Context())
	check(t, err)
	unlock()
	// What a killed process left of an entry is none, even if it is whole.
	write(t, d, tempPrefix+"a-1."+rand.Text(), string(encoded(t, d, "a-1", entry)), 0)
	got, err := d.Slots()
	if want := []Slot{s, d.Slot("b-2")}; err != nil || !slices.Equal(got, want) {
		t.Errorf("Slots() = %v, %v, want %v", got, err, want)
	}
	if got, err := Open(filepath.Join(t.TempDir(), "none"), Off).Slots(); got != nil || err != nil {
		t.Errorf("Slots() of an absent directory = %v, %v", got, err)
	}
}

// What a cached answer needs must not make a program slow to start.
func TestImportsAreLight(t *testing.T) {
	light := []string{"bytes", "context", "encoding/binary", "crypto/aes", "crypto/cipher", "crypto/rand", "crypto/sha256", "crypto/subtle", "errors", "io", "io/fs", "math/rand/v2", "os",
		"path/filepath", "runtime", "slices", "strconv", "strings", "sync", "sync/atomic", "syscall", "time", "unsafe", "golang.org/x/sys/unix", "golang.org/x/sys/windows", "aws-connector/internal/owned", "aws-connector/internal/question", "aws-connector/internal/warm"}
	files, err := filepath.Glob("*.go")
	check(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		check(t, err)
		for _, i := range f.Imports {
			if path := strings.Trim(i.Path.Value, `"`); !slices.Contains(light, path) {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}

func BenchmarkGet(b *testing.B) {
	s := Open(filepath.Join(b.TempDir(), "cache"), Off).Slot("a-1")
	if err := s.Put(now, Entry{Expires: now.Add(time.Hour), Data: make([]byte, 1500)}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := s.Get(now); !ok {
			b.Fatal("miss")
		}
	}
}
