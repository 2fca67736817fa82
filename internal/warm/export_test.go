package warm

import "time"

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
	Within = within
)

// Host makes name that of the host.
func Host(name string) (restore func()) {
	was := hostname
	hostname = func() (string, error) { return name, nil }
	return func() { hostname = was }
}

// File returns the path of the answer's file.
func (q *Question) File() string { return q.dir + "/" + q.slot }
