package keystore

import (
	"context"
	"io"
	"os"
)

// readPassphrase reads a regular file. Who else may read it is what its ACL says.
func readPassphrase(_ context.Context, path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, unfit("is not a regular file", "name a file with the passphrase on its only line")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, longestPassphrase+4))
	if err == nil && len(data) > longestPassphrase+3 {
		err = tooLong()
	}
	return data, err
}
