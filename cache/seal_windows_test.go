package cache

import (
	"bytes"
	"path/filepath"
	"testing"
)

func TestDPAPI(t *testing.T) {
	d := Open(filepath.Join(t.TempDir(), "cache"), Keyring)
	s := d.Slot("a")
	check(t, s.Put(now, entry))
	file, _, err := readOwn(s.path())
	check(t, err)
	if bytes.Contains(file, entry.Data) || !bytes.Contains(file, []byte(" sealed\n")) {
		t.Errorf("the file is %q, which is not sealed", file)
	}
	if e, ok := s.Get(now); !ok || !bytes.Equal(e.Data, entry.Data) {
		t.Errorf("Get = %q, %t, want %q", e.Data, ok, entry.Data)
	}
	if got, want := d.Sealing(), "sealed by Windows DPAPI"; got != want {
		t.Errorf("Sealing() = %q, want %q", got, want)
	}
	body, err := dpapi{}.seal([]byte("head"), entry.Data)
	check(t, err)
	if data, err := (dpapi{}).open([]byte("head"), body); err != nil || !bytes.Equal(data, entry.Data) {
		t.Errorf("open = %q, %v, want %q", data, err, entry.Data)
	}
	if data, err := (dpapi{}).open([]byte("heat"), body); err == nil {
		t.Errorf("open with another head = %q", data)
	}
	body[len(body)/2] ^= 1
	if data, err := (dpapi{}).open([]byte("head"), body); err == nil {
		t.Errorf("open of a damaged body = %q", data)
	}
}
