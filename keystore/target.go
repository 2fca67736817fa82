package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// linkTries bounds how often what a link leads to may become a link itself while
// it is opened.
const linkTries = 10

// target returns the path of the file itself, where f.path is a symbolic link to
// it; the file need not exist. A link that another user could have planted is an
// error, as is one to a directory that is not there.
func (f *file) target() (string, error) {
	path, linked, err := follow(f.path)
	if err != nil || !linked {
		return path, err
	}
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
		return "", &fault{f.path + " is a symbolic link to " + path + ", whose directory does not exist", "make that directory, or remove the link", nil}
	}
	return path, nil
}

// readLinked is [openProvided] of what the path leads to.
func readLinked(path string, limit int64) (data []byte, stamp string, err error) {
	for range linkTries {
		target, _, err := follow(path)
		if err != nil {
			return nil, "", err
		}
		data, stamp, err = openProvided(target, limit)
		if !errors.Is(err, errIsLink) {
			return data, stamp, err
		}
	}
	return nil, "", fmt.Errorf("%s leads to another file each time", path)
}
