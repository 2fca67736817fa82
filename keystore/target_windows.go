package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const maxLinks = 40

// follow returns what path is once the symbolic links that it ends in are followed,
// and whether it was one. Only who may, and that is nobody by default, makes them.
func follow(path string) (target string, linked bool, err error) {
	for range maxLinks {
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode()&fs.ModeSymlink == 0 {
			return path, linked, nil
		}
		if err != nil {
			return "", false, err
		}
		to, err := os.Readlink(path)
		if err != nil {
			return "", false, err
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path, linked = to, true
	}
	return "", false, fmt.Errorf("%s leads through too many symbolic links", path)
}
