package cache

import (
	"crypto/rand"
	"errors"
	"runtime"

	"aws-connector/internal/question"
	"aws-connector/internal/warm"

	"golang.org/x/sys/unix"
)

// The kernel's permissions of a key, as in linux/key.h. Whoever possesses it may
// do all but change it; every process of the user may find and read it, which
// one of a service or another login, whose session keyring is not linked to the
// user's, would otherwise not.
const (
	possessorAllButWrite = 0x3b << 24
	userViewReadSearch   = 0x0b << 16
)

const keyType = "user"

func newSealer() sealer { return kernelKey{question.KeyName} }

// kernelKey is a random key in the kernel's keyring of the user. It is gone
// when the machine is shut down. See keyrings(7), user-keyring(7).
type kernelKey struct{ description string }

func (kernelKey) name() string { return "the Linux kernel keyring" }

func (k kernelKey) ready() error {
	_, err := k.findOrCreate()
	return err
}

func (k kernelKey) seal(head, data []byte) ([]byte, error) {
	key, err := k.findOrCreate()
	if err != nil {
		return nil, err
	}
	gcm, err := warm.NewGCM(key)
	if err != nil {
		return nil, err
	}
	return gcm.Seal(nil, nil, data, head), nil
}

func (k kernelKey) open(head, body []byte) ([]byte, error) {
	key, err := k.find()
	if err != nil {
		return nil, err
	}
	gcm, err := warm.NewGCM(key)
	if err != nil {
		return nil, err
	}
	return gcm.Open(nil, nil, body, head)
}

func (k kernelKey) findOrCreate() ([]byte, error) {
	key, err := k.find()
	if errors.Is(err, unix.ENOKEY) {
		key, err = k.create()
	}
	if err != nil {
		return nil, &refusal{"the kernel", err}
	}
	return key, nil
}

func (k kernelKey) find() ([]byte, error) { return question.KernelKey(k.description) }

// create puts a new key into the user's keyring, unless another process is
// first, and returns the one that is there then.
//
// The key gets its permissions in the keyring of this thread, so that nobody
// ever finds one that it cannot read, and is moved where the others look for it.
func (k kernelKey) create() ([]byte, error) {
	key := make([]byte, question.KeySize)
	rand.Read(key)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	id, err := unix.AddKey(keyType, k.description, key, unix.KEY_SPEC_THREAD_KEYRING)
	if err != nil {
		return nil, err
	}
	// After a move it is no longer there, and that is no matter.
	defer unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_THREAD_KEYRING, 0, 0)
	if err := unix.KeyctlSetperm(id, possessorAllButWrite|userViewReadSearch); err != nil {
		return nil, err
	}
	_, err = unix.KeyctlInt(unix.KEYCTL_MOVE, id, unix.KEY_SPEC_THREAD_KEYRING, unix.KEY_SPEC_USER_KEYRING, unix.KEYCTL_MOVE_EXCL)
	if errors.Is(err, unix.EOPNOTSUPP) {
		// Before Linux 5.3 the last of several that are first wins, and what the
		// others sealed meanwhile is a miss.
		_, err = unix.KeyctlInt(unix.KEYCTL_LINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
	}
	if err != nil && !errors.Is(err, unix.EEXIST) {
		return nil, err
	}
	return k.find()
}
