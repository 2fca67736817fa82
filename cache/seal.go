package cache

// Seal says how entries are protected at rest; the zero value is [Auto], and a
// value that is none of the three is [Keyring].
type Seal string

const (
	// Auto seals entries where the operating system keeps a key off the disks
	// and gives it without a prompt, and else writes plain files.
	Auto Seal = "auto"
	// Keyring seals entries, or keeps nothing.
	Keyring Seal = "keyring"
	// Off writes plain files.
	Off Seal = "off"
)

// sealer seals with a key that the operating system keeps: the Linux kernel's
// keyring, Windows DPAPI, or none.
type sealer interface {
	// name completes "sealed by".
	name() string
	// ready makes the key if there is none, and returns why there can be none.
	ready() error
	// seal encrypts data; head is authenticated with it. It makes the key too.
	seal(head, data []byte) ([]byte, error)
	// open is the inverse of seal.
	open(head, body []byte) ([]byte, error)
}

// unsealable is the error of writing an entry that must be sealed.
type unsealable struct{ err error }

func (e *unsealable) Error() string {
	return "cache: nothing is kept with seal \"keyring\": " + e.err.Error()
}

func (e *unsealable) Unwrap() error { return e.err }

// refusal is an operating system's error about its key.
type refusal struct {
	by  string
	err error
}

func (e *refusal) Error() string { return e.by + " refused: " + e.err.Error() }

func (e *refusal) Unwrap() error { return e.err }

// Sealing tells a person how entries are protected, and why not better. Like
// writing an entry, it makes the key where there is none.
func (d *Dir) Sealing() string {
	if d.seal == Off {
		return "plain files: seal is off"
	}
	err := d.sealer.ready()
	switch {
	case err == nil:
		return "sealed by " + d.sealer.name()
	case d.seal == Auto:
		return "plain files: " + err.Error()
	}
	return "nothing is kept: " + err.Error()
}

// expectsSealed makes the key where there is none, for only that tells whether
// the operating system would refuse it: then what is plain is right.
func (d *Dir) expectsSealed() bool {
	return d.seal == Keyring || d.seal == Auto && d.sealer.ready() == nil
}
