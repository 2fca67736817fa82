package cache

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// markPrefix begins the names of marks; no slot has a name like it.
	markPrefix = ".mark-"
	markMagic  = product + "mark 1\n"
	maxMark    = 512
	// markAge is the age at which a mark is of no more use: nobody made it anew.
	markAge = 2 * 365 * 24 * time.Hour
)

// PutMark keeps one line of text that is no secret under name, which is made of
// letters and digits, for everybody to read: unlike an entry it is never sealed,
// outlives the machine's start, and stays when entries are dropped. Of two that put
// one at once, one wins. Nothing depends on it: it may get lost.
func (d *Dir) PutMark(name, text string) error {
	path, ok := d.mark(name)
	switch {
	case !ok:
		return errName
	case len(text) > maxMark || strings.ContainsAny(text, "\n\x00"):
		return errSize
	}
	if err := makeDir(d.path); err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		if ours, err := wrote(path); !ours {
			return errors.Join(err, foreign(path))
		}
	}
	temp := filepath.Join(d.path, tempPrefix+"mark-"+name+"."+rand.Text())
	if err := writeNew(temp, []byte(markMagic+text+"\n")); err != nil {
		return errors.Join(err, removeIfThere(temp))
	}
	if err := rename(temp, path); err != nil {
		return errors.Join(err, removeIfThere(temp))
	}
	return nil
}

// Mark returns the text that was put under name; false if there is none that is whole.
func (d *Dir) Mark(name string) (text string, ok bool) {
	path, ok := d.mark(name)
	if !ok || checkDir(d.path) != nil {
		return "", false
	}
	file, _, err := readOwn(path)
	if err != nil {
		return "", false
	}
	text, ok = strings.CutPrefix(string(file), markMagic)
	text, whole := strings.CutSuffix(text, "\n")
	return text, ok && whole && len(text) <= maxMark && !strings.ContainsAny(text, "\n\x00")
}

// RemoveMark forgets what was put under name.
func (d *Dir) RemoveMark(name string) error {
	path, ok := d.mark(name)
	if !ok || checkDir(d.path) != nil {
		return nil
	}
	if ours, err := wrote(path); !ours {
		return err
	}
	return removeIfThere(path)
}

func (d *Dir) mark(name string) (path string, ok bool) {
	path = filepath.Join(d.path, markPrefix+name)
	return path, validName(name) && !strings.ContainsAny(name, ".-_")
}

// sweepMark removes the mark in the file called name if nobody put it for long.
func (d *Dir) sweepMark(name string, now time.Time) error {
	path := filepath.Join(d.path, name)
	info, err := os.Lstat(path)
	if err != nil || now.Sub(info.ModTime()) < markAge {
		return nil
	}
	if ours, err := wrote(path); !ours {
		return err
	}
	return removeIfThere(path)
}
