package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// What is trusted is told apart by more than a file's size and time, which a copy
// can have too.
func TestTrust(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there no file's last change is known")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "ca.pem")
	overwrite := func() {
		t.Helper()
		info, statErr := os.Stat(path)
		if err := os.WriteFile(path, []byte("certificate"), 0o600); err != nil {
			t.Fatal(err)
		}
		if statErr != nil {
			return
		}
		if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
	overwrite()
	for variable, value := range map[string]string{"": path, "SSL_CERT_FILE": path, "SSL_CERT_DIR": t.TempDir() + string(filepath.ListSeparator) + dir} {
		bundle := ""
		if variable == "" {
			bundle = value
		} else {
			t.Setenv(variable, value)
		}
		before := trust(bundle)
		if trust(bundle) != before {
			t.Errorf("%s %s: nothing changed, and it is another", variable, value)
		}
		for n := 0; trust(bundle) == before; n++ { // until the file system's clock has gone on
			if overwrite(); n > 1000 {
				t.Fatalf("%s %s: another file, and it is the same", variable, value)
			}
		}
	}
}
