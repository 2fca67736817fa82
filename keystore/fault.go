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

func (f *file) damaged(what string) error {
	return &fault{text: fmt.Sprintf("%s is damaged: %s", f.path, what),
		cure: "restore it from a backup, or move it away and store the keys again"}
}

func (f *file) wrong(path string) error { return fmt.Errorf("%w for %s", ErrPassphrase, path) }

// notAge says what a file is that age did not encrypt.
func (f *file) notAge(data []byte) error {
	const shown = "-----BEGIN AGE ENCRYPTED FILE-----"
	text := string(data)
	switch {
	case text == "":
		return f.damaged("it is empty")
	case strings.HasPrefix(ageHeader, text):
		return f.damaged("it ends within its first line")
	case strings.HasPrefix(text, ageHeader):
		return f.damaged("its header is cut or changed")
	case strings.HasPrefix(text, shown):
		return &fault{text: f.path + " is an age file in armor, which the file of keys is not",
			cure: "decrypt it with age -d, encrypt it again without -a, and put that in its place"}
	}
	return &fault{text: f.path + " is not a file that age encrypted",
		cure: "move it away, then store the keys with `aws-connector key add NAME`"}
}

// forRecipients is for a file that no passphrase opens.
func (f *file) forRecipients(types []string) error {
	return &fault{text: fmt.Sprintf("%s is encrypted to a recipient (%s), and connectors.toml names no identity", f.path, someTypes(types)),
		cure: "set keystore_identity to the file of the identity that opens it", kind: ErrIdentity}
}

// forAPassphrase is for a file that no identity opens.
func (f *file) forAPassphrase() error {
	return &fault{text: fmt.Sprintf("%s is encrypted under a passphrase, and keystore_identity is %s", f.path, f.Identity),
		cure: "remove keystore_identity, or encrypt the file to the identity: age -d FILE | age -e -i IDENTITY -o NEW, then put NEW in its place", kind: ErrIdentity}
}

func (f *file) forOthers(types []string) error {
	return &fault{text: fmt.Sprintf("%s is encrypted to other recipients (%s) than those of the identity in %s", f.path, someTypes(types), f.Identity),
		cure: "set keystore_identity to the identity that opens it", kind: ErrIdentity}
}

func (f *file) tooMuchWork(path, work string) error {
	return &fault{text: fmt.Sprintf("%s asks for a work factor of 2^%s, and more than 2^%d is not computed", path, plain.Line(work), maxWorkFactor),
		cure: "age encrypts with 2^18: decrypt the file with what made it and encrypt it again with age -p"}
}

// errFIPS is for a process whose Go refuses what age is made of.
func (f *file) errFIPS() error {
	return &fault{text: f.path + " cannot be opened under GODEBUG=fips140=only: age needs scrypt, X25519 and ChaCha20-Poly1305, which are not in FIPS 140",
		cure: `set fips140=on, or keystore = "system"`}
}

// notWritten is for a disk that is full or the like: the file is what it was.
func (f *file) notWritten(err error) error {
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) {
			return &fault{text: fmt.Sprintf("%s was not written: %v", f.path, err),
				cure: "the keys of before are still there: make room on that disk, then do the same again", kind: err}
		}
	}
	return fmt.Errorf("%s was not written: %w", f.path, err)
}

// someTypes lists types of stanzas, for a message.
func someTypes(types []string) string {
	const few = 4
	var all []string
	for _, t := range types {
		// age adds one that means nothing, so that programs get used to it.
		if !strings.HasSuffix(t, "-grease") && !slices.Contains(all, t) {
			all = append(all, plain.Line(t))
		}
	}
	if len(all) > few {
		all = append(all[:few], "…")
	}
	return strings.Join(all, ", ")
}
