package keystore

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"aws-connector/internal/plain"
)

// ErrIdentity means that what is configured to open the encrypted file cannot: the
// identity, the recipients, or that there is one or none.
var ErrIdentity = errors.New("not what opens the encrypted file")

// fault is a failure with its cure. What it wraps tells it apart, and is not shown.
type fault struct {
	text, cure string
	kind       error
}

func (e *fault) Error() string { return e.text }
func (e *fault) Hint() string  { return e.cure }
func (e *fault) Unwrap() error { return e.kind }

const (
	restoreIt = "restore it from a backup, or move it elsewhere and store the keys again"
	makeRoom  = "the old keys are still there: free some space on that disk and try again"
	// identityCure says what keystore_identity is for.
	identityCure = "keystore_identity names a file of age identities or an ssh-ed25519 private key, yours and of mode 0600"
)

func (f *file) damaged(what string) error {
	return &fault{f.path + " is damaged: " + what, restoreIt, nil}
}

func wrongFor(path string) error { return fmt.Errorf("%w for %s", ErrPassphrase, path) }

// notAge says what a file is that age did not encrypt.
func (f *file) notAge(data []byte) error {
	const armor = "-----BEGIN AGE ENCRYPTED FILE-----"
	text := string(data)
	switch {
	case text == "":
		return f.damaged("it is empty")
	case strings.HasPrefix(text, ageHeader) || strings.HasPrefix(ageHeader, text):
		return f.damaged("its header is incomplete or was changed")
	case strings.HasPrefix(text, armor):
		return &fault{f.path + " is an age file in armor, which keys.age must not be",
			"decrypt it with age -d, encrypt it again without -a, and put that in its place", nil}
	}
	return &fault{f.path + " is not a file that age encrypted", "move it away, then store the keys with `aws-connector key add NAME`", nil}
}

// notFor is for a file that what is configured does not open.
func (f *file) notFor(types []string) error {
	to := plain.Line(strings.Join(slices.Compact(types), ", "))
	e := &fault{f.path + " is encrypted to other recipients (" + to + ") than those of the identity in " + f.Identity,
		"set keystore_identity to the identity that opens it", ErrIdentity}
	switch {
	case f.Identity == "":
		e.text = f.path + " is encrypted to recipients (" + to + "), and no keystore_identity is set"
	case to == scryptType:
		e.text = f.path + " is encrypted under a passphrase, and keystore_identity is " + f.Identity
		e.cure = "remove keystore_identity; or encrypt the file to the identity: age -d FILE | age -e -i IDENTITY -o NEW, and put NEW in its place"
	}
	return e
}

func tooMuchWork(path, work string) error {
	return &fault{path + " has a work factor of 2^" + plain.Line(work) + ", and the most that is accepted is 2^20",
		"age -p takes 2^18: encrypt it again with that", nil}
}

// fipsFault is for a process whose Go refuses what age is made of.
func (f *file) fipsFault() error {
	return &fault{f.path + " cannot be opened under GODEBUG=fips140=only: age needs scrypt, X25519 and ChaCha20-Poly1305, which FIPS 140 does not allow",
		`set fips140=on, or keystore = "system"`, nil}
}

// notWritten is for a disk that is full or the like: the file is what it was.
func (f *file) notWritten(err error) error {
	e := &fault{f.path + " was not written: " + err.Error(), "", err}
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) {
			e.cure = makeRoom
		}
	}
	if errors.Is(err, syscall.EBUSY) {
		e.cure = "a file that is a mount of its own cannot be replaced: mount its directory, or store the keys where it is mounted from"
	}
	return e
}

func (f *file) notReadBack() error {
	return &fault{f.path + ": what was written cannot be read back", "the old keys are still there: check that disk", nil}
}

func (f *file) badIdentity(why string, kind error) error {
	return &fault{"identity: " + f.Identity + " " + plain.Line(why), identityCure, errors.Join(ErrIdentity, kind)}
}
