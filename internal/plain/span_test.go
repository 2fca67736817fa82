package plain

import (
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "less than 1 s", 999 * time.Millisecond: "less than 1 s", time.Second: "1 s", 119 * time.Second: "119 s", 2 * time.Minute: "2 min", -3 * time.Minute: "3 min",
		119 * time.Minute: "119 min", 2 * time.Hour: "2 h", 47*time.Hour + 59*time.Minute: "47 h", 48 * time.Hour: "2 days", 4000 * 24 * time.Hour: "4000 days",
	} {
		if got := Span(d); got != want {
			t.Errorf("Span(%v) = %q, want %q", d, got, want)
		}
	}
}
