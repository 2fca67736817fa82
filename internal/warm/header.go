package warm

import (
	"bytes"
	"errors"
	"strconv"
	"time"
)

// Magic is the first line of a file of the cache and names its format:
//
//	aws-connector cache 2\n
//	NAME of the slot\n
//	EXPIRY WRITTEN BOOT sealed|plain\n
//	body
//
// EXPIRY is in seconds since 1970, WRITTEN in milliseconds since then, BOOT in
// nanoseconds since the machine was started, or -1; all of them decimal. What the
// body is, package cache says of its entries, and [Question.seal] of an answer.
const (
	Magic = Product + "2\n"
	// Product begins the files of every format, those to come too.
	Product = "aws-connector cache "
)

// stepBack is how far before its writing an entry is still believed: a caller
// may have looked at its clock before another process wrote, and a clock that
// is kept right is set back by seconds. Further back it was set to another time.
const stepBack = time.Minute

// NoBoot stands for a boot clock that is not known.
const NoBoot time.Duration = -1

// ErrFormat is for a file that does not begin as that of a slot does.
var ErrFormat = errors.New("cache: not an entry of this slot")

// Header is what a file of the cache tells in the clear.
type Header struct {
	Name    string
	Expires time.Time
	Written time.Time
	Boot    time.Duration
	Sealed  bool
}

// Encode returns the three lines.
func (h Header) Encode() []byte {
	b := make([]byte, 0, len(Magic)+len(h.Name)+64)
	b = append(append(append(b, Magic...), h.Name...), '\n')
	b = append(strconv.AppendInt(b, h.Expires.Unix(), 10), ' ')
	b = append(strconv.AppendInt(b, h.Written.UnixMilli(), 10), ' ')
	b = append(strconv.AppendInt(b, int64(h.Boot), 10), ' ')
	if h.Sealed {
		return append(b, "sealed\n"...)
	}
	return append(b, "plain\n"...)
}

// ParseHeader cuts a file of the slot called name. A header has one encoding.
func ParseHeader(name string, file []byte) (h Header, head, body []byte, err error) {
	rest, ok := bytes.CutPrefix(file, []byte(Magic+name+"\n"))
	if !ok {
		return Header{}, nil, nil, ErrFormat
	}
	line, body, ok := bytes.Cut(rest, []byte("\n"))
	words := bytes.Split(line, []byte(" "))
	if !ok || len(words) != 4 {
		return Header{}, nil, nil, ErrFormat
	}
	var numbers [3]int64
	for i := range numbers {
		if numbers[i], err = strconv.ParseInt(string(words[i]), 10, 64); err != nil {
			return Header{}, nil, nil, ErrFormat
		}
	}
	h = Header{name, time.Unix(numbers[0], 0).UTC(), time.UnixMilli(numbers[1]), time.Duration(numbers[2]), string(words[3]) == "sealed"}
	head = file[:len(file)-len(body)]
	if h.Boot < NoBoot || !bytes.Equal(h.Encode(), head) {
		return Header{}, nil, nil, ErrFormat
	}
	return h, head, body, nil
}

// Alive reports whether the entry is valid at now, where boot is the time since
// the machine was started.
//
// A wall clock can be set back. Since the writing at least boot-h.Boot has
// passed, even if the machine was started again meanwhile, and so the entry is
// dead once that is all it had left; where the boot clock does not tell, one
// that seems to come from the future is not believed.
func (h Header) Alive(now time.Time, boot time.Duration) bool {
	if !now.Before(h.Expires) || now.Before(h.Written.Add(-stepBack)) {
		return false
	}
	left := h.Expires.Sub(h.Written)
	return h.Boot == NoBoot || boot < h.Boot || boot-h.Boot < left
}
