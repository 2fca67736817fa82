package dotfile

import (
	"fmt"
	"strings"
	"testing"
)

func asIs(b []byte) []byte { return b }

func TestDiff(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"a\n", "a\n", ""},
		{"", "", ""},
		{"", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"a\n", "", "@@ -1 +0,0 @@\n-a\n"},
		{"a\n", "b\n", "@@ -1 +1 @@\n-a\n+b\n"},
		{"a", "a\n", "@@ -1 +1 @@\n-a\n" + noNewline + "+a\n"},
		{"a\nb", "a\nc", "@@ -1,2 +1,2 @@\n a\n-b\n" + noNewline + "+c\n" + noNewline},
		{"x\na", "y\na", "@@ -1,2 +1,2 @@\n-x\n+y\n a\n" + noNewline},
		{"1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nX\n5\n6\n7\n8\n", "@@ -2,6 +2,7 @@\n 2\n 3\n 4\n+X\n 5\n 6\n 7\n"},
		{"a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n", "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n"},
		{"a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n", "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n"},
		{"a\r\n", "a\r\nb\r\n", "@@ -1 +1,2 @@\n a\n+b\n"},
		{"\ufeffé\x1b[2J\u202e\t|\n", "é\n", "@@ -1 +1 @@\n-é\ufffd[2J\ufffd\t|\n+é\n"},
	} {
		want := c.want
		if want != "" {
			want = "--- /p\n+++ /p\n" + want
		}
		if got := Diff("/p", []byte(c.before), []byte(c.after), asIs); got != want {
			t.Errorf("Diff(%q, %q) = %q, want %q", c.before, c.after, got, want)
		}
	}
}

// A diff is of the texts, and shows of them what may be seen.
func TestDiffShows(t *testing.T) {
	show := func(text []byte) []byte {
		return []byte(strings.NewReplacer("CANARY1", "…", "CANARY2", "…").Replace(string(text)))
	}
	got := Diff("/p", []byte("a\nauth CANARY1\n"), []byte("b\nauth CANARY1\nCANARY2\n"), show)
	if want := "--- /p\n+++ /p\n@@ -1,2 +1,3 @@\n-a\n+b\n auth …\n+…\n"; got != want {
		t.Errorf("Diff = %q, want %q", got, want)
	}
	got = Diff("/p", []byte("CANARY1\n"), []byte("CANARY2\n"), show)
	if want := "--- /p\n+++ /p\n@@ -1 +1 @@\n-…\n+…\n"; got != want {
		t.Errorf("Diff = %q, want %q", got, want)
	}
}

// A diff of large files is of what differs.
func TestDiffOfLargeFiles(t *testing.T) {
	var text strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&text, "line %d\n", i)
	}
	before := text.String()
	after := before + strings.Repeat("added\n", 10_000)
	if n := strings.Count(Diff("/p", []byte(before), []byte(after), asIs), "\n"); n != 2+1+context+10_000 {
		t.Errorf("Diff has %d lines", n)
	}
	if n := strings.Count(Diff("/p", []byte(after), []byte(before), asIs), "\n"); n != 2+1+context+10_000 {
		t.Errorf("Diff has %d lines", n)
	}
}

func TestDiffOfNothingInCommon(t *testing.T) {
	var a, b strings.Builder
	for i := range 2 * maxEdits {
		fmt.Fprintf(&a, "a%d\n", i)
		fmt.Fprintf(&b, "b%d\n", i)
	}
	got := Diff("/p", []byte(a.String()), []byte(b.String()), asIs)
	if n := strings.Count(got, "\n"); n != 4*maxEdits+3 {
		t.Errorf("Diff has %d lines, want %d", n, 4*maxEdits+3)
	}
}

// Following a diff's steps gives both texts, whatever they are.
func FuzzEdits(f *testing.F) {
	f.Add("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n")
	f.Add("", "x")
	f.Fuzz(func(t *testing.T, before, after string) {
		var a, b strings.Builder
		var x, y int
		for _, s := range edits(lines([]byte(before)), lines([]byte(after))) {
			if s.a != x || s.b != y {
				t.Errorf("step %q is at %d, %d, want %d, %d", s.line, s.a, s.b, x, y)
			}
			if s.op != '+' {
				a.WriteString(s.line)
				x++
			}
			if s.op != '-' {
				b.WriteString(s.line)
				y++
			}
		}
		if a.String() != before || b.String() != after {
			t.Errorf("edits(%q, %q) lead from %q to %q", before, after, a.String(), b.String())
		}
	})
}
