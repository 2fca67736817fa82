//go:build !windows

package dotfile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func modeOf(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	check(t, err)
	return info.Mode().Perm()
}

func TestModes(t *testing.T) {
	dir := t.TempDir()
	for _, mode := range []os.FileMode{0o600, 0o644, 0o664, 0o755} {
		path := write(t, filepath.Join(dir, "config"), "old", mode)
		check(t, open(t, path).Replace([]byte("new")))
		if got := modeOf(t, path); got != mode {
			t.Errorf("mode = %04o, want %04o", got, mode)
		}
	}
	path := filepath.Join(dir, ".docker", "config.json")
	check(t, open(t, path).Replace([]byte("new")))
	if f, d := modeOf(t, path), modeOf(t, filepath.Dir(path)); f != 0o600 || d != 0o700 {
		t.Errorf("modes of new file and directory = %04o, %04o, want 0600, 0700", f, d)
	}
}

// Root keeps the owner of a file, and gives a new one to whom the home belongs.
func TestOwner(t *testing.T) {
	uid, gid := os.Geteuid(), os.Getegid()
	dir := t.TempDir()
	if uid == 0 {
		uid, gid = 4321, 5432
	}
	path := write(t, filepath.Join(dir, "config"), "old", 0o640)
	check(t, os.Chown(path, uid, gid))
	check(t, os.Chown(dir, uid, gid))
	check(t, open(t, path).Replace([]byte("new")))
	made := filepath.Join(dir, "a", "b", "config")
	check(t, open(t, made).Replace([]byte("new")))
	for _, p := range []string{path, made, filepath.Dir(made), filepath.Join(dir, "a")} {
		info, err := os.Stat(p)
		check(t, err)
		if st := info.Sys().(*syscall.Stat_t); int(st.Uid) != uid || int(st.Gid) != gid {
			t.Errorf("%s belongs to %d:%d, want %d:%d", p, st.Uid, st.Gid, uid, gid)
		}
	}
	if got := modeOf(t, path); got != 0o640 {
		t.Errorf("mode = %04o, want 0640", got)
	}
}

// What links lead to is changed; they stay.
func TestLinks(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	real := write(t, filepath.Join(dir, "dotfiles", "config.json"), "old", 0o644)
	check(t, os.MkdirAll(filepath.Join(dir, "home"), 0o755))
	check(t, os.Symlink("../dotfiles", filepath.Join(dir, "home", "docker")))
	for link, target := range map[string]string{
		"home/relative":           "../dotfiles/config.json",
		"home/absolute":           real,
		"home/twice":              "relative",
		"home/through":            "docker/config.json",
		"dotfiles/back":           "../home/docker/../dotfiles/config.json",
		"home/docker/config.json": "",
		"home/to-be":              "docker/new",
	} {
		path, want := filepath.Join(dir, filepath.FromSlash(link)), real
		if target != "" {
			check(t, os.Symlink(target, path))
		}
		if link == "home/to-be" {
			want = filepath.Join(dir, "dotfiles", "new")
		}
		f := open(t, path)
		if f.Path() != want {
			t.Errorf("%s: Path = %s, want %s", link, f.Path(), want)
		}
		check(t, f.Replace([]byte(link)))
		holds(t, want, link)
		if target == "" {
			continue
		}
		if got, err := os.Readlink(path); err != nil || got != target {
			t.Errorf("%s is now a link to %q, %v, want %q", link, got, err, target)
		}
	}
}

func TestLinkMovedMeanwhile(t *testing.T) {
	dir := t.TempDir()
	one, two := write(t, filepath.Join(dir, "one"), "same", 0o600), write(t, filepath.Join(dir, "two"), "same", 0o600)
	link := filepath.Join(dir, "link")
	check(t, os.Symlink(one, link))
	f := open(t, link)
	check(t, os.Remove(link))
	check(t, os.Symlink(two, link))
	if err := f.Replace([]byte("new")); err == nil || !strings.Contains(err.Error(), ErrChanged.Error()) {
		t.Errorf("Replace = %v, want ErrChanged", err)
	}
	holds(t, one, "same")
	holds(t, two, "same")
}

// A file that was closed to others meanwhile must not be opened to them again.
func TestModeChangedMeanwhile(t *testing.T) {
	for _, mode := range []os.FileMode{0o600, 0} {
		path := write(t, filepath.Join(t.TempDir(), "config"), "", 0o644)
		f := open(t, path)
		check(t, os.Chmod(path, mode))
		if err := f.Replace([]byte("new")); err == nil {
			t.Errorf("Replace after chmod %04o = nil", mode)
		}
		if got := modeOf(t, path); got != mode {
			t.Errorf("mode = %04o, want %04o", got, mode)
		}
	}
}

func TestReadRefusesLinks(t *testing.T) {
	dir := t.TempDir()
	check(t, os.Symlink("loop", filepath.Join(dir, "loop")))
	check(t, os.Symlink("nowhere/config", filepath.Join(dir, "dangling")))
	check(t, os.Symlink("nowhere", filepath.Join(dir, "dir")))
	check(t, syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600))
	check(t, os.Symlink("fifo", filepath.Join(dir, "to-fifo")))
	for name, want := range map[string]string{
		"loop":         "loop is a symbolic link that leads nowhere",
		"dangling":     "nowhere does not exist",
		"dir/config":   "dir is a symbolic link to something that does not exist",
		"dir/a/config": "dir is a symbolic link to something that does not exist",
		"fifo":         "is not a regular file",
		"to-fifo":      "is not a regular file",
	} {
		if _, err := Read(filepath.Join(dir, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Read(%s) = %v, want %q", name, err, want)
		}
	}
}

func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "file"), "old", 0o444)
	inDir := write(t, filepath.Join(dir, "closed", "file"), "old", 0o644)
	closed := filepath.Dir(inDir)
	check(t, os.Chmod(closed, 0o555))
	defer os.Chmod(closed, 0o755)
	for path, want := range map[string]string{
		file:                         file + " is read-only",
		inDir:                        "directory " + closed + " is read-only",
		filepath.Join(closed, "new"): "directory " + closed + " is read-only",
	} {
		f := open(t, path) // to show what would be done is fine
		if err := f.Replace([]byte("new")); err == nil || err.Error() != want {
			t.Errorf("Replace = %v, want %s", err, want)
		}
	}
	holds(t, file, "old")
	holds(t, inDir, "old")
}

// The lock is waited for, and the file looked at after that.
func TestReplaceWaitsForTheLock(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "config"), "old", 0o600)
	f := open(t, path)
	unlock, err := lock(filepath.Dir(path))
	check(t, err)
	done := make(chan error)
	go func() { done <- f.Replace([]byte("new")) }()
	write(t, path, "theirs", 0o600)
	unlock()
	if err := <-done; err == nil {
		t.Error("Replace = nil, want ErrChanged")
	}
	holds(t, path, "theirs")
}
