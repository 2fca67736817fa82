package charset

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"
)

const file = "[profile a]\r\nregion = eu-central-1\r\n"

func encode(order binary.AppendByteOrder, text string) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, u)
	}
	return string(out)
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		text, encoding string
		line           int
	}{
		{"", "", 0},
		{file, "", 0},
		{"\ufeff" + file, "", 0},
		{"été 東京 \U0001F600\ufffd", "", 0},
		{encode(binary.LittleEndian, "\ufeff"+file), "UTF-16 LE", 1},
		{encode(binary.BigEndian, "\ufeff"+file), "UTF-16 BE", 1},
		{encode(binary.LittleEndian, file), "UTF-16 LE", 1},
		{encode(binary.BigEndian, file), "UTF-16 BE", 1},
		{encode(binary.LittleEndian, "# é\n"+file), "UTF-16 LE", 1},
		{encode(binary.LittleEndian, "x"), "UTF-16 LE", 1},
		{"\xff\xfe\x00\x00a\x00\x00\x00", "UTF-32 LE", 1},
		{"\x00\x00\xfe\xff\x00\x00\x00a", "UTF-32 BE", 1},
		{"\xff\xfe", "UTF-16 LE", 1},
		{"a\nb\n# \xe9t\xe9\n", "", 3}, // Latin-1
		{"a\n\x00\n", "", 2},
		{file + encode(binary.LittleEndian, file), "", 3}, // what `Add-Content` makes of it
	} {
		err := Check([]byte(c.text))
		if c.line == 0 {
			if err != nil {
				t.Errorf("Check(%q) = %v", c.text, err)
			}
			continue
		}
		var bad *Error
		if !errors.As(err, &bad) || bad.Encoding != c.encoding || bad.Line != c.line {
			t.Errorf("Check(%q) = %+v, want %q in line %d", c.text, err, c.encoding, c.line)
			continue
		}
		if !strings.Contains(err.Error(), "UTF-8") || !strings.Contains(bad.Hint(), "UTF-8 without a byte order mark") {
			t.Errorf("Check(%q) = %q, hint %q: what it is to be is missing", c.text, err, bad.Hint())
		}
	}
}
