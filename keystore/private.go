package keystore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// readPrivate reads a file of at most limit bytes that is ours and closed to others.
func readPrivate(path string, limit int64) ([]byte, error) {
	data, _, err := openPrivate(path, limit)
	return data, err
}

var errIsLink = errors.New("is a symbolic link")

const moveItAway = "aws-connector did not write that file: move it elsewhere"

// readOpened returns what is in f, and its stamp: another one once f was written,
// replaced or put back.
func readOpened(f *os.File, info fs.FileInfo, limit int64) (data []byte, stamp string, err error) {
	if info.Size() > limit {
		return nil, "", &fault{fmt.Sprintf("%s is larger than %d bytes", f.Name(), limit), moveItAway, nil}
	}
	data, err = io.ReadAll(io.LimitReader(f, limit))
	if err != nil {
		return nil, "", err
	}
	stamp, err = stampOf(f)
	return data, stamp, err
}
