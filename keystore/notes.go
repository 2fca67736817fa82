package keystore

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"aws-connector/internal/owned"
)

const (
	notesDir   = "used"
	notesTitle = "aws-connector note\n"
	maxNote    = 512
	// maxNotes is how many notes there are at most: more keys than a person has.
	maxNotes = 500
)

// Notes are lines of text about keys, no secrets, beside the ledger: a file each.
// Nothing depends on them. They are neither locked nor made to outlast a crash: of
// two that write one at once, one wins. The zero value keeps nothing.
type Notes struct{ dir string }

// NotesIn returns the notes in the home directory home, an absolute path. They have
// a directory of their own there, since what changes in the ledger's ends answers
// that are kept.
func NotesIn(home string) Notes {
	if !filepath.IsAbs(home) {
		return Notes{}
	}
	return Notes{filepath.Join(home, stateInHome(), notesDir)}
}

var errNote = errors.New("not a note")

// Write keeps text, one line, under name, which consists of letters and digits.
func (n Notes) Write(name, text string) error {
	path, ok := n.path(name)
	if !ok || len(text) > maxNote || strings.ContainsAny(text, "\n\x00") {
		return errNote
	}
	err := checkState(n.dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = owned.MkdirAll(n.dir)
	}
	if err != nil {
		return err
	}
	removeTemps(n.dir, notesDir, func(data []byte) bool { return strings.HasPrefix(string(data), notesTitle) })
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		n.prune()
	}
	temp, err := createTemp(n.dir, notesDir)
	if err != nil {
		return err
	}
	if _, err = temp.WriteString(notesTitle + text + "\n"); err == nil {
		err = place(temp, path)
	}
	if err != nil {
		drop(temp)
	}
	return err
}

// Read returns what was written under name; false if there is nothing that is whole.
func (n Notes) Read(name string) (text string, ok bool) {
	path, ok := n.path(name)
	if !ok || checkState(n.dir) != nil {
		return "", false
	}
	data, err := readPrivate(path, maxNote+int64(len(notesTitle))+1)
	if err != nil {
		return "", false
	}
	text, titled := strings.CutPrefix(string(data), notesTitle)
	text, whole := strings.CutSuffix(text, "\n")
	return text, titled && whole && !strings.ContainsAny(text, "\n\x00")
}

// Remove forgets what was written under name.
func (n Notes) Remove(name string) error {
	path, ok := n.path(name)
	if !ok || checkState(n.dir) != nil {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (n Notes) path(name string) (path string, ok bool) {
	alphanumeric := func(r rune) bool { return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
	other := func(r rune) bool { return !alphanumeric(r) }
	return filepath.Join(n.dir, name), n.dir != "" && name != "" && len(name) <= 64 && !strings.ContainsFunc(name, other)
}

// prune makes room for another note: the oldest ones go.
func (n Notes) prune() {
	entries, err := os.ReadDir(n.dir)
	if err != nil || len(entries) < maxNotes {
		return
	}
	var notes []fs.FileInfo
	for _, e := range entries {
		if _, ok := n.path(e.Name()); !ok {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			notes = append(notes, info)
		}
	}
	slices.SortFunc(notes, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, old := range notes[:max(0, len(notes)-maxNotes+1)] {
		os.Remove(filepath.Join(n.dir, old.Name()))
	}
}
