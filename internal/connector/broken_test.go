package connector

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the messages into testdata/broken.txt")

// Each case of testdata/broken.txt is a broken file with a connector c, and the
// exact message and hint about it after "--".
func TestBrokenFiles(t *testing.T) {
	const file = "testdata/broken.txt"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	cases := strings.Split("\n"+strings.TrimSuffix(string(text), "\n"), "\n== ")[1:]
	if len(cases) < 80 {
		t.Fatalf("%d cases in %s", len(cases), file)
	}
	for _, c := range cases {
		name, body, _ := strings.Cut(c, "\n")
		input, want, _ := strings.Cut(body+"\n", "--\n")
		got := complaint(input)
		all.WriteString("== " + name + "\n" + strings.TrimRight(input, "\n") + "\n--\n" + got)
		if got != want && !*update {
			t.Errorf("%s: complaint = %s, want %s", name, got, want)
		}
		for _, secret := range []string{"CANARY", "AKIAIOSFODNN7", "ASIAIOSFODNN7"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s: %q shows a secret", name, got)
			}
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func complaint(input string) string {
	f, err := Parse("f", []byte(input))
	if err == nil {
		_, err = f.Lookup("c")
		if broken := (*NotFoundError)(nil); errors.As(err, &broken) && len(f.Names()) == 1 {
			_, err = f.Lookup(f.Names()[0])
		}
	}
	if err == nil {
		return "fine\n"
	}
	text := err.Error() + "\n"
	var hint interface{ Hint() string }
	if errors.As(err, &hint) && hint.Hint() != "" {
		text += "hint: " + hint.Hint() + "\n"
	}
	return text
}
