// Package dotfile changes a configuration file that belongs to a person and to
// other programs: the file is read, and replaced whole or not at all, through
// symbolic links, with its mode and group, and not if somebody else changed it
// in between.
//
// Root changes and makes nothing in what belongs to another user.
//
// Replacing is by renaming, as docker and the AWS CLI do it: extended
// attributes, ACLs and other hard links of the old file stay with the old one.
package dotfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	// MaxSize is the most bytes that a file may have.
	MaxSize = 4 << 20

	maxLinks  = 32
	readTries = 100
)

// ErrChanged means that the file is not what it was when it was read.
var ErrChanged = errors.New("another program changed it meanwhile; nothing was written")

// File is a file as it was when [Read] read it.
type File struct {
	path string // as the caller named it
	real string // behind all links
	text []byte
	info fs.FileInfo // nil where there was no file
}

// Read reads the file at path, which may be a symbolic link; one that does not
// exist reads as empty, and so does one whose link points to no file yet. What
// is not a regular file, has more than [MaxSize] bytes or is linked into a
// directory that does not exist is an error that names path.
func Read(path string) (*File, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	real, err := resolve(abs)
	if err != nil {
		return nil, err
	}
	f := &File{path: abs, real: real}
	f.text, f.info, err = read(real)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Text returns what is in the file. The caller must not change it.
func (f *File) Text() []byte { return f.text }

// Exists tells whether there was a file.
func (f *File) Exists() bool { return f.info != nil }

// Path returns the absolute path of the file itself, behind all links.
func (f *File) Path() string { return f.real }

func read(real string) (text []byte, info fs.FileInfo, err error) {
	for range readTries { // others rename too
		text, info, err = readFile(real, func() (fs.FileInfo, error) { return os.Lstat(real) },
			func() (*os.File, error) { return os.OpenFile(real, readFlags, 0) })
		if !errors.Is(err, ErrChanged) {
			break
		}
	}
	return text, info, err
}

// readFile reads the file that is at path both before and after it is opened.
func readFile(path string, lstat func() (fs.FileInfo, error), open func() (*os.File, error)) ([]byte, fs.FileInfo, error) {
	info, err := lstat()
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() { // to open a device may do something
		return nil, nil, fmt.Errorf("%s is not a regular file", path)
	}
	file, err := open()
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	if opened, err := file.Stat(); err != nil || !os.SameFile(info, opened) {
		return nil, nil, errors.Join(err, fmt.Errorf("%s: %w", path, ErrChanged))
	}
	text, err := io.ReadAll(io.LimitReader(file, MaxSize+1))
	if err != nil {
		return nil, nil, err
	}
	if len(text) > MaxSize {
		return nil, nil, fmt.Errorf("%s has more than %d bytes", path, MaxSize)
	}
	return text, info, nil
}

// resolve follows path's links to the file itself, which need not exist. A
// directory on the way need not either, unless a link leads there.
func resolve(path string) (string, error) {
	first := path
	for range maxLinks {
		dir, name := filepath.Split(path) // as filepath.Dir, but x/.. stays what it is if x is a link
		dir, err := filepath.EvalSymlinks(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return path, missingDir(first, path)
		}
		if err != nil {
			return "", fmt.Errorf("%s: %w", first, err)
		}
		path = filepath.Join(dir, name)
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode()&fs.ModeSymlink == 0 {
			return path, nil
		}
		if err != nil {
			return "", err
		}
		target, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(target) {
			target = dir + string(filepath.Separator) + target
		}
		path = target
	}
	return "", fmt.Errorf("%s is a symbolic link that leads nowhere: more than %d links", first, maxLinks)
}

// missingDir refuses a directory that a link promises: making it could fill a
// place where a disk or a repository is to be. One that is merely missing is fine.
func missingDir(first, path string) error {
	dir := filepath.Dir(path)
	if path != first {
		return fmt.Errorf("%s is a symbolic link to %s, and %s does not exist", first, path, dir)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		info, err := os.Lstat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return fmt.Errorf("%s: %s is a symbolic link to something that does not exist", first, dir)
		}
		return err
	}
	return nil
}
