package cache

import (
	"errors"
	"strings"
	"time"

	"aws-connector/internal/question"
	"aws-connector/internal/warm"
)

var errNotKept = errors.New("cache: an answer that is not kept")

// PutAnswer keeps the finished answer to q, which was made of the entry e that
// [Slot.Get] returned, for packages question and warm to give until then, or until
// anything that it depends on changes. It is an error that there is no entry or no
// question, that q does not tell the state well enough, and whatever is one of
// [Slot.Put].
//
// A slot that it puts the answer into is empty to Get, and like any other to
// [Dir.Sweep] and [Slot.Remove].
func (d *Dir) PutAnswer(now time.Time, q *question.Question, e Entry, until time.Time, answer []byte) error {
	if q == nil || e.read == nil || len(answer) > MaxData {
		return errNotKept
	}
	q.Read(e.read.path, e.read.info.Sys())
	h := e.read.header
	if until.Before(h.Expires) {
		h.Expires = until.Truncate(time.Second)
	}
	_ = d.sealer.ready() // makes the key, without which nothing is kept where there can be one
	payload, ok := q.Payload(answer, h.Expires.UnixNano(), h.Written.UnixNano(), int64(h.Boot))
	if ok && putKey(question.AnswerPrefix+q.Name, payload, h.Expires.Sub(now)) == nil {
		return nil
	}
	file, ok := warm.Seal(q, answer, h)
	if !ok {
		return errNotKept
	}
	return d.Slot(q.Name).place(now, file)
}

// DropAnswers makes the kernel forget the finished answers that it keeps for this
// user, from whatever directory.
func DropAnswers() { dropKeys(question.AnswerPrefix) }

// IsAnswer reports whether the slot is one of [Dir.PutAnswer]'s.
func (s Slot) IsAnswer() bool { return strings.HasSuffix(s.name, question.Suffix) }
