package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// Other programs, virus scanners first, hold a file for a moment.
const (
	renameTries = 20
	renamePause = 10 * time.Millisecond
)

// openPrivate reads a regular file of at most limit bytes. Who may read it is
// what the ACL of the user's profile says.
func openPrivate(path string, limit int64) (data []byte, stamp string, err error) {
	before, err := os.Lstat(path)
	if err != nil {
		return nil, "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, "", err
	}
	if !before.Mode().IsRegular() || !os.SameFile(before, info) {
		return nil, "", fmt.Errorf("%s is not a regular file", path)
	}
	return readOpened(f, info, limit)
}

// openProvided is openPrivate: who may read a file is what its ACL says.
func openProvided(path string, limit int64) (data []byte, stamp string, err error) {
	return openPrivate(path, limit)
}

func stampOf(f *os.File) (string, error) {
	var i windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &i); err != nil {
		return "", &fs.PathError{Op: "stat", Path: f.Name(), Err: err}
	}
	return fmt.Sprint(i.VolumeSerialNumber, i.FileIndexHigh, i.FileIndexLow, i.FileSizeHigh, i.FileSizeLow, i.CreationTime.Nanoseconds(), i.LastWriteTime.Nanoseconds()), nil
}

func isOurs(fs.FileInfo) bool { return true }

func isLoose(fs.FileInfo) bool { return false }

// hold has nothing to do: a file that is open is not removed.
func hold(*os.File) bool { return true }

// holdPath opens nothing: a file that is open takes no other's place.
func holdPath(string) *os.File { return nil }

func removeUnheld(path string) { os.Remove(path) }

// place renames f, which it closes, to path.
func place(f *os.File, path string) error {
	f.Close() // an open file is not renamed
	var err error
	for range renameTries {
		err = os.Rename(f.Name(), path)
		if !errors.Is(err, windows.ERROR_SHARING_VIOLATION) && !errors.Is(err, windows.ERROR_ACCESS_DENIED) {
			return err
		}
		time.Sleep(renamePause)
	}
	return err
}

func syncDir(string) {}
