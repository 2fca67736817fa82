//go:build !linux

package question

import "syscall"

const (
	// KeySize is the length of a key, in bytes.
	KeySize = 32
	// KeyName is the description of the key, where there is one, and AnswerPrefix
	// begins those of keys that hold an answer.
	KeyName, AnswerPrefix = "", ""
)

// ErrNoKey is the error of no key of a description.
const ErrNoKey = syscall.Errno(0)

// KernelKey fails: this operating system gives no such key.
func KernelKey(string) ([]byte, error) { return nil, syscall.ENOSYS }

// Payload keeps nothing in such a key.
func (q *Question) Payload([]byte, int64, int64, int64) ([]byte, bool) { return nil, false }

// Find finds nothing there.
func (q *Question) Find() ([]byte, bool) { return nil, false }
