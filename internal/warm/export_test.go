package warm

import (
	"bytes"
	"time"
)

// Settle makes stamps tell versions of a file apart after d.
func Settle(d time.Duration) (restore func()) {
	was := settled
	settled = d
	return func() { settled = was }
}

// FormOf and Clean are for tests of what is a question.
var (
	FormOf = formOf
	Clean  = clean
)

// Knows reports whether s is in the state of the question.
func (q *Question) Knows(s string) bool { return bytes.Contains(q.state, text(nil, s)) }

// File returns the path of the answer's file.
func (q *Question) File() string { return q.dir + "/" + q.slot }
