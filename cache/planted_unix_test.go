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

func TestSweepFollowsNoLink(t *testing.T) {
	d, s := filled(t)
	elsewhere := d.Path() + ".elsewhere"
	check(t, os.Rename(s.path(), elsewhere))
	check(t, os.Symlink(elsewhere, s.path()))
	check(t, d.Sweep(entry.Expires, nil))
	for _, path := range []string{elsewhere, s.path()} {
		if _, err := os.Lstat(path); err != nil {
			t.Errorf("after Sweep: %v", err)
		}
	}
}
