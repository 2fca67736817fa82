package keystore

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"regexp"
	"sync"
)

// tempOfKeys is in the names of files that are to become the file of keys.
const tempOfKeys = "keys"

// tempName returns a name for a new file that is to take the place of the one
// that name stands for in dir.
func tempName(dir, name string) string {
	return filepath.Join(dir, "."+name+"-"+rand.Text()+".tmp")
}

var tempPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\.(.+)-[A-Z2-7]{26}\.tmp$`) })

// removeTemps removes what writers that were killed left behind, if it is ours by
// its name, its owner and what is in it. The caller has the writers' lock.
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
			os.Remove(path)
		}
	}
}
