package awsconfig

import (
	"errors"
	"strings"
	"testing"
)

// What cannot be read line by line is not edited.
func TestCheck(t *testing.T) {
	for text, want := range map[string]string{
		"[default]\n":                     "",
		"[default]\r\n\r\n":               "",
		"\ufeff[profile été]\r\n":         "",
		"[a]\rx = 1\r[profile deploy]\r":  "line 1 ends in a carriage return alone",
		"[a]\r\nx = 1\n\ry = 1\n":         "line 3 ends in a carriage return alone",
		"[a]\nx = 1\r\r\n":                "line 2 ends in a carriage return alone",
		"[a]\nx = 1\r":                    "line 2 ends in a carriage return alone",
		"\xff\xfe[\x00a\x00]\x00\n\x00":   "it is UTF-16 LE and not UTF-8",
		"\x00[\x00a\x00]\x00\n":           "it is UTF-16 BE and not UTF-8",
		"[default]\n# Fran\xe7ois\n":      "line 2 is not UTF-8",
		"[default]\nregion = \x00\n":      "line 2 has a NUL byte",
		"[default]\n\xff\xfe[\x00x\x00\n": "line 2 has a NUL byte",
	} {
		err := Check([]byte(text))
		_, setErr := Set([]byte(text), nil, []Profile{deploy}, unforced)
		_, credsErr := Set(nil, []byte(text), []Profile{deploy}, unforced)
		_, removeErr := Remove([]byte(text), Selection{}, isOurs)
		for _, err := range []error{err, setErr, credsErr, removeErr} {
			if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("Check(%q), Set or Remove = %v, want %q", text, err, want)
			}
		}
		var hint interface{ Hint() string }
		if err != nil && (!errors.As(err, &hint) || !errors.As(credsErr, &hint)) {
			t.Errorf("Check(%q) = %v gives no hint", text, err)
		}
	}
}
