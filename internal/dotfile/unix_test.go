//go:build !windows

package dotfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"aws-connector/internal/owned"
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

// A file keeps its mode and its group, where this user may give it.
func TestGroup(t *testing.T) {
	gid := os.Getegid()
	if os.Geteuid() == 0 {
		gid = 5432
	}
	path := write(t, filepath.Join(t.TempDir(), "config"), "old", 0o640)
	check(t, os.Chown(path, -1, gid))
	check(t, open(t, path).Replace([]byte("new")))
	info, err := os.Stat(path)
	check(t, err)
	if st := info.Sys().(*syscall.Stat_t); int(st.Gid) != gid || info.Mode().Perm() != 0o640 {
		t.Errorf("group and mode = %d, %04o, want %d, 0640", st.Gid, info.Mode().Perm(), gid)
	}
}

// Root makes and changes nothing in another user's place, whichever way leads there.
func TestRootInAnothersHome(t *testing.T) {
	root := os.Geteuid() == 0
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	theirs := write(t, filepath.Join(home, ".aws", "config"), "theirs", 0o644)
	mine := write(t, filepath.Join(dir, "mine", "config"), "mine", 0o600)
	foreign := write(t, filepath.Join(dir, "mine", "foreign"), "foreign", 0o644)
	check(t, os.Symlink(theirs, filepath.Join(dir, "mine", "link")))
	check(t, os.Symlink(mine, filepath.Join(home, "link")))
	if root {
		for _, p := range []string{home, filepath.Dir(theirs), theirs, foreign} {
			check(t, os.Chown(p, 4321, 4321))
		}
		check(t, os.Lchown(filepath.Join(home, "link"), 4321, 4321))
	}
	for _, path := range []string{theirs, foreign, filepath.Join(dir, "mine", "link"), filepath.Join(home, "link"), filepath.Join(home, ".docker", "config.json")} {
		before, _ := os.ReadFile(path) // nil if it is not there
		err := Edit(path, func(f *File) ([]byte, error) { return append([]byte("new "), f.Text()...), nil })
		if errors.Is(err, owned.ErrForeign) != root {
			t.Errorf("Edit(%s) = %v, want foreign: %t", path, err, root)
		}
		if after, _ := os.ReadFile(path); root && string(after) != string(before) {
			t.Errorf("%s holds %q, want %q", path, after, before)
		}
	}
	if _, err := os.Lstat(filepath.Join(home, ".docker")); root && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a directory was made: %v", err)
	}
	if root {
		if err := open(t, foreign).Replace([]byte("new")); !errors.Is(err, owned.ErrForeign) {
			t.Errorf("Replace = %v, want ErrForeign", err)
		}
	}
	// What it was when it was looked at is no longer so.
	if root {
		f := open(t, foreign)
		p, err := openPlace(filepath.Dir(foreign))
		check(t, err)
		if err := f.replace(p, []byte("new")); err == nil {
			t.Error("another user's file was replaced")
		}
		p.leave()
		if _, err := openPlace(home); !errors.Is(err, owned.ErrForeign) {
			t.Errorf("openPlace = %v, want ErrForeign", err)
		}
	}
}

// What links lead to is changed; they stay.
func TestLinks(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	real := write(t, filepath.Join(dir, "dotfiles", "config.json"), "old", 0o644)
	check(t, os.MkdirAll(filepath.Join(dir, "home"), 0o755))
	check(t, os.Symlink("../dotfiles", filepath.Join(dir, "home", "docker")))
	for _, c := range []struct{ link, target string }{
		{"home/relative", "../dotfiles/config.json"},
		{"home/absolute", real},
		{"home/twice", "relative"},
		{"home/through", "docker/config.json"},
		{"dotfiles/back", "../home/docker/../dotfiles/config.json"},
		{"home/docker/config.json", ""},
		{"home/to-be", "docker/new"},
	} {
		path, want := filepath.Join(dir, filepath.FromSlash(c.link)), real
		if c.target != "" {
			check(t, os.Symlink(c.target, path))
		}
		if c.link == "home/to-be" {
			want = filepath.Join(dir, "dotfiles", "new")
		}
		f := open(t, path)
		if f.Path() != want {
			t.Errorf("%s: Path = %s, want %s", c.link, f.Path(), want)
		}
		check(t, f.Replace([]byte(c.link)))
		holds(t, want, c.link)
		if c.target == "" {
			continue
		}
		if got, err := os.Readlink(path); err != nil || got != c.target {
			t.Errorf("%s is now a link to %q, %v, want %q", c.link, got, err, c.target)
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
	p, err := openPlace(filepath.Dir(path))
	check(t, err)
	done := make(chan error)
	go func() { done <- f.Replace([]byte("new")) }()
	write(t, path, "theirs", 0o600)
	p.leave()
	if err := <-done; err == nil {
		t.Error("Replace = nil, want ErrChanged")
	}
	holds(t, path, "theirs")
}

// A directory that takes the place of the one that was opened gets nothing.
func TestDirectoryMovedMeanwhile(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	path := write(t, filepath.Join(dir, "d", "config"), "old", 0o600)
	f := open(t, path)
	p, err := f.enter()
	check(t, err)
	defer p.leave()
	check(t, os.Rename(filepath.Join(dir, "d"), filepath.Join(dir, "moved")))
	other := write(t, filepath.Join(dir, "d", "config"), "old", 0o600)
	if err := f.replace(p, []byte("new")); !errors.Is(err, ErrChanged) {
		t.Errorf("replace = %v, want ErrChanged", err)
	}
	holds(t, other, "old")
	holds(t, filepath.Join(dir, "moved", "config"), "old")
}

// A link that takes the file's place is not followed.
func TestLinkPlantedMeanwhile(t *testing.T) {
	dir := t.TempDir()
	path, target := write(t, filepath.Join(dir, "config"), "old", 0o600), write(t, filepath.Join(dir, "target"), "old", 0o600)
	f := open(t, path)
	p, err := f.enter()
	check(t, err)
	defer p.leave()
	check(t, os.Remove(path))
	check(t, os.Symlink(target, path))
	if _, _, err := p.read("config"); err == nil {
		t.Error("read followed a link")
	}
	if err := f.replace(p, []byte("new")); !errors.Is(err, ErrChanged) {
		t.Errorf("replace = %v, want ErrChanged", err)
	}
	holds(t, target, "old")
}

// The lock is kept from before the file is read until it is renamed: who waits
// for it finds what was written, however fast it is.
func TestEditKeepsTheLock(t *testing.T) {
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "config"), "", 0o600)
	d, err := os.Open(dir)
	check(t, err)
	defer d.Close()
	for range 100 {
		found := make(chan string, 1)
		calls := 0
		err := Edit(path, func(f *File) ([]byte, error) {
			if calls++; calls == 2 { // the first call is without
				go func() {
					locked := syscall.Flock(int(d.Fd()), syscall.LOCK_EX)
					text, err := os.ReadFile(path)
					if err := errors.Join(locked, err, syscall.Flock(int(d.Fd()), syscall.LOCK_UN)); err != nil {
						t.Error(err)
					}
					found <- string(text)
				}()
				runtime.Gosched()
			}
			return append([]byte("x"), f.Text()...), nil
		})
		check(t, err)
		want, err := os.ReadFile(path)
		check(t, err)
		if got := <-found; got != string(want) {
			t.Fatalf("who had the lock next found %d bytes, want %d", len(got), len(want))
		}
	}
}
