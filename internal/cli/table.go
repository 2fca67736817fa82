package cli

import (
	"io"
	"strings"
	"text/tabwriter"

	"aws-connector/internal/plain"
)

// table is rows of cells. Whatever stands in a cell, it is one.
type table struct{ w *tabwriter.Writer }

func newTable(w io.Writer) table { return table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)} }

func (t table) row(cells ...string) {
	for i := range cells {
		cells[i] = plain.Visible(cells[i])
	}
	// What cannot be written is told by flush.
	_, _ = io.WriteString(t.w, strings.Join(cells, "\t")+"\n")
}

func (t table) flush() error { return t.w.Flush() }
