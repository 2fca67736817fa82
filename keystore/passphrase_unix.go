//go:build !windows

package keystore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// passphraseLinks is how many symbolic links there may be on a way, as Linux has it.
	passphraseLinks = 40
	// pollPause is how often a pipe is left to see whether the call was given up.
	pollPause = 50 * time.Millisecond
	// around is what may stand around a passphrase: a byte order mark and a line's end.
	around = len("\ufeff\r\n")
)

// readPassphrase reads the file at path, if it is fit to hold a secret.
func readPassphrase(ctx context.Context, path string) ([]byte, error) {
	if err := checkLinks(path); err != nil {
		return nil, err
	}
	info, err := os.Stat(path) // before it is opened: to open a device may do something
	if err != nil {
		return nil, err
	}
	if err := checkKind(info.Mode()); err != nil {
		return nil, err
	}
	// A FIFO that nobody writes to is not waited for here.
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, err
	}
	if err := checkOpened(fd, &st); err != nil {
		return nil, err
	}
	return readDescriptor(ctx, fd, st.Mode&unix.S_IFMT == unix.S_IFIFO)
}

// readDescriptor reads to the end, of a pipe after something was written to it.
func readDescriptor(ctx context.Context, fd int, pipe bool) ([]byte, error) {
	data := make([]byte, longestPassphrase+around+1)
	n := 0
	for {
		if pipe {
			if err := awaitInput(ctx, fd); err != nil {
				return nil, err
			}
		}
		more, err := unix.Read(fd, data[n:])
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
			continue
		case err != nil:
			return nil, err
		case more == 0:
			return data[:n], nil
		}
		if n += more; n == len(data) {
			return nil, tooLong()
		}
	}
}

// awaitInput waits until a pipe has something to read or has ended.
func awaitInput(ctx context.Context, fd int) error {
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		ready, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(pollPause.Milliseconds()))
		if err != nil && !errors.Is(err, unix.EINTR) || ready > 0 {
			return err
		}
	}
}

// checkKind refuses what is neither a file nor a pipe.
func checkKind(mode fs.FileMode) error {
	kind := ""
	switch mode.Type() {
	case 0, fs.ModeNamedPipe:
		return nil
	case fs.ModeDir:
		kind = "a directory"
	case fs.ModeSocket:
		kind = "a socket"
	default:
		kind = "a device"
	}
	return unfit("is "+kind, "name a file of mode 0600, or a pipe, with the passphrase on its only line")
}

// checkOpened refuses a file of another user's, or that others can read or change.
func checkOpened(fd int, st *unix.Stat_t) error {
	mode := uint32(st.Mode)
	if kind := mode & unix.S_IFMT; kind != unix.S_IFREG && kind != unix.S_IFIFO {
		return unfit("was replaced while it was opened", "try again")
	}
	uid := os.Geteuid()
	if int(st.Uid) != uid && st.Uid != 0 {
		return unfit(fmt.Sprintf("belongs to another user (id %d)", st.Uid), fmt.Sprintf("it must belong to the user who runs aws-connector (id %d), or to root", uid))
	}
	if st.Nlink == 0 && mode&unix.S_IFMT == unix.S_IFREG {
		return nil // a here-document or memfd: no name leads others to it
	}
	group := []uint32{st.Gid}
	if a, listed := accessListOf(fd); listed {
		// What stands for the group is then the most that anybody on the list may.
		if slices.ContainsFunc(a.users, func(u uint32) bool { return u != 0 && int(u) != uid }) {
			return unfit("can be read by others (its access control list says so)", "run setfacl -b and chmod 600 on it")
		}
		group = a.groups
	}
	perm := mode & 0o777
	switch {
	case perm&0o022 != 0:
		return unfit(fmt.Sprintf("can be changed by others (mode %04o)", perm), "run chmod 600 on it")
	case perm&0o007 != 0:
		return unfit(fmt.Sprintf("can be read by everybody (mode %04o)", perm),
			"run chmod 600 on it; a secret of Docker's, Swarm's or Kubernetes needs `mode: 0400` (defaultMode there), and the uid of who runs this")
	case perm&0o040 != 0:
		if stranger := slices.IndexFunc(group, func(g uint32) bool { return !inGroup(g) }); stranger >= 0 {
			return unfit(fmt.Sprintf("can be read by group %d, which this process is not in (mode %04o)", group[stranger], perm), "run chmod 600 on it")
		}
	}
	return nil
}

func inGroup(gid uint32) bool {
	if int(gid) == os.Getegid() {
		return true
	}
	groups, err := os.Getgroups()
	return err == nil && slices.Contains(groups, int(gid))
}

// checkLinks refuses a path on which there is a symbolic link of another user's,
// which leads where that user likes.
func checkLinks(path string) error {
	left := passphraseLinks
	_, err := followed(filepath.Clean(path), &left)
	return err
}

// followed returns where path leads, which need not exist.
func followed(path string, left *int) (string, error) {
	dir, name := filepath.Dir(path), filepath.Base(path)
	if dir == path {
		return path, nil
	}
	dir, err := followed(dir, left)
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, name)
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || err == nil && info.Mode().Type() != fs.ModeSymlink {
		return path, nil
	}
	if err != nil {
		return "", err
	}
	if dir == "/dev/fd" || strings.HasPrefix(dir, "/proc/") && filepath.Base(dir) == "fd" {
		return path, nil // the link is the open file itself
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 && int(st.Uid) != os.Geteuid() {
		return "", unfit("is reached by "+path+", a symbolic link of another user's (id "+strconv.Itoa(int(st.Uid))+")", "name the file itself, or make the link yourself")
	}
	target, err := os.Readlink(path)
	if err != nil {
		return "", err
	}
	if *left--; *left < 0 {
		return "", &fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
	}
	if !filepath.IsAbs(target) {
		target = dir + string(filepath.Separator) + target
	}
	return followed(strings.TrimRight(target, "/"), left)
}
