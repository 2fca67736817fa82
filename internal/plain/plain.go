// Package plain makes what comes from elsewhere fit for people and for terminals:
// names, paths, values of files and variables, and what servers and programs say.
package plain

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable reports whether r is seen as what it is: a graphic character or a
// blank. Control characters, those that only format or change the direction of
// others, line and paragraph separators, tags, private and unassigned ones are not.
func Printable(r rune) bool {
	return r != utf8.RuneError && unicode.IsGraphic(r)
}

// Line makes one line of s: each run of blanks, tabs and ends of lines is one
// blank, and what else [Visible] replaces is replaced.
func Line(s string) string {
	blank := func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}
	return strings.Join(strings.Fields(Visible(strings.Map(blank, s))), " ")
}

// Visible replaces what is not printable in s, ends of lines and tabs among it,
// and what is not UTF-8 by U+FFFD, but for the characters kept.
func Visible(s string, kept ...rune) string {
	return strings.Map(func(r rune) rune {
		if Printable(r) || slices.Contains(kept, r) {
			return r
		}
		return utf8.RuneError
	}, s)
}

// JSON escapes what is not printable in data, one or more JSON texts, so that
// they can be shown and mean what they meant. Bytes that are not UTF-8 become
// U+FFFD. data comes back as it is where there is nothing to escape.
func JSON(data []byte) []byte {
	i := 0
	for i < len(data) && data[i] < 0x7f {
		i++
	}
	if i == len(data) {
		return data
	}
	const hex = "0123456789abcdef"
	out := append(make([]byte, 0, len(data)+16), data[:i]...)
	unit := func(u rune) { out = append(out, '\\', 'u', hex[u>>12&15], hex[u>>8&15], hex[u>>4&15], hex[u&15]) }
	for i < len(data) {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		// Outside of strings JSON is ASCII, and its encoders escape what is below a blank.
		case r < 0x7f || Printable(r):
			out = append(out, data[i:i+size]...)
		case r < 0x10000:
			unit(r)
		default:
			const first = 0xd800
			unit(first + (r-0x10000)>>10)
			unit(first + 0x400 + (r-0x10000)&0x3ff)
		}
		i += size
	}
	return out
}
