package cli

import (
	"fmt"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/plain"
)

// lastFailure is a connector's last failure as `list --json` and `show --json` tell it.
type lastFailure struct {
	At      string `json:"at"`      // RFC 3339
	Command string `json:"command"` // that asked
	// Outcome is the exit status in a word, as the audit trail has it.
	Outcome string `json:"outcome,omitempty"`
	Error   string `json:"error"`
	Hint    string `json:"hint,omitempty"`
	// Edited means that the connector was edited since.
	Edited bool `json:"connector_edited_since,omitempty"`

	at time.Time
}

func lastFailures(h *helper.Helper, name string) []lastFailure {
	var all []lastFailure
	for _, f := range h.LastFailures(name) {
		all = append(all, lastFailure{f.At.Format(time.RFC3339), f.Asked, f.Kind, f.Text, f.Hint, f.Edited, f.At})
	}
	return all
}

// text is the failure in one line.
func (f lastFailure) text(now time.Time) string {
	edited := ""
	if f.Edited {
		edited = ", before the connector was edited"
	}
	return fmt.Sprintf("%s failed %s ago%s: %s", f.Command, plain.Span(now.Sub(f.at)), edited, plain.Line(f.Error))
}

// explained says of an error what a last failure keeps of it.
func explained(err error) (outcome, hint string) { return outcomes[exitStatus(err)], hintFor(err) }
