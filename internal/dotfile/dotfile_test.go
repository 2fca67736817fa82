package dotfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string, mode os.FileMode) string {
	t.Helper()
	check(t, os.MkdirAll(filepath.Dir(path), 0o755))
	check(t, os.WriteFile(path, []byte(text), mode))
	check(t, os.Chmod(path, mode))
	return path
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, path string) *File {
	t.Helper()
	f, err := Read(path)
	check(t, err)
	return f
}

// holds checks that path has text, and that no temporary file is beside it.
func holds(t *testing.T, path, text string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != text {
		t.Errorf("%s holds %q, %v, want %q", path, got, err, text)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), tempPrefix+"*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestReplace(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "config.json"), "old", 0o600)
	f := open(t, path)
	if string(f.Text()) != "old" || !f.Exists() {
		t.Errorf("Text = %q, Exists = %t", f.Text(), f.Exists())
	}
	check(t, f.Replace([]byte("new")))
	holds(t, path, "new")
}

func TestReplaceMakesFileAndDirectories(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "config")
	f := open(t, path)
	if f.Exists() || len(f.Text()) > 0 {
		t.Errorf("Text = %q, Exists = %t", f.Text(), f.Exists())
	}
	check(t, f.Replace([]byte("new")))
	holds(t, path, "new")
}

func TestChanged(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, path string){
		"edited":  func(t *testing.T, path string) { write(t, path, "theirs", 0o600) },
		"grown":   func(t *testing.T, path string) { write(t, path, "old and more", 0o600) },
		"removed": func(t *testing.T, path string) { check(t, os.Remove(path)) },
	} {
		path := write(t, filepath.Join(t.TempDir(), "config"), "old", 0o600)
		f := open(t, path)
		change(t, path)
		want, _ := os.ReadFile(path) // nil if removed
		if err := f.Replace([]byte("new")); !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: Replace = %v, want ErrChanged", name, err)
		}
		if got, _ := os.ReadFile(path); string(got) != string(want) {
			t.Errorf("%s: the file holds %q, want %q", name, got, want)
		}
	}
	path := filepath.Join(t.TempDir(), "config")
	f := open(t, path)
	write(t, path, "", 0o600) // empty is not absent
	if err := f.Replace([]byte("new")); !errors.Is(err, ErrChanged) {
		t.Errorf("Replace of a file that came to be = %v, want ErrChanged", err)
	}
	holds(t, path, "")
}

// Of two that read the same file, one writes and the other is refused.
func TestReplaceTogether(t *testing.T) {
	const n = 8
	path := write(t, filepath.Join(t.TempDir(), "config"), "old", 0o600)
	results := make(chan error, n)
	var files []*File
	for range n {
		files = append(files, open(t, path))
	}
	for i, f := range files {
		go func() { results <- f.Replace([]byte{'0' + byte(i)}) }()
	}
	won := 0
	for range n {
		switch err := <-results; {
		case err == nil:
			won++
		case !errors.Is(err, ErrChanged):
			t.Errorf("Replace = %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d wrote, want 1", won, n)
	}
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	large := write(t, filepath.Join(dir, "large"), "", 0o600)
	check(t, os.Truncate(large, MaxSize+1))
	for path, want := range map[string]string{
		dir:                                "is not a regular file",
		large:                              "has more than",
		filepath.Join(large, "f"):          "",
		filepath.Join(large, "under", "f"): "",
	} {
		f, err := Read(path)
		if err == nil && want == "" { // Windows says "not found" until it is made
			err = f.Replace([]byte("x"))
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("Read(%s) = %v, want %q", path, err, want)
		}
	}
	check(t, os.Truncate(large, MaxSize))
	if f := open(t, large); len(f.Text()) != MaxSize {
		t.Errorf("of the largest file %d bytes are read, want %d", len(f.Text()), MaxSize)
	}
	largest := filepath.Join(dir, "largest")
	check(t, open(t, largest).Replace(make([]byte, MaxSize)))
	if err := open(t, filepath.Join(dir, "new")).Replace(make([]byte, MaxSize+1)); err == nil {
		t.Error("Replace by too large a text = nil")
	}
	if _, err := os.Lstat(filepath.Join(dir, "new")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Lstat = %v, want not exist", err)
	}
}
