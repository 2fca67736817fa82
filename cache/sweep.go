package cache

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"aws-connector/internal/warm"
)

const (
	// sweepFiles bounds how many files one sweep looks into, sweepNames how many
	// names it reads to choose them from: far more than there are live entries.
	sweepFiles = 64
	sweepNames = 16 << 10
	// tempAge is the age of a temporary file whose writer is dead.
	tempAge = time.Minute
	// strangeAge is the age at which a file of another format is of no use to
	// the version that wrote it: the longest session lives 36 hours.
	strangeAge = 48 * time.Hour
	// textLength is that of rand.Text.
	textLength = 26
)

// Sweep removes what nobody needs any more: entries that are not valid at now,
// or that keep, where it is not nil, says false to; temporary files that dead
// processes left; and the lock files of empty slots. What other processes hold
// locked, and files that this package did not write, stay, as do the empty lock
// files of versions that wrote nothing into them. It reads a bounded number of
// names, looks at a bounded number of these files, others at each call, and waits
// for nobody.
func (d *Dir) Sweep(now time.Time, keep func(Slot) bool) error {
	if err := checkDir(d.path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	names, err := d.sample(sweepNames)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		errs = append(errs, d.sweep(name, now, keep))
	}
	return errors.Join(errs...)
}

// sample returns the names of up to sweepFiles of the first most files, each as
// likely as another.
func (d *Dir) sample(most int) ([]string, error) {
	f, err := os.Open(d.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(most)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	chosen := min(len(names), sweepFiles)
	for i := range chosen {
		j := i + rand.IntN(len(names)-i)
		names[i], names[j] = names[j], names[i]
	}
	return names[:chosen], nil
}

func (d *Dir) sweep(name string, now time.Time, keep func(Slot) bool) error {
	if isTemp(name) {
		path := filepath.Join(d.path, name)
		if !left(path, now) {
			return nil
		}
		return removeIfThere(path)
	}
	slot, isLock := strings.CutSuffix(name, lockSuffix)
	s := d.Slot(slot)
	switch {
	case !validName(slot):
		return nil
	case isLock:
		return s.discard(func() bool { return s.empty() })
	}
	return s.discard(func() bool { return s.spent(now, keep) })
}

// discard empties the slot and removes its lock file if useless says so, with
// the lock held so that no process puts an entry meanwhile.
func (s Slot) discard(useless func() bool) error {
	if !useless() {
		return nil
	}
	f, ok := s.tryLock()
	if !ok {
		return nil
	}
	if !useless() {
		return f.Close()
	}
	err := s.Remove()
	if !begins(f) {
		return errors.Join(err, f.Close())
	}
	return errors.Join(err, removeLock(f, s.lockPath()))
}

// empty reports whether the slot has a lock file of ours and no entry.
func (s Slot) empty() bool {
	if _, err := os.Lstat(s.path()); !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	ours, _ := wrote(s.lockPath())
	return ours
}

// spent reports whether the slot's file is an entry that is of no use.
func (s Slot) spent(now time.Time, keep func(Slot) bool) bool {
	file, _, err := readOwn(s.path())
	if err != nil || !bytes.HasPrefix(file, []byte(product)) {
		return false
	}
	h, _, _, err := warm.ParseHeader(s.name, file)
	if err != nil {
		info, err := os.Lstat(s.path())
		return err == nil && now.Sub(info.ModTime()) > strangeAge
	}
	return !h.Alive(now, s.dir.boot()) || keep != nil && !keep(s)
}

// isTemp reports whether name is one that Put gives to what it writes.
func isTemp(name string) bool {
	rest, ok := strings.CutPrefix(name, tempPrefix)
	i := strings.LastIndexByte(rest, '.')
	return ok && i > 0 && validName(rest[:i]) && len(rest)-i-1 == textLength
}

// left reports whether the file at path, which is named like one that Put
// writes, is what a dead process left of one, torn or whole.
func left(path string, now time.Time) bool {
	f, info, err := openOwn(path, os.O_RDONLY)
	if err != nil {
		return false
	}
	defer f.Close()
	text, err := beginning(f, len(product))
	return err == nil && now.Sub(info.ModTime()) > tempAge && strings.HasPrefix(product, string(bytes.TrimRight(text, "\x00")))
}
