package keystore

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
)

// tempOfKeys is in the names of files that are to become the file of keys.
const tempOfKeys = "keys"

var tempPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\.(.+)-[A-Z2-7]{26}\.tmp$`) })

func tempName(dir, name string) string {
	return filepath.Join(dir, "."+name+"-"+rand.Text()+".tmp")
}

// createTemp makes a file that is to take another's place by [place]. As long as
// it is open [removeTemps] leaves it alone.
func createTemp(dir, name string) (*os.File, error) {
	for range lockTries {
		f, err := os.OpenFile(tempName(dir, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if hold(f) {
			return f, nil
		}
		f.Close() // it was removed before it was locked
	}
	return nil, &fs.PathError{Op: "create", Path: tempName(dir, name), Err: fs.ErrExist}
}

// drop removes a temporary file that is not to take any place.
func drop(f *os.File) {
	f.Close()
	os.Remove(f.Name())
}

// removeTemps removes what writers that were killed left behind, if it is ours by
// its name, its owner and what is in it.
func removeTemps(dir, name string, ours func(data []byte) bool) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		found := tempPattern().FindStringSubmatch(e.Name())
		if found == nil || found[1] != name {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if data, _, err := openPrivate(path, maxKeysFile); err == nil && (len(data) == 0 || ours(data)) {
			removeUnheld(path)
		}
	}
}
