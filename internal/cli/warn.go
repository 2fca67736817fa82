package cli

import (
	"aws-connector/internal/connector"
	"aws-connector/internal/plain"
)

// warn says on standard error what may not be meant so.
func (a *App) warn(all []listed) {
	for _, l := range all {
		for _, w := range l.Warnings {
			a.say("warning: connector %q: %s", l.Name, plain.Line(w))
		}
	}
}

// doubted are the connectors named, with what may not be meant so of them and of
// what they are narrowed to.
func doubted(f connector.File, names []string, narrow *narrowing) []listed {
	var all []listed
	for _, name := range names {
		l := listed{Name: name, Warnings: f.Doubts(name)}
		if c, err := f.Lookup(name); err == nil && c.Narrowed {
			if s := c.Dropped(narrow.to.ID); s != "" {
				l.Warnings = append(l.Warnings, s)
			}
		}
		all = append(all, l)
	}
	return all
}
