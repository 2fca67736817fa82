package keystore

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestNotes(t *testing.T) {
	home := t.TempDir()
	n := NotesIn(home)
	if _, ok := n.Read("a1"); ok {
		t.Error("a note before one was written")
	}
	for _, text := range []string{"1 2 AKIA x", "", "second"} {
		if err := n.Write("a1", text); err != nil {
			t.Fatal(err)
		}
		if got, ok := n.Read("a1"); !ok || got != text {
			t.Errorf("Read = %q, %v, want %q", got, ok, text)
		}
	}
	for name, text := range map[string]string{"": "x", "../a": "x", "a.b": "x", strings.Repeat("a", 65): "x", "a": "two\nlines", "b": strings.Repeat("x", maxNote+1)} {
		if err := n.Write(name, text); err == nil {
			t.Errorf("Write(%q, %.10q) was done", name, text)
		}
	}
	dir := filepath.Join(home, stateInHome(), notesDir)
	path := filepath.Join(dir, "a1")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, torn := range []string{"", string(whole[:5]), strings.TrimSuffix(string(whole), "\n"), "x" + string(whole), string(whole) + "\n", strings.Repeat("\x00", len(whole))} {
		if err := os.WriteFile(path, []byte(torn), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, ok := n.Read("a1"); ok {
			t.Errorf("a torn note %q is read as %q", torn, got)
		}
	}
	if err := n.Write("a1", "again"); err != nil {
		t.Error(err)
	}
	if err := n.Remove("a1"); err != nil {
		t.Error(err)
	}
	if err := n.Remove("a1"); err != nil {
		t.Errorf("Remove again: %v", err)
	}
	if _, ok := n.Read("a1"); ok {
		t.Error("a note after it was removed")
	}
	for _, none := range []Notes{{}, NotesIn(""), NotesIn("relative")} {
		if _, ok := none.Read("a1"); ok || none.Write("a1", "x") == nil || none.Remove("a1") != nil {
			t.Error("notes without a place")
		}
	}
}

func TestNotesAreBounded(t *testing.T) {
	n := NotesIn(t.TempDir())
	start := time.Now().Add(-time.Hour)
	for i := range maxNotes + 20 {
		name := fmt.Sprintf("n%d", i)
		if err := n.Write(name, "x"); err != nil {
			t.Fatal(err)
		}
		at := start.Add(time.Duration(i) * time.Second)
		if err := os.Chtimes(filepath.Join(n.dir, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(n.dir)
	if err != nil || len(entries) > maxNotes {
		t.Errorf("%d notes, %v, want %d at most", len(entries), err, maxNotes)
	}
	if _, ok := n.Read("n0"); ok {
		t.Error("the oldest is there still")
	}
	if _, ok := n.Read(fmt.Sprintf("n%d", maxNotes+19)); !ok {
		t.Error("the newest is gone")
	}
}

func TestNotesOfKilledWriters(t *testing.T) {
	n := NotesIn(t.TempDir())
	if err := n.Write("a1", "x"); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(n.dir, "a1"))
	if err != nil {
		t.Fatal(err)
	}
	foreign := tempName(n.dir, notesDir)
	left := map[string][]byte{tempName(n.dir, notesDir): whole, tempName(n.dir, notesDir): nil, foreign: []byte("a person's")}
	for path, data := range left {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Also when the note is there already.
	if err := n.Write("a1", "y"); err != nil {
		t.Fatal(err)
	}
	for path := range left {
		if _, err := os.Lstat(path); (err == nil) != (path == foreign) {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
}
