package keystore

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// The kernel's permissions of a key, as in linux/key.h. Whoever possesses it may do
// all but change it; every process of the user may find and read it, which one of
// another login, whose session keyring is not linked to the user's, would
// otherwise not. Nobody else may do anything.
const (
	possessorAllButWrite = 0x3b << 24
	userViewReadSearch   = 0x0b << 16
)

const (
	kernelKeyType = "user"
	// maxKept is more than the kernel lets a user's keys have.
	maxKept = 32 << 10
)

// readKernelKey returns the payload of the key in the kernel's keyring of the user,
// nil where there is none. See keyrings(7), user-keyring(7).
func readKernelKey(description string) ([]byte, error) {
	id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, kernelKeyType, description, 0)
	if err != nil {
		return nil, reading(err)
	}
	payload := make([]byte, 4<<10)
	n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, id, payload, 0)
	if err == nil && n > len(payload) && n <= maxKept {
		payload = make([]byte, n)
		n, err = unix.KeyctlBuffer(unix.KEYCTL_READ, id, payload, 0)
	}
	if err != nil || n > len(payload) {
		return nil, reading(err)
	}
	return payload[:n], nil
}

// reading returns nil for a key that is not there any more.
func reading(err error) error {
	for _, gone := range []error{nil, unix.ENOKEY, unix.EKEYEXPIRED, unix.EKEYREVOKED} {
		if errors.Is(err, gone) {
			return nil
		}
	}
	return noKernelKeyring(err)
}

// writeKernelKey puts a key into the kernel's keyring of the user, in the place of
// one of this description, for life. It gets its permissions and its end in the
// keyring of this thread, so that nobody ever finds one without them.
func writeKernelKey(description string, payload []byte, life time.Duration) error {
	seconds := int((life + time.Second - 1) / time.Second)
	if seconds <= 0 || len(payload) > maxKept {
		return noKernelKeyring(unix.EINVAL)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	id, err := unix.AddKey(kernelKeyType, description, payload, unix.KEY_SPEC_THREAD_KEYRING)
	if err != nil {
		return writing(err)
	}
	defer unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_THREAD_KEYRING, 0, 0)
	if _, err = unix.KeyctlInt(unix.KEYCTL_SET_TIMEOUT, id, seconds, 0, 0); err == nil {
		err = unix.KeyctlSetperm(id, possessorAllButWrite|userViewReadSearch)
	}
	if err == nil {
		_, err = unix.KeyctlInt(unix.KEYCTL_LINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
	}
	return writing(err)
}

func writing(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EDQUOT):
		return fmt.Errorf("%w: this user's quota of keys is used up (keyctl show @u lists them)", ErrNoKernelKeyring)
	}
	return noKernelKeyring(err)
}

// dropKernelKey removes the key, if it is there. Every process of the user may
// invalidate it, though it may not possess it.
func dropKernelKey(description string) (there bool, err error) {
	id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, kernelKeyType, description, 0)
	if err != nil {
		return false, reading(err)
	}
	if _, err = unix.KeyctlInt(unix.KEYCTL_INVALIDATE, id, 0, 0, 0); err != nil {
		_, err = unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
	}
	if err != nil && reading(err) != nil {
		return true, fmt.Errorf("it is still open: the kernel does not drop its key: %w", err)
	}
	return true, nil
}
