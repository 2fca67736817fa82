// Package charset tells in which encoding a text file is, for those who read
// and edit UTF-8 alone. Windows PowerShell's > writes UTF-16, in which what is
// appended as UTF-8 makes a file that nobody can read.
package charset

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error is a text that is not UTF-8.
type Error struct {
	// Encoding is what it seems to be, empty where nothing tells.
	Encoding string
	// Line is the first one that is not UTF-8 or has a NUL, from 1.
	Line int
	// Column counts characters from 1.
	Column int
	// Byte is the first one that is not UTF-8, 0 for a NUL.
	Byte byte
	mark bool
}

// Error says what is wrong, to be put after the path of the file and a colon.
// Of the text it shows one character at most, which no key or secret can have.
func (e *Error) Error() string {
	switch {
	case e.Encoding != "":
		return "it is " + e.Encoding + " and not UTF-8, the only encoding that its readers take"
	case e.Byte == 0:
		return fmt.Sprintf("line %d has a NUL byte: it is not a text file in UTF-8", e.Line)
	}
	return fmt.Sprintf("line %d is not UTF-8: in column %d is %s", e.Line, e.Column, e.Guess())
}

// Guess names the byte with what Windows-1252, of which Latin-1 is a part, has for it.
func (e *Error) Guess() string {
	const above = "€\x00‚ƒ„…†‡ˆ‰Š‹Œ\x00Ž\x00\x00‘’“”•–—˜™š›œ\x00žŸ"
	r := rune(e.Byte)
	if e.Byte < 0xa0 {
		r = []rune(above)[e.Byte-0x80]
	}
	switch r {
	case 0:
		return fmt.Sprintf("the byte 0x%02X", e.Byte)
	case 0xa0:
		return "the byte 0xA0, a no-break space in Windows-1252"
	case 0xad:
		return "the byte 0xAD, an invisible hyphen in Windows-1252"
	}
	return fmt.Sprintf("the byte 0x%02X, %c in Windows-1252", e.Byte, r)
}

// Hint says how to get a file that can be read and edited.
func (e *Error) Hint() string {
	if e.Encoding == "" {
		return "nothing was changed; correct that line, or save the file as UTF-8 without a byte order mark: an editor does, or `iconv -f WINDOWS-1252 -t UTF-8`"
	}
	read := ""
	switch {
	case e.mark:
	case strings.HasSuffix(e.Encoding, "BE"):
		read = " -Encoding BigEndianUnicode"
	default:
		read = " -Encoding Unicode"
	}
	return "nothing was changed; save it as UTF-8 without a byte order mark: an editor does, or `iconv -f " + e.Iconv() +
		" -t UTF-8`, or in PowerShell [IO.File]::WriteAllText($path, (Get-Content -Raw" + read + " $path)); > of Windows PowerShell writes UTF-16"
}

// Iconv is what iconv calls Encoding.
func (e *Error) Iconv() string {
	if e.mark { // with the order named, iconv would keep the mark
		name, _, _ := strings.Cut(e.Encoding, " ")
		return name
	}
	return strings.ReplaceAll(e.Encoding, " ", "")
}

// marks are the byte order marks of other encodings; the longer ones come first.
var marks = []struct{ bytes, encoding string }{
	{"\xff\xfe\x00\x00", "UTF-32 LE"},
	{"\x00\x00\xfe\xff", "UTF-32 BE"},
	{"\xff\xfe", "UTF-16 LE"},
	{"\xfe\xff", "UTF-16 BE"},
}

// Check returns an [*Error] if text is not UTF-8, or has a NUL. A byte order
// mark of UTF-8 is fine.
func Check(text []byte) error {
	for _, m := range marks {
		if bytes.HasPrefix(text, []byte(m.bytes)) {
			return &Error{Encoding: m.encoding, Line: 1, Column: 1, mark: true}
		}
	}
	if at := bytes.IndexByte(text, 0); at >= 0 {
		return &Error{Encoding: wide(text), Line: lineOf(text, at), Column: columnOf(text, at)}
	}
	if utf8.Valid(text) {
		return nil
	}
	for at, rest := 0, text; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			return &Error{Line: lineOf(text, at), Column: columnOf(text, at), Byte: text[at]}
		}
		at, rest = at+size, rest[size:]
	}
	return nil
}

// wide names the encoding of a text whose every second byte is a NUL, or nearly.
func wide(text []byte) string {
	var nuls [2]int
	for i, b := range text {
		if b == 0 {
			nuls[i%2]++
		}
	}
	half := len(text) / 2
	switch {
	case nuls[1] > half*3/4 && nuls[0] <= half/8:
		return "UTF-16 LE"
	case nuls[0] > half*3/4 && nuls[1] <= half/8:
		return "UTF-16 BE"
	}
	return ""
}

func lineOf(text []byte, at int) int { return bytes.Count(text[:at], []byte("\n")) + 1 }

func columnOf(text []byte, at int) int {
	return utf8.RuneCount(text[bytes.LastIndexByte(text[:at], '\n')+1:at]) + 1
}
