package ambient

import "os"

// Stamp tells which file lies at path, and changes whenever that is written,
// replaced or put back; "" where no file is to be read there.
func Stamp(path string) string {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return ""
	}
	return stampOf(path, info)
}
