package cache

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// The time of the directory's tag says when it was made, or last swept.
const (
	// turnEvery is how often the directory is swept where entries are put all the
	// time: often enough for more to go than come.
	turnEvery = time.Minute
	// turnChance is one in how many sweeps where there is no tag of ours, as in a
	// directory that somebody else made.
	turnChance = 16
)

// Filled reports whether an entry was put through d since it was last tidied.
func (d *Dir) Filled() bool { return d.filled.Load() }

// Tidy sweeps the directory as [Dir.Sweep] does, if an entry was put through d and
// nobody, of all processes, has swept for a minute. It is for a process that has
// given its answer and holds no lock: however many entries there are, it costs
// next to nothing but once a minute, and then no more than a sweep may.
func (d *Dir) Tidy(now time.Time, keep func(Slot) bool) error {
	if !d.filled.Swap(false) {
		return nil
	}
	done, ok := d.turn(now)
	if !ok {
		return nil
	}
	defer done()
	return d.Sweep(now, keep)
}

// turn reports whether it is this process that is to sweep now, until it calls done.
func (d *Dir) turn(now time.Time) (done func(), ok bool) {
	if checkDir(d.path) != nil {
		return nil, false
	}
	path := filepath.Join(d.path, tagName)
	if swept(path, now) {
		return nil, false
	}
	f, err := openTag(path)
	if err != nil {
		return func() {}, rand.N(turnChance) == 0
	}
	if held, err := tryLock(f); err != nil || !held || swept(path, now) {
		f.Close()
		return nil, false
	}
	// Before the sweep: one that is killed, or that takes too long, is not made again at once.
	if os.Chtimes(path, now, now) != nil && rand.N(turnChance) != 0 {
		f.Close()
		return nil, false
	}
	return func() { f.Close() }, true
}

// openTag opens the directory's tag, if this package wrote it.
func openTag(path string) (*os.File, error) {
	f, _, err := openOwn(path, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	text, err := beginning(f, len(tag)+1)
	if err == nil && string(text) != tag {
		err = foreign(path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// swept reports whether the file at path is less than turnEvery from now. One that
// a clock left far in the future says nothing.
func swept(path string, now time.Time) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular() && now.Sub(info.ModTime()).Abs() < turnEvery
}
