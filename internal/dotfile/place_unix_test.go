//go:build !windows

package dotfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

// Who keeps the directory locked is waited for, but not for ever.
func TestAPlaceThatStaysLocked(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "config"), "old", 0o600)
	p, err := openPlace(filepath.Dir(path))
	check(t, err)
	synctest.Test(t, func(t *testing.T) {
		if err := open(t, path).Replace([]byte("new")); err == nil || !strings.Contains(err.Error(), "another process keeps it locked") {
			t.Errorf("Replace = %v, want that the directory is locked", err)
		}
	})
	holds(t, path, "old")
	p.leave()
	check(t, open(t, path).Replace([]byte("new")))
	holds(t, path, "new")
}

// Another user's files stay, whatever their names.
func TestSweepOfAnothersFiles(t *testing.T) {
	if os.Geteuid() != 0 {
		return // only root can give files away
	}
	dir := t.TempDir()
	theirs := write(t, filepath.Join(dir, tempPrefix+"0123456789abcdef"), "half", 0o600)
	check(t, os.Chown(theirs, 4321, 4321))
	check(t, open(t, filepath.Join(dir, "config")).Replace([]byte("new")))
	if _, err := os.Lstat(theirs); err != nil {
		t.Error(err)
	}
}
