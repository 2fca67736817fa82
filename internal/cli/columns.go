package cli

import (
	"slices"
	"strings"
	"unicode"

	"aws-connector/internal/plain"
)

// column is a column of a [grid].
type column struct {
	title string
	// yields says when the column gives way on a narrow screen: higher ones go
	// first, 0 stays.
	yields int
	// about says what a value is where it stands outside of its column.
	about string
}

// grid is a table that fits its screen: a column for which there is no room, and a
// value that would make its column too wide, stand below their row.
type grid struct {
	screen  screen
	columns []column
	rows    [][]string
	// mark returns the colour of a cell, 0 for none.
	mark func(column int, cell string) rune
}

// widest is how wide a column becomes on a screen, unless it is the first one.
const widest = 24

const between = "  "

func (g *grid) row(cells ...string) {
	for i := range cells {
		cells[i] = plain.Line(cells[i])
	}
	g.rows = append(g.rows, cells)
}

func (g *grid) String() string {
	shown := g.fit()
	widths := g.widths(shown)
	var b strings.Builder
	titles := make([]string, len(g.columns))
	for i, c := range g.columns {
		titles[i] = c.title
	}
	g.line(&b, titles, shown, widths, false)
	for _, cells := range g.rows {
		var below []string
		cells = slices.Clone(cells)
		for i, cell := range cells {
			switch {
			case cell == "-" || i == 0 || shown[i] && columns(cell) <= widths[i]:
				continue
			case shown[i]:
				cells[i] = ""
			}
			below = append(below, strings.TrimSpace(g.columns[i].about+" "+cell))
		}
		if columns(cells[0]) > widths[0] {
			b.WriteString(cells[0] + "\n")
			cells[0] = ""
		}
		g.line(&b, cells, shown, widths, true)
		b.WriteString(g.screen.below(below))
	}
	return b.String()
}

// below returns values for lines below a row: each on one if it can be.
func (s screen) below(values []string) string {
	var lines []string
	for _, value := range values {
		last := len(lines) - 1
		if last >= 0 && s.width > 0 && len(between)+columns(lines[last]+", "+value) < s.width {
			lines[last] += ", " + value
			continue
		}
		lines = append(lines, value)
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(s.fold(len(between), line) + "\n")
	}
	return b.String()
}

// fit returns which columns there is room for.
func (g *grid) fit() []bool {
	shown := make([]bool, len(g.columns))
	for i := range shown {
		shown[i] = true
	}
	for g.screen.width > 0 {
		total := -len(between)
		for i, w := range g.widths(shown) {
			if shown[i] {
				total += w + len(between)
			}
		}
		last := 0
		for i, c := range g.columns {
			if shown[i] && c.yields > g.columns[last].yields {
				last = i
			}
		}
		if total < g.screen.width || g.columns[last].yields == 0 {
			break
		}
		shown[last] = false
	}
	return shown
}

// widths returns how wide the columns are.
func (g *grid) widths(shown []bool) []int {
	all := make([]int, len(g.columns))
	for i, c := range g.columns {
		all[i] = columns(c.title)
		for _, cells := range g.rows {
			w := columns(cells[i])
			if shown[i] && (g.screen.width == 0 || w <= widest) {
				all[i] = max(all[i], w)
			}
		}
	}
	return all
}

func (g *grid) line(b *strings.Builder, cells []string, shown []bool, widths []int, coloured bool) {
	var line strings.Builder
	for i, cell := range cells {
		if !shown[i] {
			continue
		}
		blanks := strings.Repeat(" ", max(0, widths[i]-columns(cell)))
		if mark := g.mark; coloured && mark != nil && mark(i, cell) != 0 {
			cell = g.screen.paint(mark(i, cell), cell)
		}
		line.WriteString(cell + blanks + between)
	}
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

// columns returns how many columns of a terminal text takes: what East Asia writes
// takes two, and marks that combine with the letter before take none, as in
// wcwidth(3), nor do the marks of colours.
func columns(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case r >= plainMark && r <= yellowMark:
		case r < 0x300:
			n++
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case isWide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

// isWide reports whether r is wide or full-width in Unicode's EastAsianWidth.txt, by its blocks.
func isWide(r rune) bool {
	blocks := [][2]rune{{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf}, {0xa960, 0xa97f}, {0xac00, 0xd7a3}, {0xf900, 0xfaff},
		{0xfe10, 0xfe19}, {0xfe30, 0xfe6f}, {0xff01, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}}
	return slices.ContainsFunc(blocks, func(b [2]rune) bool { return b[0] <= r && r <= b[1] })
}
