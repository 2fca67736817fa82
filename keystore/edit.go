package keystore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"aws-connector/internal/owned"
	"aws-connector/internal/secret"
)

const (
	// editTries bounds how often the file may be replaced while it is edited.
	editTries = 100

	dirTries = 500
	dirPause = 20 * time.Millisecond

	ageHeader = "age-encryption.org/v1\n"
)

var errReplaced = errors.New("was replaced each time it was to be changed")

// edit changes the file under a lock that other processes respect. What comes
// between all the same, without a lock or by other means, is not written over:
// the change is made again, to what is there then.
func (f *file) edit(ctx context.Context, change func(map[string]json.RawMessage) error) error {
	dir := filepath.Dir(f.path)
	if err := owned.MkdirAll(dir); err != nil {
		return err
	}
	pass, err := f.passphrase(ctx) // before the lock: a question may stand open long
	if err != nil {
		return err
	}
	unlock, err := lock(ctx, f.path+".lock", f.path, lockFile)
	if err == nil {
		defer unlock()
		removeTemps(dir, tempOfKeys, func(data []byte) bool { return strings.HasPrefix(string(data), ageHeader) })
	} else if !errors.Is(err, errNoLocks) {
		return err
	}
	for range editTries {
		if err = f.editOnce(ctx, pass, change); !errors.Is(err, errReplaced) {
			return err
		}
	}
	return fmt.Errorf("%s %w", f.path, err)
}

// editOnce changes the file if nobody else does meanwhile. The new one is
// decrypted and compared before it takes the old one's place.
func (f *file) editOnce(ctx context.Context, pass secret.Text, change func(map[string]json.RawMessage) error) error {
	keys, version, err := f.load(ctx)
	if err != nil {
		return err
	}
	if err := change(keys); err != nil {
		return err
	}
	plain, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	data, err := f.encrypt(plain, pass)
	if err != nil {
		return err
	}
	temp, err := f.writeTemp(data)
	if err != nil {
		return err
	}
	if err = f.compare(temp.Name(), pass, plain); err == nil {
		err = f.replace(ctx, temp, version)
	}
	if err != nil {
		drop(temp)
	}
	return err
}

func (f *file) writeTemp(data []byte) (*os.File, error) {
	temp, err := createTemp(filepath.Dir(f.path), tempOfKeys)
	if err != nil {
		return nil, err
	}
	_, err = temp.Write(data)
	if err == nil {
		err = temp.Sync()
	}
	if err != nil {
		drop(temp)
		return nil, err
	}
	return temp, nil
}

func (f *file) compare(temp string, pass secret.Text, plain []byte) error {
	written, err := readPrivate(temp, maxKeysFile)
	if err != nil {
		return err
	}
	back, err := f.decrypt(written, pass)
	if err != nil {
		return err
	}
	if again, err := json.Marshal(back); err != nil || !bytes.Equal(again, plain) {
		return fmt.Errorf("%s: what was written cannot be read back", f.path)
	}
	return nil
}

// replace puts temp in the file's place if that is still of the version that was
// read. The directory is locked for the moment that it takes, since its lock, unlike
// a file's, is the same for everybody whatever is removed in it.
func (f *file) replace(ctx context.Context, temp *os.File, version string) error {
	dir, err := waitDir(ctx, filepath.Dir(f.path))
	if err != nil && !errors.Is(err, errNoLocks) {
		return err
	}
	defer dir.Close()
	now, err := f.generations(ctx)
	if err != nil {
		return err
	}
	if now != version {
		return errReplaced
	}
	if err := place(temp, f.path); err != nil {
		return err
	}
	syncDir(filepath.Dir(f.path))
	return nil
}

// waitDir locks the directory, which others lock for a moment only.
func waitDir(ctx context.Context, path string) (*os.File, error) {
	for range dirTries {
		dir, err := lockDir(path, false)
		if !errors.Is(err, errBusy) {
			return dir, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(dirPause):
		}
	}
	return nil, fmt.Errorf("another process keeps the directory %s locked: end it, then try again", path)
}
