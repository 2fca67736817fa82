package connector

import (
	"errors"
	"strings"
	"testing"
)

// Whatever is cut off, doubled or put between, the reader of faults comes to an
// end, within the text, and shows no value.
func TestFaultsEverywhere(t *testing.T) {
	const whole = "keystore = \"file\"\r\n[connectors.c] # é\nauth_method = 'iam-role'\nregistries = [\"CANARY\", # x\n\t'CANARY',]\npolicy = '''{\n}'''\ntags = { a = \"CANARY\\n\", \"b.c\" = \"\" }\nexpires_at = 2026-01-02T03:04:05Z\nexpiration_seconds = 9_00\n"
	for at := range len(whole) {
		for _, middle := range []string{"", "\"", "'", "[", "]", "{", "}", "=", ",", "\\", "\r", "\n", "#", "\x1b", "\u00a0", "“", ";", ":", ".", "-", "0", "'''"} {
			for _, text := range []string{whole[:at] + middle, whole[:at] + middle + whole[at:]} {
				_, err := Parse("f", []byte(text))
				var e *Error
				if !errors.As(err, &e) {
					continue
				}
				if e.Line < 0 || e.Line > 1+strings.Count(text, "\n") || e.Column < 0 || e.Column > len(text)+1 {
					t.Fatalf("Parse(%q) = %v: not in the text", text, err)
				}
				if strings.Contains(e.Error()+e.Hint(), "CANARY") {
					t.Fatalf("Parse(%q) = %v, %s: a value is shown", text, err, e.Hint())
				}
			}
		}
	}
}

// What one character too many makes of a file is never only called bad TOML.
func TestNoFaultWithoutWords(t *testing.T) {
	const whole = "keystore = \"file\"\n[connectors.c]\nauth_method = \"iam-role\"\nregistries = [\"a\", \"b\"]\ntags = { a = \"b\" }\nexpiration_seconds = 900\n"
	all, mute := 0, map[string]bool{}
	for at := range len(whole) {
		for _, middle := range []string{"\"", "[", "]", "{", "}", "=", ",", "\\", "\r", "\u00a0", "“", ";", ":", ".", " ", "0"} {
			text := whole[:at] + middle + whole[at:]
			var e *Error
			if _, err := Parse("f", []byte(text)); errors.As(err, &e) {
				if all++; e.Problem == "not valid TOML" {
					mute[text] = true
				}
			}
		}
	}
	if all < 500 || len(mute) > 0 {
		t.Errorf("%d of %d mistakes have no words of their own", len(mute), all)
		for text := range mute {
			t.Logf("%q", text)
		}
	}
}
