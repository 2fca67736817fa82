package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"aws-connector/internal/doctor"
	"aws-connector/internal/plain"
)

// pageWidth is how wide lines become that are folded off a terminal too.
const pageWidth = 80

func (a *App) writeReport(r doctor.Report) error {
	tick := "ok:"
	if hasTicks(os.Getenv) {
		tick = "✓"
	}
	_, err := io.WriteString(a.Stdout, screenOf(a.Stdout).examined(r, tick))
	return err
}

// examined tells a person what is in order, each line after a tick, then what is
// not, the worst first, in lines that are folded everywhere.
func (s screen) examined(r doctor.Report, tick string) string {
	width := pageWidth
	if s.width > 0 {
		width = s.width - 1
	}
	var b strings.Builder
	if r.Keystore != "" {
		b.WriteString(fill("keystore: "+plain.Line(shortened(r.Keystore)), "  ", width))
	}
	for _, f := range summed(r.Well) {
		line := fill(tick+" "+plain.Line(fmt.Sprintf("%s: %s", shortened(f.About), shortened(f.Text))), "    ", width)
		b.WriteString(s.paint(greenMark, tick) + strings.TrimPrefix(line, tick))
	}
	if len(r.Well) > 0 && len(r.Findings) > 0 {
		b.WriteString("\n")
	}
	marks := map[doctor.Severity]rune{doctor.Broken: redMark, doctor.Warning: yellowMark}
	for _, f := range r.Findings {
		line := fill(plain.Line(fmt.Sprintf("%s: %s: %s", f.Severity, shortened(f.About), f.Text)), "    ", width) // the next line begins with two
		if word := string(f.Severity); marks[f.Severity] != 0 {
			line = s.paint(marks[f.Severity], word) + strings.TrimPrefix(line, word)
		}
		b.WriteString(line)
		b.WriteString(fill("  fix: "+plain.Line(f.Fix), "       ", width))
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	if len(r.Findings) == 0 {
		fmt.Fprintf(&b, "checked %d things: all well\n", r.Checked)
	} else {
		fmt.Fprintf(&b, "checked %d things: %d broken, %s, %s\n", r.Checked, r.Count(doctor.Broken), count(r.Count(doctor.Warning), "warning"), count(r.Count(doctor.Note), "note"))
	}
	return b.String()
}

// manyConnectors are told in one line.
const manyConnectors = 12

// summed returns facts with those of many connectors as one.
func summed(facts []doctor.Fact) []doctor.Fact {
	isConnector := func(f doctor.Fact) bool { return strings.HasPrefix(f.About, "connector ") }
	var all []doctor.Fact
	n, at := 0, 0
	for _, f := range facts {
		if isConnector(f) {
			if n++; n == 1 {
				at = len(all)
			}
		}
		all = append(all, f)
	}
	if n <= manyConnectors {
		return all
	}
	all[at] = doctor.Fact{About: "connectors", Text: fmt.Sprintf("%d are in order", n)}
	rest := all[:at+1]
	for _, f := range all[at+1:] {
		if !isConnector(f) {
			rest = append(rest, f)
		}
	}
	return rest
}

// hasTicks reports whether the environment says that text is UTF-8. The console of
// Linux has no tick in its font, nor have old ones of Windows.
func hasTicks(getenv func(string) string) bool {
	if term := getenv("TERM"); term == "linux" || term == "dumb" || runtime.GOOS == "windows" {
		return false
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := getenv(name); value != "" {
			value = strings.ToLower(value)
			return strings.HasSuffix(value, ".utf-8") || strings.HasSuffix(value, ".utf8")
		}
	}
	return false
}

// shortened writes ~ for the home directory, as people do, where a word begins.
func shortened(text string) string {
	dir, err := home()
	if err != nil || dir == "" {
		return text
	}
	dir += string(filepath.Separator)
	tilde := "~" + string(filepath.Separator)
	text = strings.ReplaceAll(text, " "+dir, " "+tilde)
	if rest, ok := strings.CutPrefix(text, dir); ok {
		return tilde + rest
	}
	return text
}

// fill breaks text between words into lines of at most width columns, all but the
// first of which begin with indent. What stands in quotes is not broken.
func fill(text, indent string, width int) string {
	var b strings.Builder
	at := 0
	for i, word := range unbroken(text) {
		n := columns(word)
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteString("\n" + indent)
			at = len(indent)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String() + "\n"
}

// unbroken splits text at single blanks, but not within quotes.
func unbroken(text string) []string {
	var words []string
	var quote rune
	start := 0
	for i, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
		case (r == '"' || r == '`') && strings.ContainsRune(text[i+1:], r):
			quote = r
		case r == ' ':
			words = append(words, text[start:i])
			start = i + 1
		}
	}
	return append(words, text[start:])
}
