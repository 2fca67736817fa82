package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"aws-connector/internal/plain"
)

func (a *App) writeList(all []listed) error {
	if len(all) == 0 {
		a.say("no connectors in the file")
		return nil
	}
	_, err := io.WriteString(a.Stdout, screenOf(a.Stdout).list(all, a.now()))
	return err
}

// list returns a row for each connector, and below what is wrong with some.
func (s screen) list(all []listed, now time.Time) string {
	g := grid{screen: s, columns: []column{
		{title: "NAME"}, {"METHOD", 1, ""}, {"ACCOUNT", 2, "account"}, {"ROLE", 3, "role"}, {"REGION", 4, ""}, {"FROM", 5, ""}, {title: "SESSION"},
	}}
	session := len(g.columns) - 1
	g.mark = func(column int, cell string) rune {
		switch {
		case column != session || cell == "-":
			return 0
		case cell == broken:
			return redMark
		}
		return greenMark
	}
	for _, l := range all {
		g.row(l.cells(now)...)
	}
	var b strings.Builder
	b.WriteString(g.String())
	explain := func(problem, hint string) {
		b.WriteString("\n" + s.fold(0, plain.Line(problem)) + "\n")
		if hint != "" {
			b.WriteString(s.fold(0, plain.Line("hint: "+hint)) + "\n")
		}
	}
	for _, l := range all {
		if l.Problem != "" {
			explain(l.Problem, l.Hint)
		}
		for _, f := range l.Failures {
			explain(l.Name+": "+f.text(now), f.Hint)
		}
	}
	return b.String()
}

// broken stands for the session of a connector that cannot have any.
const broken = "broken"

// cells are what a person is shown of l in its row.
func (l listed) cells(now time.Time) []string {
	if l.Method == "" {
		return []string{l.Name, "-", "-", "-", "-", "-", broken}
	}
	method, from, session := l.Method, l.From, "-"
	if l.MFASerial != "" {
		method += " (MFA)"
	}
	switch {
	case len(l.Chain) > 1:
		from = "connector " + l.Chain[1]
	case l.Key != "":
		from = "key " + l.Key
	}
	if at, err := time.Parse(time.RFC3339, l.Expires); err == nil {
		session = "in " + inShort(at.Sub(now))
	}
	return []string{l.Name, method, dash(l.AccountID), dash(roleName(l.RoleARN)), dash(l.Region), dash(from), session}
}

// inShort tells a duration in the larger of its units.
func inShort(d time.Duration) string {
	const fine = 2 * time.Hour // below which an hour is too coarse
	switch {
	case d < time.Minute:
		return "1 min"
	case d < fine:
		return fmt.Sprintf("%d min", int(d/time.Minute))
	}
	return fmt.Sprintf("%d h", int(d/time.Hour))
}

// roleName is what people call a role: its ARN without account and path.
func roleName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// now is the wall clock, also where a test gave none.
func (a *App) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}
