package cache

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"aws-connector/internal/owned"
)

// tag makes backups and archives leave the directory out, see
// https://bford.info/cachedir/.
const (
	tagName = "CACHEDIR.TAG"
	tag     = "Signature: 8a477f597d28d172789f06886806bc55\n# This directory holds what aws-connector keeps for a while; all of it can be made again.\n"
)

var errForeign = errors.New("not a file that this program wrote")

func foreign(path string) error { return &fs.PathError{Op: "cache", Path: path, Err: errForeign} }

// Unused reports whether err is why every slot of a directory is empty, as
// opposed to a failure to look: it does not exist, cannot be reached, or is not
// this user's alone.
func Unused(err error) bool {
	for _, reason := range []error{fs.ErrNotExist, fs.ErrPermission, syscall.ENOTDIR, errDir, owned.ErrForeign} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}

// makeDir makes the directory if there is none. One that exists stays as it is.
func makeDir(path string) error {
	if err := checkDir(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := owned.MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return checkDir(path)
	}
	if err == nil {
		// Without the tag the cache is as good.
		_ = writeNew(filepath.Join(path, tagName), []byte(tag))
	}
	return err
}

// wrote reports whether this package, of any version, wrote the file at path.
// Nothing, and what is no file of this user's, is no error.
func wrote(path string) (bool, error) {
	info, err := os.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		return false, nil
	}
	f, _, err := openOwn(path, os.O_RDONLY)
	switch {
	case errors.Is(err, errForeign), errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	}
	defer f.Close()
	return begins(f), nil
}

// begins reports whether an open file begins as every file of this package does.
func begins(f *os.File) bool {
	text, err := beginning(f, len(product))
	return err == nil && string(text) == product
}

// beginning returns the first n bytes of a file, fewer where it has not as many.
func beginning(f *os.File, n int) ([]byte, error) {
	text := make([]byte, n)
	n, err := f.ReadAt(text, 0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return text[:n], err
}

// replaceable tells why no entry may be put in the slot's place: something else
// is there than what this package wrote, or what became of that when the machine
// stopped before it was on the disk.
func (s Slot) replaceable(now time.Time) error {
	if _, err := os.Lstat(s.path()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	ours, err := wrote(s.path())
	if err == nil && !ours && !s.lost(now) {
		err = foreign(s.path())
	}
	return err
}

// lost reports whether the slot's file has nothing but zeros and is from before
// the machine was started.
func (s Slot) lost(now time.Time) bool {
	f, info, err := openOwn(s.path(), os.O_RDONLY)
	if err != nil {
		return false
	}
	defer f.Close()
	boot := s.dir.boot()
	if boot == noBoot || info.Size() > maxFile || !info.ModTime().Before(now.Add(-boot)) {
		return false
	}
	text, err := beginning(f, maxFile)
	return err == nil && len(bytes.Trim(text, "\x00")) == 0
}
