package connector

import (
	"testing"
	"time"
)

// Whoever asks for the local time zone is told it, though the parser is not.
func TestTheLocalZoneIsLeftAlone(t *testing.T) {
	if got := time.Local.String(); got != "Local" {
		t.Errorf("the local zone is %s", got)
	}
}
