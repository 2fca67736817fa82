package ambient

import (
	"strings"
	"time"
)

// layouts are the forms of a time that servers and programs write, out of the
// many that Python's dateutil accepts. A fraction of a second is read with any.
var layouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07",
	"2006-01-02T15:04Z07:00", "20060102T150405Z0700", "20060102T150405Z07:00",
	time.RFC1123, time.RFC1123Z,
}

// parseTime reads a time that says its zone. One without a zone is refused:
// botocore fails when it compares it with the clock.
func parseTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, zone := range []string{"UTC", "GMT", "utc", "z"} {
		if rest, ok := strings.CutSuffix(s, zone); ok && !strings.Contains(s, ",") {
			s = strings.TrimRight(rest, " ") + "Z"
		}
	}
	if len(s) > 10 && (s[10] == ' ' || s[10] == 't') && s[4] == '-' {
		s = s[:10] + "T" + s[11:]
	}
	if i := strings.LastIndexByte(s, ' '); i > 10 && s[4] == '-' {
		s = s[:i] + s[i+1:] // a blank before the zone
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil && !strings.HasSuffix(layout, "MST") {
			return t.UTC(), true
		} else if err == nil && strings.HasSuffix(s, "GMT") {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
