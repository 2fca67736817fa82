package totp

import (
	"encoding/base32"
	"fmt"
	"strings"
	"testing"
	"time"
)

// The vectors of RFC 6238, appendix B.
func TestVectors(t *testing.T) {
	const digits = "1234567890123456789012345678901234567890123456789012345678901234"
	lengths := map[string]int{"SHA1": 20, "SHA256": 32, "SHA512": 64}
	for _, test := range []struct {
		at        int64
		algorithm string
		want      string
	}{
		{59, "SHA1", "94287082"}, {59, "SHA256", "46119246"}, {59, "SHA512", "90693936"},
		{1111111109, "SHA1", "07081804"}, {1111111109, "SHA256", "68084774"}, {1111111109, "SHA512", "25091201"},
		{1111111111, "SHA1", "14050471"}, {1111111111, "SHA256", "67062674"}, {1111111111, "SHA512", "99943326"},
		{1234567890, "SHA1", "89005924"}, {1234567890, "SHA256", "91819424"}, {1234567890, "SHA512", "93441116"},
		{2000000000, "SHA1", "69279037"}, {2000000000, "SHA256", "90698825"}, {2000000000, "SHA512", "38618901"},
		{20000000000, "SHA1", "65353130"}, {20000000000, "SHA256", "77737706"}, {20000000000, "SHA512", "47863826"},
	} {
		key := base32.StdEncoding.EncodeToString([]byte(digits[:lengths[test.algorithm]]))
		for _, form := range []string{key, strings.TrimRight(strings.ToLower(key), "=")} {
			s, err := Parse(fmt.Sprintf("otpauth://totp/AWS:alice?secret=%s&digits=8&algorithm=%s&period=30&issuer=AWS", strings.ReplaceAll(form, "=", "%3D"), test.algorithm))
			if err != nil {
				t.Fatal(err)
			}
			again, err := Parse(s.Text().Reveal())
			if err != nil || again.Text().Reveal() != s.Text().Reveal() {
				t.Errorf("Parse(Text()) = %v", err)
			}
			if got, err := again.Code(s.Step(time.Unix(test.at, 0))); got != test.want || err != nil {
				t.Errorf("%s at %d = %s, %v, want %s", test.algorithm, test.at, got, err, test.want)
			}
		}
	}
}

func TestForms(t *testing.T) {
	const seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // RFC 6238's
	for _, text := range []string{
		seed, " gezd gnbv gy3t qojq gezd gnbv gy3t qojq\n", "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ",
		"otpauth://totp/x?secret=" + seed, "OTPAUTH://TOTP/Amazon%20Web%20Services:alice@1234?secret=" + strings.ToLower(seed) + "&issuer=AWS&digits=6&algorithm=sha1",
	} {
		s, err := Parse(text)
		if err != nil {
			t.Errorf("Parse(%q): %v", text, err)
			continue
		}
		if got, _ := s.Code(s.Step(time.Unix(59, 0))); got != "287082" || s.Text().Reveal() != seed {
			t.Errorf("Parse(%q) makes %s", text, got)
		}
		if got := s.Begin(s.Step(time.Unix(59, 0))); got.Unix() != 30 {
			t.Errorf("the step of 59 s begins at %d", got.Unix())
		}
	}
	minute, err := Parse("otpauth://totp/x?period=60&secret=" + seed)
	if err != nil || minute.Step(time.Unix(119, 0)) != 1 {
		t.Errorf("a period of 60 s: %v", err)
	}
	for _, text := range []string{
		"", "123456", "GEZDGNBV", seed + "1", seed + "!", "AKIAIOSFODNN7EXAMPLE", "otpauth://totp/x", "otpauth://totp/x?secret=", "otpauth://hotp/x?counter=1&secret=" + seed,
		"otpauth://steam/x?secret=" + seed, "otpauth://totp/x?algorithm=MD5&secret=" + seed, "otpauth://totp/x?digits=9&secret=" + seed,
		"otpauth://totp/x?period=0&secret=" + seed, "otpauth://totp/%zz?secret=" + seed, "otpauth://totp/x?secret=" + seed + "&x=%zz", "https://totp/x?secret=" + seed,
	} {
		s, err := Parse(text)
		if err == nil {
			t.Errorf("Parse(%q) found a seed", text)
		} else if len(text) > 8 && strings.Contains(err.Error(), text) {
			t.Errorf("Parse(%q): the error shows it: %v", text, err)
		}
		if strings.Contains(fmt.Sprintf("%v %+v %#v", s, s, &s), "GEZD") {
			t.Errorf("a seed of %q is printed", text)
		}
	}
}

func TestASeedIsNotPrinted(t *testing.T) {
	s, err := Parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{s, &s, []Seed{s}, map[string]Seed{"x": s}, struct{ s Seed }{s}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, "GEZD") || strings.Contains(got, "47455a44") {
				t.Errorf("%s prints %s", verb, got)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&digits=8&period=60&algorithm=SHA512", "otpauth:", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(s.Text().Reveal())
		if err != nil {
			t.Fatalf("Parse(Text()): %v", err)
		}
		one, err := s.Code(1)
		two, err2 := again.Code(1)
		if err != nil || err2 != nil || one != two || len(one) < 6 {
			t.Fatalf("codes %q, %v and %q, %v", one, err, two, err2)
		}
	})
}
