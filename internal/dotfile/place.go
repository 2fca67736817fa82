package dotfile

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

const (
	// tempPrefix begins the name of a file that is not renamed into place yet,
	// which tempRandom random bytes in hexadecimal end.
	tempPrefix = ".aws-connector-"
	tempRandom = 8

	// tempAge is how old such a file must be to be taken for one of a process that
	// was killed, on a file system whose locks do not tell.
	tempAge = time.Minute
)

// place is a directory that is open and locked. All that is done in it is done
// by its descriptor: a path leads elsewhere as soon as somebody wants it to.
type place struct {
	dir    string
	root   *os.Root
	info   fs.FileInfo
	unlock func()
	locked bool // false on a file system that has no locks
}

func openPlace(dir string) (*place, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	p := &place{dir: dir, root: root}
	p.info, err = root.Stat(".")
	if err == nil {
		err = checkDir(dir, p.info)
	}
	if err == nil {
		p.unlock, p.locked, err = lock(root)
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return p, nil
}

func (p *place) leave() {
	p.unlock()
	p.root.Close()
}

// read returns the file called name. The error is fs.ErrNotExist if there is
// none, and another if it is a link or no regular file.
func (p *place) read(name string) ([]byte, fs.FileInfo, error) {
	return readFile(p.dir+string(os.PathSeparator)+name, func() (fs.FileInfo, error) { return p.root.Lstat(name) },
		func() (*os.File, error) { return p.root.OpenFile(name, readFlags, 0) })
}

// writeTemp writes text into a new file that is to replace one with info, and
// returns its name.
func (p *place) writeTemp(old fs.FileInfo, text []byte) (name string, err error) {
	random := make([]byte, tempRandom)
	rand.Read(random) // never fails
	name = tempPrefix + hex.EncodeToString(random)
	temp, err := p.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrPermission) {
		return "", fmt.Errorf("directory %s is read-only", p.dir)
	}
	if err != nil {
		return "", err
	}
	if err := errors.Join(fill(temp, old, text), temp.Close()); err != nil {
		return "", errors.Join(err, p.root.Remove(name))
	}
	return name, nil
}

// fill gives temp what the file is to have that it replaces.
func fill(temp *os.File, old fs.FileInfo, text []byte) error {
	if old != nil {
		if err := keepOwner(temp, old); err != nil {
			return err
		}
		if err := temp.Chmod(old.Mode().Perm()); err != nil {
			return err
		}
	}
	if _, err := temp.Write(text); err != nil {
		return err
	}
	return temp.Sync()
}

// sweep removes what a killed process left. Such a file is made under the lock,
// so that whoever has it need not ask how old the file is.
func (p *place) sweep() {
	for _, info := range leftovers(p.root) {
		if p.locked || time.Since(info.ModTime()) > tempAge {
			p.root.Remove(info.Name()) // the next one tries again
		}
	}
}

// leftovers are this user's files in root that are named as those that are not
// renamed into place yet.
func leftovers(root *os.Root) (all []fs.FileInfo) {
	dir, err := root.Open(".")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1) // those that were read
	for _, name := range names {
		random, ok := strings.CutPrefix(name, tempPrefix)
		if raw, err := hex.DecodeString(random); !ok || err != nil || len(raw) != tempRandom {
			continue
		}
		if info, err := root.Lstat(name); err == nil && info.Mode().IsRegular() && isOwn(info) {
			all = append(all, info)
		}
	}
	return all
}
