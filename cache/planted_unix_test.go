//go:build !windows

package cache

import (
	"os"
	"syscall"
	"testing"
)

func TestGetOfAFIFODoesNotHang(t *testing.T) {
	_, s := filled(t)
	check(t, os.Remove(s.path()))
	check(t, syscall.Mkfifo(s.path(), 0o600))
	if _, ok := s.Get(now); ok {
		t.Error("Get of a FIFO = true")
	}
}
