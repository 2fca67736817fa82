package connector

import (
	"fmt"
	"strings"
)

// Error is something wrong in connectors.toml.
type Error struct {
	Path string
	// Line counts from 1; 0 where it is about the whole file.
	Line int
	// Column counts characters from 1; 0 where it is about the line, or more.
	Column int
	// Connector is empty where no single one is concerned.
	Connector string
	Problem   string
	// Advice says what to do instead; it may be empty.
	Advice string
}

// Error returns "PATH:LINE[:COLUMN]: connector "NAME": PROBLEM".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Path)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Column > 0 {
		fmt.Fprintf(&b, ":%d", e.Column)
	}
	if e.Connector != "" {
		fmt.Fprintf(&b, ": connector %q", e.Connector)
	}
	return b.String() + ": " + e.Problem
}

// Hint returns Advice.
func (e *Error) Hint() string { return e.Advice }

// NotFoundError means that connectors.toml has no connector of that name.
type NotFoundError struct {
	Path, Name string
	Known      []string // sorted
}

// Error names the connector that is missing; a name that cannot be one is not
// shown, since a secret may have been typed in its place.
func (e *NotFoundError) Error() string {
	if !ValidName(e.Name) || holdsAccessKeyID(e.Name) {
		return e.Path + ": no connector of that name"
	}
	return fmt.Sprintf("%s: no connector %q", e.Path, e.Name)
}

// Hint names the nearest connector, or all of a few.
func (e *NotFoundError) Hint() string {
	const few = 12
	if near := nearestTwisted(e.Name, e.Known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	switch {
	case len(e.Known) == 0:
		return "add a table [connectors.NAME] to the file"
	case len(e.Known) > few:
		return "`aws-connector list` shows them"
	}
	return "there are " + strings.Join(e.Known, ", ")
}

// Nearest returns the element of known that is within two edits of s, "" for none.
func Nearest(s string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		if d := distance(s, k); d < least && d < len(k) {
			best, least = k, d
		}
	}
	return best
}

// distance is the Levenshtein distance; long strings are as far apart as can be.
func distance(a, b string) int {
	const limit = 64
	if len(a) > limit || len(b) > limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
