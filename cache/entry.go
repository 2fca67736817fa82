package cache

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"strconv"
	"time"
)

// magic is the first line of a file and names its format:
//
//	aws-connector cache 2\n
//	NAME of the slot\n
//	EXPIRY WRITTEN BOOT sealed|plain\n
//	body
//
// EXPIRY is in seconds since 1970, WRITTEN in milliseconds since then, BOOT in
// nanoseconds since the machine was started, or -1; all of them decimal.
//
// A sealed body is what the [sealer] made of the data, with the three lines as
// additional data. A plain one is the SHA-256 of the three lines and the data,
// and the data: it tells a torn or damaged file from a whole one, no more, for
// whoever can write the file can write the sum.
const (
	magic = product + "2\n"
	// product begins the files of every format, those to come too.
	product = "aws-connector cache "
)

// stepBack is how far before its writing an entry is still believed: a caller
// may have looked at its clock before another process wrote, and a clock that
// is kept right is set back by seconds. Further back it was set to another time.
const stepBack = time.Minute

// noBoot stands for a boot clock that is not known.
const noBoot time.Duration = -1

var errFormat = errors.New("cache: not an entry of this slot")

// header is what a file tells in the clear.
type header struct {
	name    string
	expires time.Time
	written time.Time
	boot    time.Duration
	sealed  bool
}

func (h header) encode() []byte {
	b := make([]byte, 0, len(magic)+len(h.name)+64)
	b = append(append(append(b, magic...), h.name...), '\n')
	b = append(strconv.AppendInt(b, h.expires.Unix(), 10), ' ')
	b = append(strconv.AppendInt(b, h.written.UnixMilli(), 10), ' ')
	b = append(strconv.AppendInt(b, int64(h.boot), 10), ' ')
	if h.sealed {
		return append(b, "sealed\n"...)
	}
	return append(b, "plain\n"...)
}

// parse cuts a file of the slot called name. A header has one encoding.
func parse(name string, file []byte) (h header, head, body []byte, err error) {
	rest, ok := bytes.CutPrefix(file, []byte(magic+name+"\n"))
	if !ok {
		return header{}, nil, nil, errFormat
	}
	line, body, ok := bytes.Cut(rest, []byte("\n"))
	words := bytes.Split(line, []byte(" "))
	if !ok || len(words) != 4 {
		return header{}, nil, nil, errFormat
	}
	var numbers [3]int64
	for i := range numbers {
		if numbers[i], err = strconv.ParseInt(string(words[i]), 10, 64); err != nil {
			return header{}, nil, nil, errFormat
		}
	}
	h = header{name, time.Unix(numbers[0], 0).UTC(), time.UnixMilli(numbers[1]), time.Duration(numbers[2]), string(words[3]) == "sealed"}
	head = file[:len(file)-len(body)]
	if h.boot < noBoot || !bytes.Equal(h.encode(), head) {
		return header{}, nil, nil, errFormat
	}
	return h, head, body, nil
}

// alive reports whether the entry is valid at now, where boot is the time since
// the machine was started.
//
// A wall clock can be set back. Since the writing at least boot-h.boot has
// passed, even if the machine was started again meanwhile, and so the entry is
// dead once that is all it had left; where the boot clock does not tell, one
// that seems to come from the future is not believed.
func (h header) alive(now time.Time, boot time.Duration) bool {
	if !now.Before(h.expires) || now.Before(h.written.Add(-stepBack)) {
		return false
	}
	left := h.expires.Sub(h.written)
	return h.boot == noBoot || boot < h.boot || boot-h.boot < left
}

// encode returns the file of an entry.
func (d *Dir) encode(h header, data []byte) ([]byte, error) {
	if d.seal != Off {
		h.sealed = true
		head := h.encode()
		body, err := d.sealer.seal(head, data)
		if err == nil {
			return append(head, body...), nil
		}
		if d.seal != Auto {
			return nil, &unsealable{err}
		}
	}
	h.sealed = false
	head := h.encode()
	return append(append(head, sum(head, data)...), data...), nil
}

// decode is the inverse of encode. A plain file where a sealed one is expected
// is none of ours, and the reverse.
func (d *Dir) decode(name string, file []byte) (header, []byte, error) {
	h, head, body, err := parse(name, file)
	if err != nil {
		return header{}, nil, err
	}
	var data []byte
	switch {
	case h.sealed:
		if d.seal == Off {
			return header{}, nil, errFormat
		}
		if data, err = d.sealer.open(head, body); err != nil {
			return header{}, nil, err
		}
	case d.expectsSealed() || len(body) < sha256.Size:
		return header{}, nil, errFormat
	default:
		data = body[sha256.Size:]
		if subtle.ConstantTimeCompare(sum(head, data), body[:sha256.Size]) != 1 {
			return header{}, nil, errFormat
		}
	}
	if len(data) > MaxData {
		return header{}, nil, errFormat
	}
	return h, data, nil
}

func sum(head, data []byte) []byte {
	h := sha256.New()
	h.Write(head)
	h.Write(data)
	return h.Sum(nil)
}
