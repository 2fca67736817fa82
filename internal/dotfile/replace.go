package dotfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"aws-connector/internal/owned"
)

// editTries is how often [Edit] reads a file anew that others keep changing.
const editTries = 10

// Edit puts into the place of the file at path what change makes of it. Of many
// processes that do so at once, each sees what the one before has written: a lock
// is kept from reading to renaming. Where another program, which knows nothing of
// the lock, changes the file meanwhile, change is called again with what that one
// wrote; so it may be called more than once, and what counts is its last call.
//
// If change returns an error, or a text that is there already, nothing is made
// or written; what a killed process left is removed all the same where there was
// no error. Other errors are those of [Read] and [File.Replace].
func Edit(path string, change func(*File) ([]byte, error)) error {
	f, err := Read(path)
	if err != nil {
		return err
	}
	text, err := change(f)
	if err != nil {
		return err
	}
	if bytes.Equal(text, f.text) {
		f.tidy()
		return nil
	}
	for range editTries {
		if err = f.edit(change); !errors.Is(err, ErrChanged) {
			return err
		}
		if f, err = Read(path); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s: %w", f.real, ErrChanged)
}

func (f *File) edit(change func(*File) ([]byte, error)) error {
	p, err := f.enter()
	if err != nil {
		return err
	}
	defer p.leave()
	now, err := Read(f.path)
	if err != nil {
		return err
	}
	if now.real != f.real {
		return ErrChanged
	}
	text, err := change(now)
	if err != nil {
		return err
	}
	if bytes.Equal(text, now.text) {
		p.sweep()
		return nil
	}
	return now.replace(p, text)
}

// tidy removes what a killed process left. It waits for others only where there is
// something.
func (f *File) tidy() {
	dir := filepath.Dir(f.real)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return
	}
	defer root.Close()
	if len(leftovers(root)) == 0 || f.MayReplace() != nil {
		return
	}
	if p, err := openPlace(dir); err == nil {
		defer p.leave()
		p.sweep()
	}
}

// MayReplace returns the error that root gets of [File.Replace] in a place that is
// another user's, before anything is done.
func (f *File) MayReplace() error { return owned.Check(f.path) }

// Replace puts text in the file's place. Missing directories are made for the
// owner alone (0700) and a new file too (0600, as docker does); an old one's
// mode stays, and its owner and group. Root replaces and makes nothing in what
// is another user's: that error wraps [owned.ErrForeign].
//
// An error means that the file was not touched: [ErrChanged] if it, its mode or
// the link to it is not what was read; others name the file or directory that is
// read-only or somebody else's. Other programs do not lock the file, so one that
// writes in the instant between the last look and the rename is still
// overwritten; a second process of ours never is, since the look and the rename
// are under a lock.
func (f *File) Replace(text []byte) error {
	p, err := f.enter()
	if err != nil {
		return err
	}
	defer p.leave()
	return f.replace(p, text)
}

// enter makes the file's directory if it is missing, opens and locks it.
func (f *File) enter() (*place, error) {
	if err := f.MayReplace(); err != nil {
		return nil, err
	}
	dir := filepath.Dir(f.real)
	if err := owned.MkdirAll(dir); err != nil {
		return nil, err
	}
	return openPlace(dir)
}

func (f *File) replace(p *place, text []byte) error {
	if len(text) > MaxSize {
		return fmt.Errorf("%s would have more than %d bytes", f.real, MaxSize)
	}
	if f.mode().Perm()&0o200 == 0 && f.info != nil { // a rename would overcome it
		return fmt.Errorf("%s is read-only", f.real)
	}
	if err := p.checkOwner(f); err != nil {
		return err
	}
	p.sweep()
	temp, err := p.writeTemp(f.info, text)
	if err != nil {
		return f.named(err)
	}
	if err := f.moveIn(p, temp); err != nil {
		return errors.Join(err, p.root.Remove(temp))
	}
	return nil
}

// moveIn renames temp into place unless the file is no longer what was read.
func (f *File) moveIn(p *place, temp string) error {
	real, err := resolve(f.path)
	if err != nil {
		return err
	}
	dir, err := os.Stat(p.dir)
	if err != nil {
		return err
	}
	changed := fmt.Errorf("%s: %w", f.real, ErrChanged)
	if real != f.real || !os.SameFile(dir, p.info) {
		return changed
	}
	name := filepath.Base(f.real)
	text, info, err := p.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return err
	}
	now := File{text: text, info: info}
	if now.Exists() != f.Exists() || now.mode() != f.mode() || !bytes.Equal(now.text, f.text) {
		return changed
	}
	if err := rename(p.root, temp, name); err != nil {
		return f.named(err)
	}
	return nil
}

// named puts the file's path in place of that of the one which was to replace it,
// of which a person knows nothing.
func (f *File) named(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	default:
		return fmt.Errorf("%s: %w", f.real, err)
	}
	return fmt.Errorf("%s cannot be replaced: %w", f.real, err)
}

// mode returns that of the file as it was read, 0 if there was none.
func (f *File) mode() fs.FileMode {
	if f.info == nil {
		return 0
	}
	return f.info.Mode()
}
