package keystore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"aws-connector/internal/secret"
)

const (
	longestPassphrase = 4096
	// passphraseWait is how long a pipe may take to bring a passphrase: whoever
	// writes it may have to unlock a password store first.
	passphraseWait = 20 * time.Second
)

// PassphraseFileError says why a file is not taken for a passphrase, and wraps
// [ErrPassphraseFile]. It shows nothing of what is in the file.
type PassphraseFileError struct {
	Path, Problem, Advice string
	cause                 error
}

func (e *PassphraseFileError) Error() string { return e.Path + " " + e.Problem }

// Hint returns Advice.
func (e *PassphraseFileError) Hint() string    { return e.Advice }
func (e *PassphraseFileError) Unwrap() []error { return []error{ErrPassphraseFile, e.cause} }

// PassphraseFile reads a passphrase from the file at path: its one line, without
// a byte order mark and the line's end. What it judges is the file that is read
// and not a link to it: it must be this user's or root's, and others must not be
// able to read it, but for a group that this process is in, as a Kubernetes secret
// with an fsGroup is mounted. A pipe is read to its end, which must come within 20 s.
// Its error is a [*PassphraseFileError].
func PassphraseFile(ctx context.Context, path string) (secret.Text, error) {
	ctx, cancel := context.WithTimeout(ctx, passphraseWait)
	defer cancel()
	data, err := readPassphrase(ctx, path)
	if err == nil {
		data, err = onlyLine(data)
	}
	var e *PassphraseFileError
	switch {
	case err == nil:
		return secret.New(string(data)), nil
	case errors.As(err, &e):
	case errors.Is(err, context.Canceled):
		return secret.Text{}, err
	case errors.Is(err, context.DeadlineExceeded):
		e = unfit("did not end in time", "whoever writes to it must close it after the passphrase")
	case errors.Is(err, fs.ErrNotExist):
		e = unfit("does not exist", "make it, with mode 0600 and the passphrase on its only line")
	case errors.Is(err, fs.ErrPermission):
		e = unfit("cannot be read by this user", "it must belong to the user who runs aws-connector and have mode 0600 or 0400")
	default:
		e = unfit("cannot be read: "+cause(err).Error(), "it must be a file of mode 0600 with the passphrase on its only line")
	}
	e.Path, e.cause = path, err
	if errors.As(err, new(*PassphraseFileError)) {
		e.cause = nil
	}
	return secret.Text{}, e
}

func unfit(problem, advice string) *PassphraseFileError {
	return &PassphraseFileError{Problem: problem, Advice: advice}
}

// cause is an error without the path, which is told already.
func cause(err error) error {
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		return at.Err
	}
	return err
}

// onlyLine returns the line that data is.
func onlyLine(data []byte) ([]byte, error) {
	utf16 := bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff"))
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.TrimSuffix(bytes.TrimSuffix(data, []byte("\n")), []byte("\r"))
	switch {
	case len(data) == 0:
		return nil, unfit("holds no passphrase: it is empty", "write the passphrase on its only line")
	case utf16:
		return nil, unfit("is in UTF-16", "save it as UTF-8, or as plain text")
	case bytes.IndexByte(data, 0) >= 0:
		return nil, unfit("holds a NUL byte, which a passphrase cannot have", "it must be a text with the passphrase on its only line")
	case bytes.ContainsAny(data, "\r\n"):
		return nil, unfit("has more than one line", "write the passphrase on its only line and nothing else")
	case len(data) > longestPassphrase:
		return nil, tooLong()
	}
	return data, nil
}

func tooLong() error {
	return unfit(fmt.Sprintf("is longer than the %d bytes that a passphrase may have", longestPassphrase), "is it the right file?")
}
