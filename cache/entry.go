package cache

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"strconv"
	"time"
)

// magic is the first line of a file and names its format:
//
//	aws-connector cache 1\n
//	NAME of the slot\n
//	EXPIRY in seconds since 1970, decimal\n
//	SHA-256 of the two lines before and the data, 64 hexadecimal digits\n
//	data
//
// The sum tells a torn or damaged file from a whole one, no more: whoever can
// write the file can write the sum.
const magic = "aws-connector cache 1\n"

var errFormat = errors.New("cache: not an entry of this slot")

// seal returns the file for e in the slot called name; open is its inverse.
// Encryption at rest belongs into these two, bound to the name.
func seal(name string, e Entry) []byte {
	head := name + "\n" + strconv.FormatInt(e.Expires.Unix(), 10) + "\n"
	file := make([]byte, 0, len(magic)+len(head)+2*sha256.Size+1+len(e.Data))
	file = append(file, magic...)
	file = append(file, head...)
	file = hex.AppendEncode(file, sum([]byte(head), e.Data))
	file = append(file, '\n')
	return append(file, e.Data...)
}

func open(name string, file []byte) (Entry, error) {
	rest, ok := bytes.CutPrefix(file, []byte(magic))
	if !ok {
		return Entry{}, errFormat
	}
	head := rest
	owner, rest, ok := bytes.Cut(rest, []byte("\n"))
	if !ok || string(owner) != name {
		return Entry{}, errFormat
	}
	seconds, rest, ok := bytes.Cut(rest, []byte("\n"))
	if !ok {
		return Entry{}, errFormat
	}
	unix, err := strconv.ParseInt(string(seconds), 10, 64)
	if err != nil || strconv.FormatInt(unix, 10) != string(seconds) {
		return Entry{}, errFormat
	}
	head = head[:len(owner)+1+len(seconds)+1]
	digits, data, ok := bytes.Cut(rest, []byte("\n"))
	want := hex.AppendEncode(nil, sum(head, data))
	if !ok || len(data) > MaxData || subtle.ConstantTimeCompare(digits, want) != 1 {
		return Entry{}, errFormat
	}
	return Entry{Expires: time.Unix(unix, 0).UTC(), Data: data}, nil
}

func sum(head, data []byte) []byte {
	h := sha256.New()
	h.Write(head)
	h.Write(data)
	return h.Sum(nil)
}
