package dotfile

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Of many that edit a file at once, each builds upon the one before. Without the
// lock, or with one that ends before the rename, changes would be lost.
func TestEditTogether(t *testing.T) {
	const workers, each = 8, 40
	path := filepath.Join(t.TempDir(), "a", "config")
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for range each {
				err := Edit(path, func(f *File) ([]byte, error) {
					n, _ := strconv.Atoi(string(f.Text())) // 0 where there is no file yet
					return strconv.AppendInt(nil, int64(n+1), 10), nil
				})
				if err != nil {
					t.Errorf("Edit = %v", err)
				}
			}
		})
	}
	all.Wait()
	holds(t, path, strconv.Itoa(workers*each))
}

// Another program knows nothing of the lock: what it writes is edited in its turn.
func TestEditAgain(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "config"), "a", 0o600)
	calls := 0
	check(t, Edit(path, func(f *File) ([]byte, error) {
		text := append([]byte("x"), f.Text()...)
		if calls++; calls < 4 {
			write(t, path, string(f.Text())+"b", 0o600)
		}
		return text, nil
	}))
	holds(t, path, "xabbb")
	err := Edit(path, func(f *File) ([]byte, error) {
		write(t, path, string(f.Text())+"c", 0o600)
		return []byte("lost"), nil
	})
	if text, _ := os.ReadFile(path); !errors.Is(err, ErrChanged) || text[len(text)-1] != 'c' {
		t.Errorf("Edit of a file that never rests = %v, it holds %q", err, text)
	}
}

func TestEditOfNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "config")
	check(t, Edit(path, func(f *File) ([]byte, error) { return f.Text(), nil }))
	failed := errors.New("x")
	if err := Edit(path, func(*File) ([]byte, error) { return []byte("x"), failed }); err != failed {
		t.Errorf("Edit = %v, want the error of change", err)
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) > 0 {
		t.Errorf("made: %v, %v", all, err)
	}
}

// The last call of change counts: what it refuses, or finds to be there, is not written.
func TestEditUnderTheLock(t *testing.T) {
	failed := errors.New("x")
	for name, test := range map[string]struct {
		theirs func(path string) error // what another program does after the first look
		text   string
		err    error // of the last call
		want   string
	}{
		"done by another":    {func(path string) error { return os.WriteFile(path, []byte("new"), 0o600) }, "new", nil, "new"},
		"refused":            {func(path string) error { return os.WriteFile(path, []byte("theirs"), 0o600) }, "new", failed, "theirs"},
		"a directory by now": {func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }, "new", nil, ""},
	} {
		path := write(t, filepath.Join(t.TempDir(), "config"), "old", 0o600)
		calls := 0
		var before os.FileInfo
		err := Edit(path, func(f *File) ([]byte, error) {
			if calls++; calls > 1 {
				return []byte(test.text), test.err
			}
			err := test.theirs(path)
			before, _ = os.Lstat(path)
			return []byte(test.text), err
		})
		if (err == nil) != (name == "done by another") || test.err != nil && err != test.err {
			t.Errorf("%s: Edit = %v after %d calls", name, err, calls)
		}
		if after, err := os.Lstat(path); err != nil || !os.SameFile(before, after) {
			t.Errorf("%s: another file is there: %v", name, err)
		}
		if text, _ := os.ReadFile(path); string(text) != test.want {
			t.Errorf("%s: it holds %q, want %q", name, text, test.want)
		}
	}
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, strings.Repeat("x", 300))} {
		err := Edit(path, func(*File) ([]byte, error) {
			t.Errorf("%.80s is there to be changed", path)
			return nil, nil
		})
		if err == nil {
			t.Errorf("Edit(%.80s) = nil", path)
		}
	}
}

// What a killed process left is removed, and nothing else.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "config"), "old", 0o600)
	left := write(t, filepath.Join(dir, tempPrefix+"0123456789abcdef"), "half", 0o600)
	stay := []string{tempPrefix + "0123456789abcdeg", tempPrefix + "0123456789abcde", tempPrefix, ".config.123456", "aws-connector-0123456789abcdef",
		"0123456789abcdef", tempPrefix + "0123456789abcdef0", tempPrefix + "0123456789abcdefzz", tempPrefix + "0123456789ABCDEF" + "00"}
	for _, name := range stay {
		write(t, filepath.Join(dir, name), "theirs", 0o600)
	}
	check(t, os.Mkdir(filepath.Join(dir, tempPrefix+"0000000000000000"), 0o700))
	check(t, open(t, path).Replace([]byte("new")))
	if _, err := os.Lstat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", left, err)
	}
	for _, name := range append(stay, tempPrefix+"0000000000000000", "config") {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Where nothing is to be written it is removed too, unless the change failed.
func TestSweepWhereNothingChanges(t *testing.T) {
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "config"), "old", 0o600)
	left := write(t, filepath.Join(dir, tempPrefix+"0123456789abcdef"), "half", 0o600)
	failed := errors.New("x")
	if err := Edit(path, func(f *File) ([]byte, error) { return f.Text(), failed }); err != failed {
		t.Errorf("Edit = %v, want the error of change", err)
	}
	if _, err := os.Lstat(left); err != nil {
		t.Errorf("after an error: %v", err)
	}
	check(t, Edit(path, func(f *File) ([]byte, error) { return f.Text(), nil }))
	if _, err := os.Lstat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", left, err)
	}
	// Another process has written just that meanwhile.
	write(t, left, "half", 0o600)
	check(t, Edit(path, func(f *File) ([]byte, error) {
		check(t, os.WriteFile(path, []byte("new"), 0o600))
		return []byte("new"), nil
	}))
	if _, err := os.Lstat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", left, err)
	}
}

// Without a lock that tells, a file must be old.
func TestSweepWithoutLock(t *testing.T) {
	dir := t.TempDir()
	young := write(t, filepath.Join(dir, tempPrefix+"0123456789abcdef"), "half", 0o600)
	old := write(t, filepath.Join(dir, tempPrefix+"fedcba9876543210"), "half", 0o600)
	past := time.Now().Add(-2 * tempAge)
	check(t, os.Chtimes(old, past, past))
	p, err := openPlace(dir)
	check(t, err)
	defer p.leave()
	p.locked = false
	p.sweep()
	if _, err := os.Lstat(young); err != nil {
		t.Errorf("the file of a process that may live: %v", err)
	}
	if _, err := os.Lstat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an old file is still there: %v", err)
	}
}

// A file that takes another's place between the look and the opening is not read.
func TestReadOfAnother(t *testing.T) {
	dir := t.TempDir()
	one, two := write(t, filepath.Join(dir, "one"), "one", 0o600), write(t, filepath.Join(dir, "two"), "two", 0o600)
	text, _, err := readFile(one, func() (os.FileInfo, error) { return os.Lstat(one) }, func() (*os.File, error) { return os.Open(two) })
	if !errors.Is(err, ErrChanged) || text != nil {
		t.Errorf("readFile = %q, %v, want ErrChanged", text, err)
	}
}
