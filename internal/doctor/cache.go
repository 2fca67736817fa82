package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"aws-connector/internal/owned"
)

func (m *Machine) cache() []check {
	all := []check{
		one("cache", m.cacheDir).or(m.cacheFact),
		one("cache", m.cacheLocks),
		{"cached sessions", 1, func(context.Context) []Finding { return m.sealing() }, m.Sealing},
	}
	if m.Trail != nil {
		all = append(all, one("audit", m.trail).or(func() string { return "each answer is recorded" }))
	}
	return all
}

func (m *Machine) trail() []Finding {
	err := m.Trail()
	if err == nil {
		return nil
	}
	return list(Finding{Warning, "audit", fmt.Sprintf("answers are not recorded: %v", err), "make that file writable, or set audit in connectors.toml to a file in a directory that exists"})
}

// cacheDir looks at the directory. One that does not exist is made when the
// first session is.
func (m *Machine) cacheDir() []Finding {
	const about, unused = "cache", "; sessions in it are not used"
	dir := m.CacheDir
	if m.CacheErr != nil {
		return list(fromError(Broken, about, m.CacheErr, "correct it"))
	}
	if dir == "" {
		return list(Finding{Warning, about, "there is no place for it, so each call makes a new session", "set HOME, or AWS_CONNECTOR_CACHE_DIR to a directory of your own"})
	}
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return m.cacheParent()
	case err != nil:
		return list(Finding{Broken, about, err.Error(), "check what is there, or set AWS_CONNECTOR_CACHE_DIR to another directory"})
	case info.Mode()&fs.ModeSymlink != 0:
		return list(Finding{Broken, about, dir + " is a symbolic link" + unused, "remove the link, and set AWS_CONNECTOR_CACHE_DIR to where it leads"})
	case !info.IsDir():
		return list(Finding{Broken, about, dir + " is not a directory", "remove it, or set AWS_CONNECTOR_CACHE_DIR to another directory"})
	case m.UID < 0:
		return nil
	}
	if uid, ok := owner(info); ok && uid != m.UID {
		return list(Finding{Broken, about, dir + " belongs to another user" + unused, "remove it, or chown it to yourself; was it created with sudo?"})
	}
	if info.Mode().Perm()&0o022 != 0 {
		return list(Finding{Warning, about, fmt.Sprintf("%s has mode %04o and others can write to it%s", dir, info.Mode().Perm(), unused), "chmod 700 " + word(dir)})
	}
	if err := owned.Check(dir); err != nil {
		return foreign(err)
	}
	return m.cannotWrite(dir, "chmod u+rwx "+word(dir)+", or set AWS_CONNECTOR_CACHE_DIR to a directory that you can write to")
}

// cacheParent looks at where the directory would be made.
func (m *Machine) cacheParent() []Finding {
	if err := owned.Check(m.CacheDir); err != nil {
		return foreign(err)
	}
	dir := filepath.Dir(m.CacheDir)
	for {
		info, err := os.Stat(dir)
		switch {
		case err == nil && !info.IsDir():
			return list(Finding{Warning, "cache", m.CacheDir + " cannot be made: " + dir + " is not a directory", "set AWS_CONNECTOR_CACHE_DIR to another directory"})
		case err == nil:
			return m.cannotWrite(dir, "set AWS_CONNECTOR_CACHE_DIR to a directory that you can write to")
		case dir == filepath.Dir(dir):
			return nil
		}
		dir = filepath.Dir(dir)
	}
}

// foreign tells that root keeps nothing in another user's home.
func foreign(err error) []Finding {
	return list(Finding{Warning, "cache", err.Error() + "; each call makes a new session", "run it as that user, or set HOME to root's"})
}

func (m *Machine) cannotWrite(dir, fix string) []Finding {
	if err := m.Writable(dir); err != nil {
		return list(Finding{Warning, "cache", fmt.Sprintf("%s cannot be written to (%v), so each call makes a new session", dir, err), fix})
	}
	return nil
}

func (m *Machine) cacheLocks() []Finding {
	info, err := os.Lstat(m.CacheDir)
	if err != nil || !info.IsDir() {
		return nil
	}
	err = m.TryLock(m.CacheDir)
	if err == nil || errors.Is(err, fs.ErrPermission) { // it cannot be read, which cacheDir tells
		return nil
	}
	return list(Finding{Warning, "cache", fmt.Sprintf("the file system of %s does not support locks (%v), so processes that start at the same time each make a session", m.CacheDir, err), "set AWS_CONNECTOR_CACHE_DIR to a directory on a local disk"})
}

// sealing tells why sessions are not sealed, unless that was asked for.
func (m *Machine) sealing() []Finding {
	const about, off = "cached sessions", "plain files: seal is off"
	switch state := m.Sealing(); {
	case state == off, strings.HasPrefix(state, "sealed"):
		return nil
	case strings.HasPrefix(state, "nothing"):
		return list(Finding{Broken, about, state + `; connectors.toml has seal = "keyring"`, `set seal = "auto" in [cache], or run where the system keeps a key`})
	default:
		return list(Finding{Note, about, "they are " + state, `nothing to do; seal = "off" in [cache] of connectors.toml turns this note off`})
	}
}
