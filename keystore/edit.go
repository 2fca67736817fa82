package keystore

import (
	"bytes"
	"context"
	"crypto/fips140"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"aws-connector/internal/owned"
)

const (
	// editTries bounds how often the file may be replaced while it is edited.
	editTries = 100

	dirTries = 500
	dirPause = 20 * time.Millisecond

	ageHeader = "age-encryption.org/v1\n"
)

var errReplaced = errors.New("was replaced by another process each time")

// edit changes the file under a lock that other processes respect. What comes
// between all the same, without a lock or by other means, is not written over:
// the change is made again, to what is there then.
func (f *file) edit(ctx context.Context, change func(map[string]json.RawMessage) error) error {
	if err := f.prepare(ctx); err != nil {
		return err
	}
	for range editTries {
		target, err := f.target()
		if err == nil {
			err = f.editAt(ctx, target, change)
		}
		if !errors.Is(err, errReplaced) {
			return err
		}
	}
	return fmt.Errorf("%s %w", f.path, errReplaced)
}

// prepare gets what the file is written with before it is locked: a question may
// stand open long.
func (f *file) prepare(ctx context.Context) error {
	if fips140.Enforced() {
		return f.fipsFault()
	}
	_, linked, err := follow(f.path)
	if err == nil && linked {
		err = owned.Check(f.path)
	} else if err == nil {
		err = owned.MkdirAll(filepath.Dir(f.path))
	}
	if err != nil {
		return err
	}
	data, _, err := f.read(ctx)
	switch {
	case err == nil:
		_, err = f.decrypt(ctx, data, need{pass: true})
		return err
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case f.Identity == "":
		return f.choose(ctx)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err = f.openIdentities(ctx, need{}); err == nil {
		_, err = f.recipients()
	}
	return err
}

// editAt changes the file at target, which f.path led to when it was looked at.
func (f *file) editAt(ctx context.Context, target string, change func(map[string]json.RawMessage) error) error {
	unlock, err := lock(ctx, target+".lock", target, lockFile)
	if err == nil {
		defer unlock()
		removeTemps(filepath.Dir(target), tempOfKeys, func(data []byte) bool { return strings.HasPrefix(string(data), ageHeader) })
	} else if !errors.Is(err, errNoLocks) {
		return err
	}
	for range editTries {
		if err = f.editOnce(ctx, target, change); !errors.Is(err, errReplaced) {
			return err
		}
		if now, err := f.target(); err != nil || now != target {
			return errors.Join(err, errReplaced)
		}
	}
	return err
}

// editOnce changes the file if nobody else does meanwhile. The new one is
// decrypted and compared before it takes the old one's place.
func (f *file) editOnce(ctx context.Context, target string, change func(map[string]json.RawMessage) error) error {
	keys, version, err := f.load(ctx, need{pass: true, quiet: true})
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
	data, err := f.encrypt(plain)
	if err != nil {
		return err
	}
	if len(data) > maxKeysFile {
		return fmt.Errorf("%s would be larger than %d bytes", f.path, maxKeysFile)
	}
	temp, err := writeKeys(target, data)
	if err != nil {
		return f.notWritten(err)
	}
	if err = f.compare(ctx, temp.Name(), plain); err == nil {
		err = f.replace(ctx, temp, target, version, data)
	}
	if err != nil {
		drop(temp)
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.Identity == "" {
		f.keepOpen()
	}
	return nil
}

// writeKeys writes data to a new file beside target.
func writeKeys(target string, data []byte) (*os.File, error) {
	temp, err := createTemp(filepath.Dir(target), tempOfKeys)
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

// compare reads back what was written, from the passphrase on.
func (f *file) compare(ctx context.Context, temp string, plain []byte) error {
	written, err := readPrivate(temp, maxKeysFile)
	if err != nil {
		return err
	}
	back, err := f.decrypt(ctx, written, need{pass: true, quiet: true})
	if err == nil {
		if again, err := json.Marshal(back); err == nil && bytes.Equal(again, plain) {
			return nil
		}
	}
	return f.notReadBack()
}

// replace puts temp in the target's place if that is still of the version that was
// read. The directory is locked for the moment that it takes, since its lock, unlike
// a file's, is the same for everybody whatever is removed in it.
func (f *file) replace(ctx context.Context, temp *os.File, target, version string, data []byte) error {
	dir, err := waitDir(ctx, filepath.Dir(target))
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
	// The file of before stays, under another name, until the new one is read back.
	before, release, err := keepBefore(target)
	if err != nil {
		return f.notWritten(err)
	}
	defer release()
	if err := place(temp, target); err != nil {
		return f.notWritten(err)
	}
	syncDir(filepath.Dir(target))
	if back, err := readPrivate(target, maxKeysFile); err == nil && bytes.Equal(back, data) {
		return nil
	}
	if before == "" {
		err = os.Remove(target)
	} else {
		err = os.Rename(before, target)
	}
	return errors.Join(f.notReadBack(), err)
}

// keepBefore gives the file at target a second name, or makes a copy where there
// are no links; the name is empty where there is no file. A later writer removes
// it, should this one be killed.
func keepBefore(target string) (name string, release func(), err error) {
	name = tempName(filepath.Dir(target), tempOfKeys)
	err = os.Link(target, name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", func() {}, nil
	}
	if err == nil {
		held := holdPath(name)
		return name, func() { os.Remove(name); held.Close() }, nil
	}
	data, err := readPrivate(target, maxKeysFile)
	if err != nil {
		return "", nil, err
	}
	f, err := writeKeys(target, data)
	if err != nil {
		return "", nil, err
	}
	return f.Name(), func() { drop(f) }, nil
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
	return nil, fmt.Errorf("another process keeps the directory %s locked: wait for it or stop it, then try again", path)
}
