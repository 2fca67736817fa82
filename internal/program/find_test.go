//go:build !windows

package program

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A command is found, or not, as the shells find it.
func TestFind(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	for name, mode := range map[string]os.FileMode{"run": 0o755, "data": 0o644, "shadowed": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "folder"), 0o755), os.WriteFile(filepath.Join(other, "shadowed"), nil, 0o755)); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	path := dir + ":" + other
	t.Setenv("PATH", path)
	for name, want := range map[string]error{
		"run": nil, "./run": nil, dir + "/run": nil, "shadowed": nil,
		"data": ErrNotExecutable, "./data": ErrNotExecutable, "./folder": ErrNotExecutable, "/": ErrNotExecutable,
		"nope": ErrNotFound, "./nope": ErrNotFound, "nope/nope": ErrNotFound, "": ErrNotFound, "folder": ErrNotFound, "folder/data": ErrNotFound,
	} {
		got, err := Find(name, path)
		if !errors.Is(err, want) || (err == nil) != (got != "") {
			t.Errorf("Find(%q) = %q, %v, want %v", name, got, err, want)
		}
	}
	t.Setenv("PATH", "."+":"+other)
	if got, err := Find("run", "."); err != nil || got == "" {
		t.Errorf("with . on the PATH: %q, %v", got, err)
	}
}

func TestLeave(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	if err := Leave(t.Context(), "/bin/sh", "-c", `echo "$1" >"$0"`, mark, "$(a) b"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(mark); string(got) != "$(a) b\n" {
		t.Errorf("it got %q, %v", got, err)
	}
	if err := Leave(t.Context(), "/bin/sh", "-c", "exit 3"); err == nil {
		t.Error("a failure is none")
	}
	if err := Leave(t.Context(), mark); err == nil {
		t.Error("a file that is no program was run")
	}
}
