package cli

import (
	"strings"
	"testing"
)

func TestFill(t *testing.T) {
	long := strings.Repeat("x", 90)
	for _, test := range []struct{ in, want string }{
		{"", "\n"},
		{"short", "short\n"},
		{strings.Repeat("word ", 16) + "end", strings.TrimSpace(strings.Repeat("word ", 16)) + "\n  end\n"},
		{strings.Repeat("é", 78) + " a bc", strings.Repeat("é", 78) + " a\n  bc\n"},
		{"see " + long + " there", "see\n  " + long + "\n  there\n"},
		{strings.Repeat("w ", 36) + "`a b c d`", strings.TrimSpace(strings.Repeat("w ", 36)) + "\n  `a b c d`\n"},
		{`the end has one " of two`, `the end has one " of two` + "\n"},
		{"  fix: x", "  fix: x\n"},
	} {
		if got := fill(test.in, "  ", 80); got != test.want {
			t.Errorf("fill(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}
