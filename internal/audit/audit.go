// Package audit appends to a trail of answers: who asked, for what, and what
// came of it, one JSON object a line. It holds no secret.
package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"aws-connector/internal/plain"
)

// Syslog is the name of the trail that goes to the system's log.
const Syslog = "syslog"

// Record is one answer.
type Record struct {
	// Time is written in UTC with milliseconds, RFC 3339.
	Time time.Time `json:"time"`
	// Version is this program's.
	Version string `json:"version"`
	Caller
	// Connector is empty where there is none of the name asked for.
	Connector string `json:"connector,omitempty"`
	// Action is the command that was answered, such as "get" or "docker get".
	Action string `json:"action"`
	Answer Answer `json:"answer"`
	// Key is the last four characters of the access key id, empty where there is none.
	Key string `json:"key,omitempty"`
	// Outcome is "ok", or what kind of failure it was: a word, never a text.
	Outcome string `json:"outcome"`
}

// Answer is where an answer came from.
type Answer string

// The answers.
const (
	Hit    Answer = "hit"    // from the cache
	Mint   Answer = "mint"   // newly made, or read from the keystore
	Failed Answer = "failed" // there was none
)

// Caller is the process that asked: this one's parent.
type Caller struct {
	PID int `json:"pid"`
	// Program is what Linux calls it, 15 bytes at most; empty elsewhere.
	Program string `json:"program,omitempty"`
}

// line is r as one line.
func (r Record) line() ([]byte, error) {
	r.Time = r.Time.UTC().Truncate(time.Millisecond)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(r)
	return plain.JSON(b.Bytes()), err
}

// Append adds r to the trail: to the file at the absolute path trail, or with
// [Syslog] to the system's log. It never waits: neither for a FIFO's reader nor
// for a log that is full.
//
// A file that does not exist is made, 0600; its directory is not. The line goes
// in by one write, so that lines of many processes do not mix, and behind what a
// full disk left of another line it is a line of its own. A symbolic link, what is
// not a regular file, another user's file, and for root also a place of another
// user's are refused.
func Append(trail string, r Record) error {
	line, err := r.line()
	if err != nil {
		return err
	}
	if trail == Syslog {
		return toSyslog(sockets, r.Time, line)
	}
	if err := absolute(trail); err != nil {
		return err
	}
	f, err := open(trail, os.O_CREATE)
	if err != nil {
		return err
	}
	if staysTorn(f) {
		line = append([]byte("\n"), line...)
	}
	n, err := f.Write(line)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil && n < len(line) {
		err = fmt.Errorf("%s: %d of %d bytes written", trail, n, len(line))
	}
	return err
}

// staysTorn reports whether f ends within a line that nobody is writing.
func staysTorn(f *os.File) bool {
	const looks, pause = 5, time.Millisecond
	for range looks {
		if !torn(f) {
			return false
		}
		time.Sleep(pause)
	}
	return true
}

// torn reports whether f ends within a line. One that cannot be read is taken for whole.
func torn(f *os.File) bool {
	var last [1]byte
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil || end == 0 {
		return false
	}
	_, err = f.ReadAt(last[:], end-1)
	return err == nil && last[0] != '\n'
}

// Check reports why nothing can be appended to the trail, as far as that can be
// known without doing it. It changes nothing.
func Check(trail string) error {
	if trail == Syslog {
		return reach(sockets)
	}
	if err := absolute(trail); err != nil {
		return err
	}
	f, err := open(trail, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return room(filepath.Dir(trail), true)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return room(filepath.Dir(trail), false)
}

// absolute refuses a file that would be another one in each directory.
func absolute(trail string) error {
	if !filepath.IsAbs(trail) {
		return fmt.Errorf("%s is not an absolute path", trail)
	}
	return nil
}
