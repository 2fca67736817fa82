package plain

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// hostile are characters that steer a terminal, or hide what they stand in.
var hostile = []string{
	"\x00", "\a", "\b", "\v", "\f", "\r", "\x1b", "\x7f", "\u0080", "\u0085", "\u009b", "\u009f", "\x80", "\x9b", "\xff",
	"\u00ad", "\u061c", "\u180e", "\u200b", "\u200d", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202e", "\u2060",
	"\u2066", "\u2069", "\ufeff", "\ufff9", "\ufdd0", "\ue000", "\U000e0001", "\U000e0041", "\U000e007f", "\U0010ffff", "\xed\xa0\x80", "\xc2",
}

func TestLine(t *testing.T) {
	for _, h := range hostile {
		got := Line("a" + h + "b")
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r != utf8.RuneError && !Printable(r) }) || got == "ab" {
			t.Errorf("Line(a%qb) = %q", h, got)
		}
	}
	for in, want := range map[string]string{
		"":                                 "",
		"a\nhint: b":                       "a hint: b",
		" a \t\r\n\u0085\u2028  b\u00a0\n": "a b",
		"größe, 名前　空, 🙂":                   "größe, 名前 空, 🙂",
		"e\u0301":                          "e\u0301",
		"\x1b[31mred":                      "\ufffd[31mred",
	} {
		if got := Line(in); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	for _, h := range append(hostile, "plain", "größe 名前 🙂", "\"\\\n\t") {
		data, err := json.Marshal(map[string]string{"k" + h: "a" + h + "b"})
		if err != nil {
			t.Fatal(err)
		}
		var want, got map[string]string
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		out := JSON(data)
		if err := json.Unmarshal(out, &got); err != nil || len(got) != 1 {
			t.Fatalf("JSON(%q) = %q, %v", data, out, err)
		}
		for k, v := range want {
			if got[k] != v {
				t.Errorf("JSON(%q) = %q, which means another thing", data, out)
			}
		}
		if strings.ContainsFunc(string(out), func(r rune) bool { return !Printable(r) }) && h != "\ufffd" {
			t.Errorf("JSON(%q) = %q, which is not printable", data, out)
		}
	}
	if got := string(JSON([]byte("[\"a\xff\x9b\"]\n"))); got != "[\"a\\ufffd\\ufffd\"]\n" {
		t.Errorf("bytes that are no UTF-8 are %q", got)
	}
}
