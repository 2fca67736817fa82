package dotfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace puts text in the file's place. Missing directories are made for the
// owner alone (0700) and a new file too (0600, as docker does); an old one's
// mode stays, and its owner and group. Run by root, a new file belongs to
// whom its directory belongs.
//
// An error means that the file was not touched: [ErrChanged] if it, its mode or
// the link to it is not what was read; others name the file or directory that is
// read-only or somebody else's. Other programs do not lock the file, so one that
// writes in the instant between the last look and the rename is still
// overwritten; a second process of ours never is, since the look and the rename
// are under a lock.
func (f *File) Replace(text []byte) error {
	if len(text) > MaxSize {
		return fmt.Errorf("%s would have more than %d bytes", f.real, MaxSize)
	}
	dir := filepath.Dir(f.real)
	if err := makeDir(dir); err != nil {
		return err
	}
	if err := f.writable(dir); err != nil {
		return err
	}
	temp, err := f.writeTemp(dir, text)
	if err != nil {
		return err
	}
	if err := f.moveIn(dir, temp); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

// writable refuses what a rename would overcome although somebody closed it.
func (f *File) writable(dir string) error {
	if f.info != nil && f.info.Mode().Perm()&0o200 == 0 {
		return fmt.Errorf("%s is read-only", f.real)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	return checkOwner(f.real, f.info, dir, info)
}

func (f *File) writeTemp(dir string, text []byte) (path string, err error) {
	temp, err := os.CreateTemp(dir, "."+filepath.Base(f.real)+".*")
	if errors.Is(err, fs.ErrPermission) {
		return "", fmt.Errorf("directory %s is read-only", dir)
	}
	if err != nil {
		return "", err
	}
	defer func() {
		if err = errors.Join(err, temp.Close()); err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	if err := keepOwner(temp, f.info, dir); err != nil {
		return "", err
	}
	if f.info != nil {
		if err := temp.Chmod(f.info.Mode().Perm()); err != nil {
			return "", err
		}
	}
	if _, err := temp.Write(text); err != nil {
		return "", err
	}
	return temp.Name(), temp.Sync()
}

// moveIn renames temp into place unless the file is no longer what was read.
func (f *File) moveIn(dir, temp string) error {
	unlock, err := lock(dir)
	if err != nil {
		return err
	}
	defer unlock()
	now, err := Read(f.path)
	if err != nil {
		return err
	}
	if now.real != f.real || now.Exists() != f.Exists() || now.mode() != f.mode() || !bytes.Equal(now.text, f.text) {
		return fmt.Errorf("%s: %w", f.real, ErrChanged)
	}
	return rename(temp, f.real)
}

// mode returns that of the file as it was read, 0 if there was none.
func (f *File) mode() fs.FileMode {
	if f.info == nil {
		return 0
	}
	return f.info.Mode()
}

func makeDir(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%s is not a directory", dir)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(dir)
	if parent == dir {
		return err
	}
	if err := makeDir(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) { // another process was faster
			return nil
		}
		return err
	}
	return ownAs(dir, parent)
}
