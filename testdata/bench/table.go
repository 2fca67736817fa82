package main

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// quantile of values, which it sorts.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN() // the clock of processor time may stand still
	}
	slices.Sort(values)
	return values[int(q*float64(len(values)-1)+0.5)]
}

// ratios returns, round by round, what r cost in units of base.
func (r *row) ratios(base *row, of func(sample) float64) []float64 {
	var all []float64
	for round, s := range r.samples {
		if b, ok := base.samples[round]; ok && of(b) > 0 {
			all = append(all, of(s)/of(b))
		}
	}
	return all
}

func wall(s sample) float64 { return s.wall }
func cpu(s sample) float64  { return s.cpu }

// cells are a row's columns: label, ratio to the group's first row, its quartiles,
// ratio to the row that it is told in, ratio of processor time to the first row,
// milliseconds, MB.
func (g *group) cells(r *row) []string {
	first := g.rows[0]
	base := first
	if i := slices.IndexFunc(g.rows, func(b *row) bool { return r.of == b.label }); i >= 0 {
		base = g.rows[i]
	}
	times := r.ratios(first, wall)
	if r.absent != "" || len(times) == 0 {
		return []string{r.label, "not measured: " + r.absent, "", "", "", "", ""}
	}
	var ms []float64
	for _, s := range r.samples {
		ms = append(ms, s.wall)
	}
	other, peak := "", ""
	if own := r.ratios(base, wall); base != first && len(own) > 0 {
		other = fmt.Sprintf("%.2f × %s", quantile(own, 0.5), base.label)
	}
	if r.peak > 0 {
		peak = fmt.Sprintf("%.1f", float64(r.peak)/1024)
	}
	return []string{
		r.label, fmt.Sprintf("%.2f", quantile(times, 0.5)), fmt.Sprintf("%.2f–%.2f", quantile(times, 0.25), quantile(times, 0.75)), other,
		fmt.Sprintf("%.2f", quantile(r.ratios(first, cpu), 0.5)), fmt.Sprintf("%.2f", quantile(ms, 0.5)), peak,
	}
}

// table returns the group as Markdown.
func (g *group) table() string {
	first := "× " + g.rows[0].label
	lines := [][]string{{"row", first, "quartiles", "against another row", "CPU " + first, "ms", "peak MB"}, nil}
	for _, r := range g.rows {
		lines = append(lines, g.cells(r))
	}
	widths := make([]int, len(lines[0]))
	for _, cells := range lines {
		for i, cell := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** (%d rounds)\n\n", g.title, g.rounds)
	for _, cells := range lines {
		for i, width := range widths {
			if cells == nil {
				fmt.Fprint(&b, "|", strings.Repeat("-", width+2))
			} else {
				fmt.Fprint(&b, "| ", cells[i], strings.Repeat(" ", width+1-utf8.RuneCountInString(cells[i])))
			}
		}
		b.WriteString("|\n")
	}
	return b.String()
}

const (
	tableBegins = "<!-- the last table -->\n"
	tableEnds   = "<!-- its end -->\n"
)

// replaceTable puts table into the Markdown file at path, between the two marks.
func replaceTable(path, table string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), tableBegins)
	_, after, ended := strings.Cut(rest, tableEnds)
	if !ok || !ended {
		return fmt.Errorf("%s: no lines %q and %q", path, strings.TrimSpace(tableBegins), strings.TrimSpace(tableEnds))
	}
	return os.WriteFile(path, []byte(before+tableBegins+"\n"+table+"\n"+tableEnds+after), 0o644)
}
