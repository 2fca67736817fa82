package dotfile

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
	"golang.org/x/sys/windows"
)

// Other programs, virus scanners first, hold a file for a moment.
const (
	renameTries = 20
	renamePause = 10 * time.Millisecond

	readFlags = os.O_RDONLY
)

func isOwn(fs.FileInfo) bool { return true }

// Who may write is what ACLs say; a directory's read-only attribute means nothing.
func checkDir(string, fs.FileInfo) error { return nil }

func (p *place) checkOwner(*File) error { return nil }

func keepOwner(*os.File, fs.FileInfo) error { return nil }

// lock keeps other processes of this user's out, by a file in the user's own
// directory for temporary files: one beside the file would be litter.
func lock(root *os.Root) (unlock func(), locked bool, err error) {
	name := fmt.Sprintf("aws-connector-%x.lock", sha256.Sum256([]byte(strings.ToLower(root.Name()))))
	unlock, err = lockedfile.MutexAt(filepath.Join(os.TempDir(), name)).Lock()
	return unlock, err == nil, err
}

func rename(root *os.Root, from, to string) error {
	var err error
	for range renameTries {
		err = root.Rename(from, to)
		if !errors.Is(err, windows.ERROR_SHARING_VIOLATION) && !errors.Is(err, windows.ERROR_ACCESS_DENIED) {
			return err
		}
		time.Sleep(renamePause)
	}
	return err
}
