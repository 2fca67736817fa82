//go:build !windows

package keystore

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// maxLinks is how many symbolic links there may be on a way, as Linux has it.
const maxLinks = 40

// follow returns what path is once all symbolic links on the way are followed, and
// whether the last of it was one. Every link must be this user's or root's; where
// the file itself is one, so must be every directory on the way, since whoever
// writes there decides which file is opened.
func follow(path string) (target string, linked bool, err error) {
	if path, err = filepath.Abs(path); err != nil {
		return "", false, err
	}
	done, rest := "/", parts(path)
	for links := 0; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		if name == ".." {
			done = filepath.Dir(done)
			continue
		}
		next := filepath.Join(done, name)
		info, err := os.Lstat(next)
		if errors.Is(err, fs.ErrNotExist) {
			done = filepath.Join(append([]string{next}, rest...)...)
			break
		}
		if err != nil {
			return "", false, err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			done = next
			continue
		}
		if links++; links > maxLinks {
			return "", false, &fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
		}
		linked = linked || len(rest) == 0
		to, err := trustedLink(next, info, linked)
		if err != nil {
			return "", false, err
		}
		rest = append(parts(to), rest...)
		if filepath.IsAbs(to) {
			done = "/"
		}
	}
	if linked {
		err = trustedWay(filepath.Dir(done))
	}
	return done, linked, err
}

// parts returns the names in a path.
func parts(path string) []string {
	var all []string
	for _, name := range strings.Split(path, "/") {
		if name != "" && name != "." {
			all = append(all, name)
		}
	}
	return all
}

// trustedLink returns what the link at path leads to.
func trustedLink(path string, info fs.FileInfo, all bool) (to string, err error) {
	if !isTrusted(info) {
		return "", planted(path, "the symbolic link", "belongs to another user")
	}
	if all {
		err = trustedWay(filepath.Dir(path))
	}
	if err != nil {
		return "", err
	}
	if to, err = os.Readlink(path); err == nil && to == "" {
		err = &fs.PathError{Op: "readlink", Path: path, Err: syscall.ENOENT}
	}
	return to, err
}

// trustedWay tells whether others can change what is found in the directory, to
// which no links lead.
func trustedWay(dir string) error {
	for {
		info, err := os.Stat(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case !isTrusted(info):
			return planted(dir, "the directory", "belongs to another user")
		case info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0:
			return planted(dir, "the directory", "can be written by everybody")
		}
		above := filepath.Dir(dir)
		if above == dir {
			return nil
		}
		dir = above
	}
}

func planted(path, what, why string) error {
	return &fault{what + " " + path + " in the path of the file " + why + ": others could make it lead anywhere",
		"make the link and its directories your own, or put the file itself there", nil}
}

func isTrusted(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && (int(st.Uid) == os.Getuid() || st.Uid == 0)
}

// kindOf names what is not a regular file.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "special"
}
