package cache

import (
	"errors"
	"strings"
	"time"

	"aws-connector/internal/warm"
)

var errNotKept = errors.New("cache: an answer that is not kept")

// PutAnswer keeps the finished answer to q, which was made of the entry e that
// [Slot.Get] returned, for package warm to give until then, or until anything that
// it depends on changes. It is an error that there is no entry or no question, that
// q does not tell the state well enough, and whatever is one of [Slot.Put].
//
// The slot that it puts the answer into is empty to Get, and like any other to
// [Dir.Sweep] and [Slot.Remove].
func (d *Dir) PutAnswer(now time.Time, q *warm.Question, e Entry, until time.Time, answer []byte) error {
	if q == nil || e.read == nil || len(answer) > MaxData {
		return errNotKept
	}
	q.Read(e.read.path, e.read.info)
	h := e.read.header
	if until.Before(h.Expires) {
		h.Expires = until
	}
	name, file, ok := q.Seal(answer, h, d.seal == Off)
	if !ok {
		return errNotKept
	}
	return d.Slot(name).place(now, file)
}

// IsAnswer reports whether the slot is one of [Dir.PutAnswer]'s.
func (s Slot) IsAnswer() bool { return strings.HasSuffix(s.name, warm.Suffix) }
