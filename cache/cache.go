// Package cache keeps short-lived values on disk, one file each, for all
// processes of a user.
//
// A value is read whole or not at all: whatever is wrong with a file, reading
// it is a miss. It is written whole or not at all. The package knows nothing of
// what it keeps, and imports nothing that makes a program slow to start.
package cache

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"aws-connector/internal/warm"
)

const (
	// MaxData is how many bytes an [Entry] can hold.
	MaxData = 60 << 10
	// maxFile bounds what is read of a file that anybody may have made.
	maxFile = 64 << 10
	maxName = 200

	lockSuffix = ".lock"
	tempPrefix = "."
)

var (
	errName = errors.New("cache: not a name of a slot")
	errSize = errors.New("cache: too large an entry")
	errDir  = errors.New("not a directory of this user's alone: a link, another user's, or others can write to it")
)

// Dir is a directory of entries. Its methods, and those of its slots, are safe
// for concurrent use.
type Dir struct {
	path   string
	seal   Seal
	sealer sealer
	boot   func() time.Duration
	flock  func(f *os.File, wait bool) (held bool, err error)
	waits  waits
}

// Open returns the cache in the directory path, which should be absolute, with
// entries protected as seal says. It touches nothing: the directory is made by
// the first [Slot.Put] or [Slot.Lock], the operating system's key by what first
// needs it: a Put, a Get of a plain file, or [Dir.Sealing].
//
// A directory that exists is used if it is this user's alone, and its mode stays:
// nothing is kept, and every Get is a miss, where it is a link, another user's or
// one that others can write to, or, for root, below a directory of another
// user's. Of the files in it none is replaced or removed but those that this
// package wrote.
func Open(path string, seal Seal) *Dir {
	switch seal {
	case "":
		seal = Auto
	case Auto, Off:
	default:
		seal = Keyring
	}
	return &Dir{path: path, seal: seal, sealer: newSealer(), boot: warm.SinceBoot, flock: lockOf}
}

// Path returns the directory.
func (d *Dir) Path() string { return d.path }

// Slot returns the place of one entry. A name has 1 to 200 letters, digits,
// dots, dashes and underscores and does not begin with a dot; a slot of any
// other name is always empty and refuses to be filled.
func (d *Dir) Slot(name string) Slot { return Slot{d, name} }

// Slots returns the slots that have an entry, valid or not, or are or were
// locked, by name. An absent directory has none; the error of one in which
// nothing is kept is [Unused].
func (d *Dir) Slots() ([]Slot, error) {
	var files []os.DirEntry
	err := checkDir(d.path)
	if err == nil {
		files, err = os.ReadDir(d.path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), lockSuffix)
		if !validName(name) {
			continue
		}
		if ours, _ := wrote(filepath.Join(d.path, f.Name())); ours {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var slots []Slot
	for _, name := range slices.Compact(names) {
		slots = append(slots, d.Slot(name))
	}
	return slots, nil
}

// Slot is the place of one entry. Slots of one [Dir] are comparable.
type Slot struct {
	dir  *Dir
	name string
}

// Entry is a value with the end of its life.
type Entry struct {
	// Expires has whole seconds; a fraction is dropped.
	Expires time.Time
	// Data has at most [MaxData] bytes.
	Data []byte

	// read is set where the entry was read from a file.
	read *read
}

// read is what was found of an entry besides its data.
type read struct {
	path   string
	info   os.FileInfo
	header warm.Header
}

// Name returns the slot's name.
func (s Slot) Name() string { return s.name }

// Get returns the entry that is valid at now, the caller's wall clock. False
// covers every reason not to trust a file: it is absent, expired, damaged, of
// another slot or format, sealed with another key or not at all where it should
// be, too large, not a regular file of ours with mode 0600, reached through a
// link, or in a directory that others can write to.
//
// A wall clock that is set back does not revive an entry: it is not valid any
// longer than it had left when it was put, by the clock that counts from the
// machine's start (Linux, macOS, Windows), nor more than a minute before it was put.
func (s Slot) Get(now time.Time) (Entry, bool) {
	e, ok := s.look()
	if !ok || !e.read.header.Alive(now, s.dir.boot()) {
		return Entry{}, false
	}
	return e, true
}

// Peek returns the entry as Get does, whether or not it is still valid.
func (s Slot) Peek() (Entry, bool) {
	return s.look()
}

func (s Slot) look() (Entry, bool) {
	if !validName(s.name) || checkDir(s.dir.path) != nil {
		return Entry{}, false
	}
	file, info, err := readOwn(s.path())
	if err != nil {
		return Entry{}, false
	}
	h, data, err := s.dir.decode(s.name, file)
	if err != nil {
		return Entry{}, false
	}
	return Entry{h.Expires, data, &read{s.path(), info, h}}, true
}

// Put replaces the entry at now, the caller's wall clock. On an error the old
// one is still there. It is an error that something else lies in the entry's
// place and, with [Keyring], that the operating system gives no key.
func (s Slot) Put(now time.Time, e Entry) error {
	if !validName(s.name) {
		return errName
	}
	if len(e.Data) > MaxData {
		return errSize
	}
	file, err := s.dir.encode(warm.Header{Name: s.name, Expires: e.Expires, Written: now, Boot: s.dir.boot()}, e.Data)
	if err != nil {
		return err
	}
	return s.place(now, file)
}

// place puts a file into the slot, whole or not at all.
func (s Slot) place(now time.Time, file []byte) error {
	if err := makeDir(s.dir.path); err != nil {
		return err
	}
	if err := s.replaceable(now); err != nil {
		return err
	}
	temp := filepath.Join(s.dir.path, tempPrefix+s.name+"."+rand.Text())
	if err := writeNew(temp, file); err != nil {
		return errors.Join(err, removeIfThere(temp))
	}
	if err := rename(temp, s.path()); err != nil {
		return errors.Join(err, removeIfThere(temp))
	}
	return nil
}

// Remove empties the slot. One that is empty already is no error: nothing is
// there, or something else, which stays, or the directory is not used.
func (s Slot) Remove() error {
	if !validName(s.name) {
		return errName
	}
	if err := checkDir(s.dir.path); err != nil {
		if Unused(err) {
			return nil
		}
		return err
	}
	if ours, err := wrote(s.path()); !ours {
		return err
	}
	return removeIfThere(s.path())
}

func (s Slot) path() string { return filepath.Join(s.dir.path, s.name) }

// writeNew writes a file without waiting for the disk to have it, which can take
// half a minute and delays an answer. What a machine that stops leaves of the
// file, nothing, zeros or a part, has not the sum or the seal of a whole one and
// costs a miss.
func writeNew(path string, data []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.Write(data)
	return err
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func validName(name string) bool {
	if name == "" || len(name) > maxName || name[0] == '.' || strings.HasSuffix(name, lockSuffix) {
		return false
	}
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
		default:
			return false
		}
	}
	return true
}
