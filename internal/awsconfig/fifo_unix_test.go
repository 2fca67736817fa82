//go:build !windows

package awsconfig

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A test that hangs here is the fault: nobody writes to the FIFO.
func TestFIFOIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(path); err == nil || !strings.HasSuffix(err.Error(), "config: not a regular file") {
		t.Errorf("ReadFile: %v", err)
	}
}
