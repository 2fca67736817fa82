//go:build !windows

package connector

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestLoadOfAFIFODoesNotHang(t *testing.T) {
	path := filepath.Join(t.TempDir(), "connectors.toml")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.HasSuffix(err.Error(), ": not a regular file") {
		t.Errorf("Load = %v, want a refusal", err)
	}
}
