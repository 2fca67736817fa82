package connector

import (
	"sync"
)

// index is what many questions about a file need, each made when the first of
// them is asked: a plain Lookup asks none. A nil index is that of an empty file.
type index struct {
	text    string
	names   func() []string
	lines   func() map[string]int
	holders func() map[string][]string
}

func newIndex(text string, f *File) *index {
	return &index{
		text:    text,
		names:   sync.OnceValue(func() []string { return f.connectors.names() }),
		lines:   sync.OnceValue(func() map[string]int { return lines(text) }),
		holders: sync.OnceValue(func() map[string][]string { return f.allClaims() }),
	}
}

// sorted returns the names of all connectors.
func (i *index) sorted() []string {
	if i == nil {
		return nil
	}
	return i.names()
}

// line returns the line of the key at path, or of the nearest table around it.
func (i *index) line(path ...string) int {
	if i == nil {
		return 0
	}
	return lineOf(i.lines(), path...)
}

// claimants returns the names of the connectors that claim, sorted.
func (i *index) claimants(claim string) []string {
	if i == nil {
		return nil
	}
	return i.holders()[claim]
}
