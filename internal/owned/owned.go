// Package owned keeps a process of root's out of what belongs to other users.
//
// Under `sudo -E` root has another user's HOME. What root makes there the user
// cannot use, and whoever owns a directory on the way to a file decides, at any
// instant, which file a name in it stands for. So root refuses such a place:
// nothing is made in it, written to it, or given away.
package owned

import (
	"fmt"
	"os"
)

// ErrForeign means that this process is root's and the place is another user's. It
// has a Hint, as errors that wrap it have.
var ErrForeign error = foreignError{}

type foreignError struct{}

func (foreignError) Error() string {
	return "belongs to another user, and this is root: run it as that user"
}

// Hint says how sudo comes to it.
func (foreignError) Hint() string {
	return "under sudo -E, HOME stays that of the user: run it without sudo, or with `sudo -H` for root's own files"
}

// foreign names the directory or link on the way that is not root's.
func foreign(path string) error { return fmt.Errorf("%s %w", path, ErrForeign) }

// MkdirAll makes the directory at the absolute path dir, and those that are
// missing above it, 0700. One that exists stays as it is. Its error is
// [Check]'s, or the system's.
func MkdirAll(dir string) error {
	if err := Check(dir); err != nil {
		return err
	}
	return os.MkdirAll(dir, 0o700)
}
