//go:build linux || darwin

package question

import (
	"strconv"
	"syscall"
)

// stampOf returns the stamp of the file or directory at path; false where that
// cannot be told. It opens it, for what a network file system says about a file
// that is not open may be a minute old.
func stampOf(path string) (stamp, bool) {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY|syscall.O_CLOEXEC, 0)
	if err == syscall.ENOENT {
		return stamp{text: absent}, true
	}
	if err != nil {
		return stamp{}, false
	}
	defer syscall.Close(fd)
	var st syscall.Stat_t
	if syscall.Fstat(fd, &st) != nil {
		return stamp{}, false
	}
	return stampFrom(&st), true
}

func stampIn(sys any) (stamp, bool) {
	st, ok := sys.(*syscall.Stat_t)
	if !ok {
		return stamp{}, false
	}
	return stampFrom(st), true
}

func stampFrom(st *syscall.Stat_t) stamp {
	written, changed := times(st)
	b := make([]byte, 0, 96)
	for _, n := range [...]int64{int64(st.Dev), int64(st.Ino), st.Size, written, changed} {
		b = append(strconv.AppendInt(b, n, 10), ' ')
	}
	return stamp{string(b), max(written, changed), st.Mode&syscall.S_IFMT == syscall.S_IFDIR}
}

// private reports whether dir is a directory that nobody else can put files into;
// for root, if no link leads there and everything on the way is root's too.
func private(dir string) bool {
	uid := syscall.Geteuid()
	var st syscall.Stat_t
	if syscall.Lstat(dir, &st) != nil || st.Mode&syscall.S_IFMT != syscall.S_IFDIR || st.Mode&0o022 != 0 || int(st.Uid) != uid {
		return false
	}
	for uid == 0 && dir != "" {
		for dir[len(dir)-1] != '/' {
			dir = dir[:len(dir)-1]
		}
		dir = dir[:len(dir)-1]
		above := dir
		if above == "" {
			above = "/"
		}
		if syscall.Lstat(above, &st) != nil || st.Mode&syscall.S_IFMT != syscall.S_IFDIR || st.Uid != 0 {
			return false
		}
	}
	return true
}

// ReadOwn returns what is in a file of at most most bytes that only this user can
// have written.
func ReadOwn(path string, most int64) ([]byte, bool) {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, false
	}
	defer syscall.Close(fd)
	var st syscall.Stat_t
	if syscall.Fstat(fd, &st) != nil || st.Mode&syscall.S_IFMT != syscall.S_IFREG || st.Mode&0o077 != 0 || int(st.Uid) != syscall.Geteuid() || st.Nlink > 1 || st.Size > most {
		return nil, false
	}
	b := make([]byte, st.Size)
	n, err := syscall.Read(fd, b)
	return b, err == nil && n == len(b)
}
