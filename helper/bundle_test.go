package helper

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A bundle that is no file of a size is refused, not read: a FIFO has no end.
func TestBundlesThatAreNoFiles(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 1<<30); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{dir: "is not a regular file", os.DevNull: "is not a regular file", large: "is larger than", filepath.Join(dir, "absent"): "absent"} {
		_, err := Client{CABundle: path}.transport()
		var e *Error
		if !errors.As(err, &e) || e.Reason != Misconfigured || !strings.Contains(err.Error(), want) {
			t.Errorf("a bundle at %s = %v, want %q", path, err, want)
		}
	}
}

// What STS says of a session's end is believed as far as sessions go.
func TestSessionsEndInTime(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	text := "x"
	for at, want := range map[time.Time]time.Time{
		now.Add(36 * time.Hour):    now.Add(36 * time.Hour),
		now.Add(1000 * time.Hour):  now.Add(longestSession),
		now.AddDate(9000, 0, 0):    now.Add(longestSession),
		time.Unix(-1<<40, 0).UTC(): {},
	} {
		s, err := minted{op: "AssumeRole", id: &text, secret: &text, token: &text, expires: &at}.session(now)
		if (err != nil) != want.IsZero() || !s.Expires.Equal(want) {
			t.Errorf("a session until %v ends at %v, %v, want %v", at, s.Expires, err, want)
		}
	}
}
