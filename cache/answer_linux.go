package cache

import (
	"encoding/binary"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"aws-connector/internal/question"

	"golang.org/x/sys/unix"
)

// putKey puts a payload into the kernel's keyring of the user, in the place of what
// is there under this description. The kernel drops it after life. Half of the user's
// quota of keys is left to other programs.
func putKey(description string, payload []byte, life time.Duration) error {
	seconds := int(life / time.Second)
	if seconds <= 0 {
		return errNotKept
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := errNotKept
	for _, kind := range [...]string{question.BigKey, question.UserKey} {
		if kind == question.UserKey && !roomFor(len(description)+len(payload)) {
			break
		}
		var id int
		if id, err = unix.AddKey(kind, description, payload, unix.KEY_SPEC_THREAD_KEYRING); err != nil {
			continue
		}
		err = publish(id, seconds)
		unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_THREAD_KEYRING, 0, 0)
		if err == nil {
			dropOthers(kind, description)
			return nil
		}
	}
	return err
}

// roomFor reports whether a key of n bytes fits into the half of the user's quota that
// this program takes. proc(5), /proc/key-users
func roomFor(n int) bool {
	text, err := os.ReadFile("/proc/key-users")
	if err != nil {
		return false
	}
	user := strconv.Itoa(os.Geteuid()) + ":"
	for line := range strings.Lines(string(text)) {
		// UID: usage keys/instantiated keys/most bytes/most
		words := strings.Fields(line)
		if len(words) == 5 && words[0] == user {
			return half(words[3], 1) && half(words[4], n)
		}
	}
	return false
}

// half reports whether n more are less than half of the most, in "used/most".
func half(share string, n int) bool {
	first, second, _ := strings.Cut(share, "/")
	used, err := strconv.Atoi(first)
	most, err2 := strconv.Atoi(second)
	return err == nil && err2 == nil && used+n < most/2
}

// publish gives a key of this thread's its end and its permissions, so that nobody
// finds one without them, and puts it where the others look.
func publish(id, seconds int) error {
	if _, err := unix.KeyctlInt(unix.KEYCTL_SET_TIMEOUT, id, seconds, 0, 0); err != nil {
		return err
	}
	if err := unix.KeyctlSetperm(id, possessorAllButWrite|userViewReadSearch); err != nil {
		return err
	}
	_, err := unix.KeyctlInt(unix.KEYCTL_LINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
	return err
}

// dropOthers drops the key of this description that is of another type than kind.
func dropOthers(kind, description string) {
	for _, other := range question.KeyTypes {
		if other == kind {
			continue
		}
		if id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, other, description, 0); err == nil {
			unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
		}
	}
}

// dropKeys drops the keys whose description begins so.
func dropKeys(prefix string) {
	ids := make([]byte, 64<<10)
	n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, unix.KEY_SPEC_USER_KEYRING, ids, 0)
	if err != nil {
		return
	}
	for ids = ids[:min(n, len(ids))]; len(ids) >= 4; ids = ids[4:] {
		id := int(int32(binary.NativeEndian.Uint32(ids)))
		// type;uid;gid;permissions;description
		text, err := unix.KeyctlString(unix.KEYCTL_DESCRIBE, id)
		if parts := strings.SplitN(text, ";", 5); err == nil && len(parts) == 5 && strings.HasPrefix(parts[4], prefix) {
			unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
		}
	}
}
