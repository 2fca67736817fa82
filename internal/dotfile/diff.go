package dotfile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"aws-connector/internal/plain"
)

const (
	context = 3
	// maxEdits bounds the search; beyond it the texts are shown as one replaced by the other.
	maxEdits = 500

	noNewline = "\\ No newline at end of file\n"
)

// Diff returns the unified diff from before to after for a person to read, with
// three lines of context, and nothing if they are the same. Its lines are those
// that show makes of each text, which must be as many as the text has: what
// nobody may see, the context being from anywhere in the file, it leaves out.
// Carriage returns at the end of lines are left out and what is not printable is
// shown as U+FFFD.
func Diff(path string, before, after []byte, show func([]byte) []byte) string {
	if bytes.Equal(before, after) {
		return ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", printable(path), printable(path))
	steps := edits(lines(before), lines(after))
	a, b := lines(show(before)), lines(show(after))
	for i, s := range steps {
		if s.op == '+' {
			steps[i].line = b[s.b]
		} else {
			steps[i].line = a[s.a]
		}
	}
	for i := 0; i < len(steps); {
		if steps[i].op == ' ' {
			i++
			continue
		}
		from, to := max(0, i-context), hunkEnd(steps, i)
		writeHunk(&out, steps[from:to])
		i = to
	}
	return out.String()
}

// step is one line of a diff: kept (' '), taken away ('-') or added ('+').
// a and b are how many lines of each text come before it.
type step struct {
	op   byte
	line string
	a, b int
}

// hunkEnd returns the end of the hunk whose first change is steps[i]: where more
// unchanged lines follow than two contexts hold.
func hunkEnd(steps []step, i int) int {
	last := i
	for j := i; j < len(steps) && j <= last+2*context+1; j++ {
		if steps[j].op != ' ' {
			last = j
		}
	}
	return min(len(steps), last+context+1)
}

func writeHunk(out *strings.Builder, steps []step) {
	var a, b int
	for _, s := range steps {
		if s.op != '+' {
			a++
		}
		if s.op != '-' {
			b++
		}
	}
	fmt.Fprintf(out, "@@ -%s +%s @@\n", span(steps[0].a, a), span(steps[0].b, b))
	for _, s := range steps {
		text, ended := strings.CutSuffix(s.line, "\n")
		fmt.Fprintf(out, "%c%s\n", s.op, printable(strings.TrimSuffix(text, "\r")))
		if !ended {
			out.WriteString(noNewline)
		}
	}
}

// span writes where n lines after the first before ones are, as diff -u does.
func span(before, n int) string {
	switch n {
	case 0:
		return fmt.Sprintf("%d,0", before)
	case 1:
		return fmt.Sprint(before + 1)
	}
	return fmt.Sprintf("%d,%d", before+1, n)
}

// edits returns the shortest way from a to b.
func edits(a, b []string) []step {
	head, tail := 0, 0 // lines that are the same need no search
	for least := min(len(a), len(b)); head < least && a[head] == b[head]; head++ {
	}
	for least := min(len(a), len(b)) - head; tail < least && a[len(a)-1-tail] == b[len(b)-1-tail]; tail++ {
	}
	var steps []step
	for i, line := range a[:head] {
		steps = append(steps, step{' ', line, i, i})
	}
	for _, s := range shortest(a[head:len(a)-tail], b[head:len(b)-tail]) {
		steps = append(steps, step{s.op, s.line, s.a + head, s.b + head})
	}
	for i := range tail {
		steps = append(steps, step{' ', a[len(a)-tail+i], len(a) - tail + i, len(b) - tail + i})
	}
	return steps
}

// shortest is the greedy algorithm of Myers 1986.
func shortest(a, b []string) []step {
	n, m := len(a), len(b)
	// reach[k] is how far into a one gets on diagonal k = x-y; trail keeps it for each number of edits.
	reach := map[int]int{1: 0}
	var trail []map[int]int
	for d := 0; d <= min(n+m, maxEdits); d++ {
		next := make(map[int]int, d+1)
		for k := -d; k <= d; k += 2 {
			x := reach[k-1] + 1
			if k == -d || k != d && reach[k-1] < reach[k+1] {
				x = reach[k+1]
			}
			for x < n && x-k < m && x-k >= 0 && a[x] == b[x-k] {
				x++
			}
			next[k] = x
			if x >= n && x-k >= m {
				return walkBack(a, b, trail)
			}
		}
		trail = append(trail, next)
		reach = next
	}
	return replaceAll(a, b)
}

// walkBack reads the way from its end: trail[d] is how far d edits reach.
func walkBack(a, b []string, trail []map[int]int) []step {
	var steps []step
	x, y := len(a), len(b)
	for d := len(trail); d > 0; d-- {
		reach, k := trail[d-1], x-y
		from := k - 1
		if k == -d || k != d && reach[k-1] < reach[k+1] {
			from = k + 1
		}
		fromX := reach[from]
		fromY := fromX - from
		for x > fromX && y > fromY {
			x, y = x-1, y-1
			steps = append(steps, step{' ', a[x], x, y})
		}
		if from == k+1 {
			y--
			steps = append(steps, step{'+', b[y], x, y})
		} else {
			x--
			steps = append(steps, step{'-', a[x], x, y})
		}
	}
	for x > 0 {
		x, y = x-1, y-1
		steps = append(steps, step{' ', a[x], x, y})
	}
	slices.Reverse(steps)
	return steps
}

func replaceAll(a, b []string) []step {
	var steps []step
	for i, line := range a {
		steps = append(steps, step{'-', line, i, 0})
	}
	for i, line := range b {
		steps = append(steps, step{'+', line, len(a), i})
	}
	return steps
}

// lines splits text after each newline; the last line may have none.
func lines(text []byte) []string {
	all := strings.SplitAfter(string(text), "\n")
	if all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	return all
}

func printable(s string) string { return plain.Visible(strings.ReplaceAll(s, "\ufeff", ""), '\t') }
