package keystore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"aws-connector/internal/owned"
)

const (
	ledgerName = "generations"
	lockName   = "keys.lock"
	maxLedger  = 4 << 20
)

// errNoPlace means that no process like this one can have a ledger.
var errNoPlace = errors.New("no directory for the generations of keys")

// state is where the ledger and the lock of the OS keyring's writers are. The
// keyring belongs to the user: processes that differ in $HOME, $XDG_STATE_HOME or
// the cache's directory share it, and so none of these moves the ledger.
type state struct{ dirs func() []string }

func newState(o SystemOptions) state {
	if o.StateDir != "" {
		return state{func() []string { return []string{o.StateDir} }}
	}
	return state{sync.OnceValue(func() []string {
		var dirs []string
		for _, home := range []string{accountHome(), o.Home} {
			if info, err := os.Stat(home); filepath.IsAbs(home) && err == nil && info.IsDir() && isOurs(info) {
				dirs = append(dirs, filepath.Join(home, stateInHome()))
			}
		}
		return dirs
	})}
}

// read returns the ledger with a settled line for name, or for every key where
// name is empty. It waits for nobody. Its error wraps [errNoPlace] where there is
// none, and none can or shall be made.
func (s state) read(name string, create bool) (ledger, error) {
	dir, err := s.dir(create)
	if err != nil {
		return ledger{}, err
	}
	l, err := readLedger(dir)
	if err == nil && !l.isChanging(name) || err != nil && !errors.Is(err, errDamaged) {
		return l, err
	}
	unlock, lockErr := lockBoth(filepath.Join(dir, lockName), false)
	if lockErr != nil {
		return l, err // the writer lives
	}
	defer unlock()
	if l, err = readLedger(dir); errors.Is(err, errDamaged) {
		l, err = newLedger(), nil
	}
	if err != nil {
		return l, err
	}
	l.settle()
	return l, writeLedger(dir, l, false)
}

func (l ledger) isChanging(name string) bool {
	if name != "" {
		return l.keys[name] == changing
	}
	for _, id := range l.keys {
		if id == changing {
			return true
		}
	}
	return false
}

// lock keeps other writers out of the keyring. Its error wraps [errNoPlace] where
// there is no ledger and none can be made. It is alone where the file system takes
// no locks.
func (s state) lock(ctx context.Context) (dir string, alone bool, unlock func(), err error) {
	if dir, err = s.dir(true); err != nil {
		return "", false, nil, err
	}
	unlock, err = lock(ctx, filepath.Join(dir, lockName), filepath.Join(dir, ledgerName), lockBoth)
	if errors.Is(err, errNoLocks) {
		return dir, true, func() {}, nil
	}
	return dir, false, unlock, err
}

// seen settles the key called name if what its last writer gave up has come into
// the keyring since.
func (s state) seen(name, print string) {
	is := func(l ledger, err error) bool { return err == nil && l.keys[name] == unsettled+print }
	dir, err := s.dir(false)
	if err != nil || !is(readLedger(dir)) {
		return
	}
	unlock, err := lockBoth(filepath.Join(dir, lockName), false)
	if err != nil {
		return
	}
	defer unlock()
	if is(readLedger(dir)) {
		_, _ = setLine(dir, name, rand.Text(), false)
	}
}

// setLine writes what stands for the id of the key called name, so that it
// outlasts a crash, and returns what did. The caller has the lock; one that is
// alone, without, may write over what another wrote: a new epoch keeps that from
// reviving anything.
func setLine(dir, name, id string, alone bool) (was string, err error) {
	if !isWord(name) {
		return "", errors.New("not a name of a key")
	}
	removeTemps(dir, ledgerName, func(data []byte) bool { return strings.HasPrefix(string(data), ledgerTitle) })
	l, err := readLedger(dir)
	if errors.Is(err, errDamaged) || errors.Is(err, fs.ErrNotExist) {
		l, err = newLedger(), nil
	}
	if err != nil {
		return "", err
	}
	l.settle()
	was, l.keys[name] = l.keys[name], id
	if alone {
		l.epoch = rand.Text()
	}
	return was, writeLedger(dir, l, true)
}

// dir returns the directory that has the ledger, or where one was made now. One
// that cannot be made in the first place is made in the second, but not where
// something passes: then processes would differ in it.
func (s state) dir(create bool) (string, error) {
	why := errNoPlace
	for _, dir := range s.dirs() {
		err := checkState(dir)
		if err == nil {
			_, err = os.Lstat(filepath.Join(dir, ledgerName))
		}
		if errors.Is(err, fs.ErrNotExist) && create {
			err = makeLedger(dir)
		}
		if err == nil {
			return dir, nil
		}
		if !isLasting(err) {
			return "", err
		}
		why = fmt.Errorf("%w: %w", why, err)
	}
	return "", why
}

// isLasting tells what is so for this process each time from what may pass.
func isLasting(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, owned.ErrForeign) ||
		errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTDIR)
}

// checkState tells whether nobody else can put files into the directory.
func checkState(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory", dir)
	case !isOurs(info):
		return fmt.Errorf("%s belongs to another user", dir)
	case isLoose(info):
		return fmt.Errorf("others can write to %s; run chmod 700 on it", dir)
	}
	return owned.Check(dir)
}

// makeLedger makes the directory and the ledger. Of processes that do so at once
// the first wins.
func makeLedger(dir string) error {
	if err := owned.MkdirAll(dir); err != nil {
		return err
	}
	l := newLedger()
	temp, err := writeTemp(dir, l, false)
	if err != nil {
		return err
	}
	defer drop(temp)
	path := filepath.Join(dir, ledgerName)
	if err := os.Link(temp.Name(), path); err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	// No links here. Whoever reads this before it is whole makes it anew.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(l.String())
	return errors.Join(err, f.Close())
}

func readLedger(dir string) (ledger, error) {
	path := filepath.Join(dir, ledgerName)
	data, err := readPrivate(path, maxLedger)
	if err != nil {
		return ledger{}, err
	}
	l, err := parseLedger(string(data))
	if err != nil {
		return ledger{}, fmt.Errorf("%s: %w", path, err)
	}
	return l, nil
}

// writeLedger puts l in the place of the ledger, whole or not at all.
func writeLedger(dir string, l ledger, durable bool) error {
	temp, err := writeTemp(dir, l, durable)
	if err != nil {
		return err
	}
	if err := place(temp, filepath.Join(dir, ledgerName)); err != nil {
		drop(temp)
		return err
	}
	if durable {
		syncDir(dir)
	}
	return nil
}

// writeTemp writes l to a new file. A reader's need not outlast a crash, and a
// disk that hangs should not hold up its answer: what is lost is made anew.
func writeTemp(dir string, l ledger, durable bool) (*os.File, error) {
	f, err := createTemp(dir, ledgerName)
	if err != nil {
		return nil, err
	}
	_, err = f.WriteString(l.String())
	if err == nil && durable {
		err = f.Sync()
	}
	if err != nil {
		drop(f)
		return nil, err
	}
	return f, nil
}
