package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"aws-connector/internal/plain"
)

// writeKeys prints a table that fits on 80 columns, or on the terminal, unless a
// name is too long. For scripts it has no head, and its first column is the name
// and nothing else.
func (a *App) writeKeys(all []listedKey, now time.Time) error {
	const gap, columns = 2, 80
	rows := [][]string{{"NAME", "KEY ID", "KIND", "AGE", "LAST USED"}}
	for _, k := range all {
		rows = append(rows, []string{plain.Visible(k.Name), dash(k.AccessKeyID), k.kind(), k.age(now), ago(k.used, now)})
	}
	room, head := columns, 1
	if width := screenOf(a.Stdout).width; width > 0 {
		room, head = width-1, 0
	}
	for i := range rows[0] {
		widest := 0
		for _, row := range rows[head:] {
			widest = max(widest, utf8.RuneCountInString(row[i]))
		}
		room -= widest + gap
	}
	t := newTable(a.Stdout)
	if head == 0 && len(all) > 0 {
		t.row(append(rows[0], "USED BY")...)
	}
	for i, k := range all {
		t.row(append(rows[i+1], fitted(k.Connectors, room))...)
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, k := range all {
		if k.err != nil {
			fmt.Fprintln(a.Stderr, message(k.err, "\nhint: "))
		}
	}
	return nil
}

func (l listedKey) kind() string {
	switch {
	case l.err != nil:
		return "broken"
	case l.TOTP:
		return l.Kind + ", TOTP"
	}
	return dash(l.Kind)
}

// age tells how old a long-term key is, and how long a temporary one lasts.
func (l listedKey) age(now time.Time) string {
	switch {
	case l.Expired:
		return "expired"
	case !l.expires.IsZero():
		return roughly(l.expires.Sub(now)) + " left"
	case !l.created.IsZero():
		return roughly(now.Sub(l.created))
	case l.temporary || l.err != nil || l.AccessKeyID == "":
		return "-"
	}
	return "unknown"
}

func ago(t, now time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return roughly(now.Sub(t)) + " ago"
}

// roughly writes a time in its largest unit.
func roughly(d time.Duration) string {
	const day = 24 * time.Hour
	switch d = max(d, 0); {
	case d >= day:
		return strconv.Itoa(int(d/day)) + " d"
	case d >= time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	}
	return strconv.Itoa(int(d/time.Minute)) + " min"
}

// fitted names as many connectors as fit into room columns, and counts the others.
func fitted(names []string, room int) string {
	if len(names) == 0 {
		return "-"
	}
	for n := len(names); n > 0; n-- {
		text := plain.Visible(strings.Join(names[:n], ", "))
		if n < len(names) {
			text += fmt.Sprintf(" +%d", len(names)-n)
		}
		if utf8.RuneCountInString(text) <= room {
			return text
		}
	}
	return strconv.Itoa(len(names))
}
