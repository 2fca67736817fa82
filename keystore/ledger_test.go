package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"aws-connector/internal/owned"
)

func TestParseLedger(t *testing.T) {
	const title = ledgerTitle + " E\n"
	for text, whole := range map[string]bool{
		title + "end\n": true, title + "a 1\nb changing\nend\n": true, title + "end 1\nend\n": true,
		"": false, "end\n": false, title: false, title + "end": false, title + "a 1\n": false, title + "end\nend": false,
		"E\nend\n": false, " E\nend\n": false, ledgerTitle + "\nend\n": false, ledgerTitle + " \nend\n": false, ledgerTitle + " E F\nend\n": false,
		title + "a\nend\n": false, title + "a \nend\n": false, title + " 1\nend\n": false, title + "\nend\n": false, title + "a 1 2\nend\n": false,
		title + "a 1\na 2\nend\n": false, title + "a\x01 1\nend\n": false, title + "a \u202e\nend\n": false, title + "a 1\r\nend\n": false,
		title + "a " + strings.Repeat("x", 256) + "\nend\n": true, title + "a " + strings.Repeat("x", 257) + "\nend\n": false,
	} {
		l, err := parseLedger(text)
		if whole != (err == nil) || whole && l.String() != text || !whole && !errors.Is(err, errDamaged) {
			t.Errorf("parseLedger(%q) = %q, %v, want it whole: %t", text, l, err, whole)
		}
	}
}

// stateOf is the directory of a ring's ledger.
func stateOf(t *testing.T, s *Store) string {
	t.Helper()
	dir, err := s.backend.(*ring).state.dir(true)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// A mark whose writer is dead is settled by whoever asks, for one key or for all.
func TestMarksOfDeadWriters(t *testing.T) {
	for name, ask := range map[string]func(*Store) (string, error){
		"one":     func(s *Store) (string, error) { return s.Generation(t.Context(), "main") },
		"all":     func(s *Store) (string, error) { return s.Generations(t.Context()) },
		"another": func(s *Store) (string, error) { return s.Generation(t.Context(), "other") },
	} {
		s := rings(t, &memory{}, 1)[0]
		dir := stateOf(t, s)
		before := version(t, s, "main")
		if _, err := setLine(dir, "main", changing, false); err != nil {
			t.Fatal(err)
		}
		unlock, err := lockBoth(filepath.Join(dir, lockName), false)
		if err != nil {
			t.Fatal(err)
		}
		if g, err := ask(s); (err == nil) != (name == "another") {
			t.Errorf("%s: the generation while the writer lives = %q, %v", name, g, err)
		}
		unlock()
		if g, err := ask(s); err != nil {
			t.Errorf("%s: the generation after the writer died = %q, %v", name, g, err)
		}
		if version(t, s, "main") == before {
			t.Errorf("%s: the generation is that of before", name)
		}
	}
}

// While somebody writes, a damaged ledger has no generations.
func TestADamagedLedgerUnderALock(t *testing.T) {
	s := rings(t, &memory{}, 1)[0]
	dir := stateOf(t, s)
	if err := os.WriteFile(filepath.Join(dir, ledgerName), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	unlock, err := lockBoth(filepath.Join(dir, lockName), false)
	if err != nil {
		t.Fatal(err)
	}
	if g, err := s.Generation(t.Context(), "main"); err == nil {
		t.Errorf("Generation() = %q", g)
	}
	if g, err := s.Generations(t.Context()); err == nil {
		t.Errorf("Generations() = %q", g)
	}
	unlock()
	version(t, s, "main")
}

func TestSetLine(t *testing.T) {
	dir := t.TempDir()
	if _, err := setLine(dir, "a b", "1", false); err == nil {
		t.Error("setLine of no name = nil")
	}
	for _, want := range []string{"", "1"} { // a ledger that is gone is made anew
		if was, err := setLine(dir, "a", "1", false); was != want || err != nil {
			t.Errorf("setLine = %q, %v, want %q", was, err, want)
		}
	}
	left := tempName(dir, ledgerName)
	theirs := tempName(dir, ledgerName)
	for path, text := range map[string]string{left: newLedger().String(), theirs: "another program's"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := setLine(dir, "a", "2", false); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what a killed writer left: %v", err)
	}
	if _, err := os.Lstat(theirs); err != nil {
		t.Errorf("what another program wrote: %v", err)
	}
}

func TestMakeLedger(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "state")
	if err := makeLedger(dir); err != nil {
		t.Fatal(err)
	}
	first, err := readLedger(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := makeLedger(dir); err != nil {
		t.Errorf("makeLedger where there is one = %v", err)
	}
	if again, err := readLedger(dir); err != nil || again.epoch != first.epoch {
		t.Errorf("the ledger is %q, %v, want the first", again, err)
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
		t.Errorf("there are %v, %v, want the ledger alone", all, err)
	}
}

func TestWhatLasts(t *testing.T) {
	for _, err := range []error{fs.ErrPermission, fs.ErrNotExist, owned.ErrForeign, syscall.EROFS, syscall.ENOTDIR} {
		if !isLasting(fmt.Errorf("x: %w", err)) {
			t.Errorf("%v may pass", err)
		}
	}
	for _, err := range []error{errDamaged, syscall.EIO, syscall.ENOSPC} {
		if isLasting(err) {
			t.Errorf("%v lasts", err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := checkState(file); err == nil || isLasting(err) || !strings.Contains(err.Error(), "is not a directory") {
		t.Errorf("checkState of a file = %v", err)
	}
	s := &Store{newRing(SystemOptions{Timeout: time.Minute, StateDir: file}, &memory{}), "memory"}
	if g, err := s.Generation(t.Context(), "main"); err == nil {
		t.Errorf("Generation() = %q where the place of the ledger is a file", g)
	}
}
