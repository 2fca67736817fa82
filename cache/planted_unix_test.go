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

func TestALinkedLockIsNotFollowed(t *testing.T) {
	_, s := filled(t)
	check(t, os.Symlink(t.TempDir()+"/elsewhere", s.path()+lockSuffix))
	if _, err := s.Lock(t.Context()); err == nil {
		t.Error("Lock through a link = nil")
	}
}
