package warm

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"time"

	"aws-connector/internal/question"
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
// body is, package cache says of its entries, and [Seal] of an answer.
const (
	Magic = Product + "2\n"
	// Product begins the files of every format, those to come too.
	Product = "aws-connector cache "
)

// NoBoot stands for a boot clock that is not known.
const NoBoot time.Duration = question.NoBoot

// SinceBoot returns how long ago the machine was started, times of sleep included,
// or [NoBoot].
func SinceBoot() time.Duration { return time.Duration(question.SinceBoot()) }

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
// the machine was started; see [question.Alive].
func (h Header) Alive(now time.Time, boot time.Duration) bool {
	return question.Alive(nanoseconds(h.Expires), nanoseconds(h.Written), int64(h.Boot), nanoseconds(now), int64(boot))
}

// nanoseconds are since 1970, and the nearest there is of a time that is further off.
func nanoseconds(t time.Time) int64 {
	const most = math.MaxInt64 / int64(time.Second)
	switch s := t.Unix(); {
	case s >= most:
		return math.MaxInt64
	case s <= -most:
		return math.MinInt64
	}
	return t.UnixNano()
}
