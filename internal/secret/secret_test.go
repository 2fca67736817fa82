package secret

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const canary = "canary-7f3a"

type exported struct{ T Text }
type unexported struct{ t Text }
type nested struct {
	in  unexported
	ptr *unexported
	m   map[string]Text
	s   []Text
	any any
}

func values() map[string]any {
	t := New(canary)
	return map[string]any{
		"text":            t,
		"pointer":         &t,
		"exported":        exported{t},
		"exported ptr":    &exported{t},
		"unexported":      unexported{t},
		"unexported ptr":  &unexported{t},
		"slice":           []Text{t},
		"map":             map[string]Text{"k": t},
		"array":           [1]Text{t},
		"any":             []any{t, &t},
		"nested":          nested{unexported{t}, &unexported{t}, map[string]Text{"k": t}, []Text{t}, t},
		"nested in error": fmt.Errorf("x: %v", unexported{t}),
	}
}

func TestNoVerbPrintsIt(t *testing.T) {
	for name, v := range values() {
		for _, verb := range strings.Split("v +v #v s q x X d t b o O c U e E f F g G p T w", " ") {
			if got := fmt.Sprintf("%"+verb, v); leaks(got) {
				t.Errorf("%%%s of %s = %s", verb, name, got)
			}
		}
		if got := fmt.Sprint(v) + fmt.Sprintln(v); leaks(got) {
			t.Errorf("Sprint(%s) = %s", name, got)
		}
		var b bytes.Buffer
		slog.New(slog.NewTextHandler(&b, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "v", v, slog.Group("g", "v", v))
		if leaks(b.String()) {
			t.Errorf("slog of %s = %s", name, b.String())
		}
	}
	if got := fmt.Sprintf("%v|%+v", New(canary), exported{New(canary)}); got != "[redacted]|{T:[redacted]}" {
		t.Errorf("Sprintf = %q", got)
	}
}

func TestNoEncoderWritesIt(t *testing.T) {
	var b bytes.Buffer
	v := exported{New(canary)}
	if err := json.NewEncoder(&b).Encode(v); !errors.Is(err, ErrEncoded) {
		t.Errorf("json: %v", err)
	}
	if err := xml.NewEncoder(&b).Encode(v); !errors.Is(err, ErrEncoded) {
		t.Errorf("xml: %v", err)
	}
	if err := gob.NewEncoder(&b).Encode(v); !errors.Is(err, ErrEncoded) {
		t.Errorf("gob: %v", err)
	}
	if leaks(b.String()) {
		t.Errorf("encoded: %q", b.String())
	}
}

func TestRevealAndEqual(t *testing.T) {
	if got := New(canary).Reveal(); got != canary {
		t.Errorf("Reveal() = %q", got)
	}
	var zero Text
	if zero.Reveal() != "" || !zero.Empty() || !New("").Empty() || New("x").Empty() {
		t.Error("the zero value is not the empty secret")
	}
	if !zero.Equal(New("")) || !New("a").Equal(New("a")) || New("a").Equal(New("b")) || New("a").Equal(New("ab")) {
		t.Error("Equal is wrong")
	}
}

// leaks reports whether s has the canary as text, in hexadecimal, or byte by byte.
func leaks(s string) bool {
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), strings.Trim(fmt.Sprint([]byte(canary)), "[]")} {
		if strings.Contains(s, form) {
			return true
		}
	}
	return false
}
