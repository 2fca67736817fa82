package question

import (
	"errors"
	"strconv"
	"syscall"
	"unsafe"
)

const (
	// KeySize is the length of the key that seals the cache, in bytes.
	KeySize = 32
	// KeyName is its description in the kernel's keyring of the user.
	KeyName = "aws-connector:cache"
	// AnswerPrefix begins the descriptions of the keys that hold an answer.
	AnswerPrefix = "aws-connector:answer:"
	// ErrNoKey is the error of no key of a description.
	ErrNoKey = syscall.ENOKEY
)

// KeyTypes are the types of keys that hold an answer. add_key(2)
var KeyTypes = [...]string{UserKey, BigKey}

const (
	UserKey = "user"
	// BigKey takes next to nothing of the user's quota, where the kernel has it.
	BigKey = "big_key"
)

const (
	keyctlSearch = 10
	keyctlRead   = 11
	userKeyring  = ^uintptr(4 - 1) // KEY_SPEC_USER_KEYRING is -4
)

// KernelKey returns the key of this description that seals the cache.
func KernelKey(description string) ([]byte, error) {
	id, errno := findKey(UserKey, description)
	if errno != 0 {
		return nil, errno
	}
	key := make([]byte, KeySize)
	n, errno := readKey(id, key)
	switch {
	case errno != 0:
		return nil, errno
	case n != KeySize:
		return nil, errors.New("a key " + description + " of " + strconv.Itoa(n) + " bytes is not ours")
	}
	return key, nil
}

// findKey does not ask the kernel's "request key" helpers, which are programs.
// keyctl(2)
func findKey(kind, description string) (uintptr, syscall.Errno) {
	k, d := zeroed(kind), zeroed(description)
	id, _, errno := syscall.RawSyscall6(syscall.SYS_KEYCTL, keyctlSearch, userKeyring, uintptr(unsafe.Pointer(&k[0])), uintptr(unsafe.Pointer(&d[0])), 0, 0)
	return id, errno
}

// readKey fills b, and returns how long the key is.
func readKey(id uintptr, b []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_KEYCTL, keyctlRead, id, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0, 0)
	return int(n), errno
}

func zeroed(s string) []byte { return append([]byte(s), 0) }
