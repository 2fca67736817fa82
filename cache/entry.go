package cache

import (
	"crypto/sha256"
	"crypto/subtle"

	"aws-connector/internal/warm"
)

// A body is what the [sealer] made of the data where the header says sealed, with
// the three lines of the header as additional data. A plain one is the SHA-256 of
// the three lines and the data, and the data: it tells a torn or damaged file from
// a whole one, no more, for whoever can write the file can write the sum.

const (
	product = warm.Product
	noBoot  = warm.NoBoot
)

var errFormat = warm.ErrFormat

// encode returns the file of an entry.
func (d *Dir) encode(h warm.Header, data []byte) ([]byte, error) {
	if d.seal != Off {
		h.Sealed = true
		head := h.Encode()
		body, err := d.sealer.seal(head, data)
		if err == nil {
			return append(head, body...), nil
		}
		if d.seal != Auto {
			return nil, &unsealable{err}
		}
	}
	h.Sealed = false
	head := h.Encode()
	return append(append(head, sum(head, data)...), data...), nil
}

// decode is the inverse of encode. A plain file where a sealed one is expected
// is none of ours, and the reverse.
func (d *Dir) decode(name string, file []byte) (warm.Header, []byte, error) {
	h, head, body, err := warm.ParseHeader(name, file)
	if err != nil {
		return warm.Header{}, nil, err
	}
	var data []byte
	switch {
	case h.Sealed:
		if d.seal == Off {
			return warm.Header{}, nil, errFormat
		}
		if data, err = d.sealer.open(head, body); err != nil {
			return warm.Header{}, nil, err
		}
	case d.expectsSealed() || len(body) < sha256.Size:
		return warm.Header{}, nil, errFormat
	default:
		data = body[sha256.Size:]
		if subtle.ConstantTimeCompare(sum(head, data), body[:sha256.Size]) != 1 {
			return warm.Header{}, nil, errFormat
		}
	}
	if len(data) > MaxData {
		return warm.Header{}, nil, errFormat
	}
	return h, data, nil
}

func sum(head, data []byte) []byte {
	h := sha256.New()
	h.Write(head)
	h.Write(data)
	return h.Sum(nil)
}
