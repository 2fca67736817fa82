//go:build !windows

package owned

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Only root can give a directory away: elsewhere root's rule is not at work.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	theirs := filepath.Join(dir, "theirs")
	for _, d := range []string{"mine", "theirs", "theirs/mine"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"in": "theirs/x", "out": "mine", "theirs/out": dir, "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	root := os.Geteuid() == 0
	if root {
		const nobody = 65534
		if err := os.Chown(theirs, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	for path, foreign := range map[string]bool{
		"mine": false, "mine/a/b": false, "absent": false, "out/a": false,
		"theirs": true, "theirs/a": true, "theirs/mine/a": true, "in": true, "in/a": true, "theirs/out/mine": true,
	} {
		err := Check(filepath.Join(dir, path))
		if errors.Is(err, ErrForeign) != (foreign && root) {
			t.Errorf("Check(%s) = %v, want foreign: %t", path, err, foreign && root)
		}
	}
	if err := Check(filepath.Join(dir, "loop")); root && err == nil {
		t.Error("a link to itself is no place")
	}
	if err := MkdirAll(filepath.Join(theirs, "a", "b")); root && err == nil {
		t.Error("root made a directory in another user's")
	}
	made := filepath.Join(dir, "mine", "a", "b")
	if err := MkdirAll(made); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(made); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("MkdirAll made %v, %v, want 0700", info, err)
	}
}
