package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"aws-connector/keystore"

	"github.com/rogpeppe/go-internal/testscript"
)

// condition is true of [root] where the user is, and of [kernelkeyring] where there
// is one that may be used.
func condition(name string) (bool, error) {
	switch name {
	case "root":
		return os.Geteuid() == 0, nil
	case "kernelkeyring":
		_, _, err := keystore.EncryptedFile(keystore.FileOptions{Path: "/nowhere/keys.age"}).Unlocked(context.Background())
		return !errors.Is(err, keystore.ErrNoKernelKeyring), nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

// chown FILE USER: it is another user's, by number.
func chown(ts *testscript.TestScript, neg bool, args []string) {
	user, err := strconv.Atoi(args[1])
	ts.Check(err)
	if neg {
		ts.Fatalf("chown cannot be negated")
	}
	ts.Check(os.Lchown(ts.MkAbs(args[0]), user, user))
}

// age FILE: it was written an hour ago.
func age(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("age cannot be negated")
	}
	ago := time.Now().Add(-time.Hour)
	ts.Check(os.Chtimes(ts.MkAbs(args[0]), ago, ago))
}

// mode FILE WANT: the file has the mode, in octal; four digits have the sticky bit.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	info, err := os.Lstat(ts.MkAbs(args[0]))
	ts.Check(err)
	got := fmt.Sprintf("%03o", info.Mode().Perm())
	if info.Mode()&os.ModeSticky != 0 {
		got = "1" + got
	}
	if got != args[1] || neg {
		ts.Fatalf("%s has mode %s, want %s", args[0], got, args[1])
	}
}

// sticky FILE: everybody may write to it, as to /tmp.
func sticky(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("sticky cannot be negated")
	}
	ts.Check(os.Chmod(ts.MkAbs(args[0]), 0o777|os.ModeSticky))
}

// picture FILE DIR [PATTERN…]: FILE tells all that is in DIR, with modes, but
// for what has a name that matches a pattern.
func picture(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("picture cannot be negated")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(tree(ts, ts.MkAbs(args[1]), args[2:]...)), 0o600))
}

func tree(ts *testscript.TestScript, dir string, patterns ...string) string {
	var b strings.Builder
	ts.Check(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if slices.ContainsFunc(patterns, func(p string) bool { ok, _ := filepath.Match(p, d.Name()); return ok }) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := ""
		switch info.Mode().Type() {
		case 0:
			data, err := os.ReadFile(path)
			ts.Check(err)
			text = fmt.Sprintf("%x", sha256.Sum256(data))
		case fs.ModeSymlink:
			text, err = os.Readlink(path)
		}
		fmt.Fprintln(&b, path, info.Mode(), text)
		return err
	}))
	return b.String()
}

// plant KIND FILE: something else is in the place of FILE, which may be a pattern.
func plant(ts *testscript.TestScript, neg bool, args []string) {
	paths, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(paths) == 0 || neg {
		ts.Fatalf("there is no %s", args[1])
	}
	for _, path := range paths {
		ts.Check(os.Remove(path))
		switch args[0] {
		case "text":
			err = os.WriteFile(path, []byte("a person's\n"), 0o600)
		case "empty":
			err = os.WriteFile(path, nil, 0o600)
		case "directory":
			err = os.Mkdir(path, 0o755)
		case "link":
			err = os.Symlink(ts.MkAbs("elsewhere"), path)
		default:
			ts.Fatalf("unknown kind %q", args[0])
		}
		ts.Check(err)
	}
}

// refused VARIABLE PROGRAM ARG…: the variable with a relative path is refused,
// with status 2, or 1 and on both streams where Docker asks, and leaves nothing
// in the working directory.
func refused(ts *testscript.TestScript, neg bool, args []string) {
	name, program := args[0], args[1]
	before, old, want := tree(ts, ts.MkAbs(".")), ts.Getenv(name), "exit status 2"
	docker := strings.HasPrefix(program, "docker-")
	if docker {
		want = "exit status 1"
	}
	values := []string{"x", "../x", "~root/x", "./x", ".", "..", "~x", "x/~/y", " ~/x", "$HOME/x"}
	if raced {
		values = values[:3] // programs take ten times as long, and race alike
	}
	for _, value := range values {
		ts.Setenv(name, value)
		err := ts.Exec(program, args[2:]...)
		if err == nil || err.Error() != want || neg {
			ts.Fatalf("with %s=%s it ended with %v, want %s", name, value, err, want)
		}
		out, errs := ts.ReadFile("stdout"), ts.ReadFile("stderr")
		if docker && out != errs || !docker && out != "" {
			ts.Fatalf("with %s=%s standard output is %q", name, value, out)
		}
		if !strings.Contains(errs, name+" is not an absolute path") || !strings.Contains(errs, "begins with ~/") && !strings.Contains(errs, "to your home directory") {
			ts.Fatalf("with %s=%s standard error is %q", name, value, errs)
		}
	}
	ts.Setenv(name, old)
	if after := tree(ts, ts.MkAbs(".")); after != before {
		ts.Fatalf("it left files behind:\n%s\nwant\n%s", after, before)
	}
}
