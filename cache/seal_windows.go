package cache

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

func newSealer() sealer { return dpapi{} }

// dpapi lets Windows seal each entry under the user's logon. A key of our own,
// wrapped in a file, would cost a hit the same call and could be lost.
// https://learn.microsoft.com/windows/win32/api/dpapi/nf-dpapi-cryptprotectdata
type dpapi struct{}

func (dpapi) name() string { return "Windows DPAPI" }

func (d dpapi) ready() error {
	_, err := d.seal(nil, []byte{0})
	return err
}

func (dpapi) seal(head, data []byte) ([]byte, error) {
	var out windows.DataBlob
	err := windows.CryptProtectData(blob(data), nil, blob(head), 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out)
	if err != nil {
		return nil, &refusal{"Windows", err}
	}
	return take(out), nil
}

func (dpapi) open(head, body []byte) ([]byte, error) {
	var out windows.DataBlob
	err := windows.CryptUnprotectData(blob(body), nil, blob(head), 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out)
	if err != nil {
		return nil, &refusal{"Windows", err}
	}
	return take(out), nil
}

func blob(b []byte) *windows.DataBlob {
	return &windows.DataBlob{Size: uint32(len(b)), Data: unsafe.SliceData(b)}
}

// take copies what Windows allocated and frees it.
func take(b windows.DataBlob) []byte {
	data := append([]byte{}, unsafe.Slice(b.Data, b.Size)...)
	// A failure leaks some bytes of a program that lives for milliseconds.
	windows.LocalFree(windows.Handle(unsafe.Pointer(b.Data)))
	return data
}
