package helper

import (
	"errors"
	"testing"
	"time"
)

func TestClocksThatDiffer(t *testing.T) {
	for _, test := range []struct {
		aws  time.Duration // how far AWS's clock is ahead of ours
		left time.Duration // by our clock, of an hour's session
	}{
		{0, time.Hour},
		{4 * time.Second, time.Hour + 4*time.Second},
		{2 * time.Minute, time.Hour},
		{10 * time.Minute, time.Hour},         // the first signature is too old: signed again
		{-10 * time.Minute, 50 * time.Minute}, // what AWS says, which is when the SDKs renew it too early
		{-70 * time.Minute, 0}, {30 * 24 * time.Hour, time.Hour},
	} {
		w := newWorld(t, roleConnector)
		w.aws.SetClock(func() time.Time { return w.clock().Add(test.aws) })
		c, err := w.Credentials(t.Context(), "r")
		var e *Error
		if test.left == 0 {
			if !errors.As(err, &e) || e.Advice != "set this machine's clock" {
				t.Errorf("Credentials with AWS's clock at %v = %v, want advice", test.aws, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("Credentials with AWS's clock at %v = %v", test.aws, err)
			continue
		}
		// The Date header has whole seconds, and the SDK takes a moment.
		if got := c.Expires.Sub(w.clock()); got < test.left-2*time.Second || got > test.left+2*time.Second {
			t.Errorf("with AWS's clock at %v the session lasts %v, want %v", test.aws, got, test.left)
		}
		if again := w.get(t, "r"); again.AccessKeyID != c.AccessKeyID {
			t.Errorf("with AWS's clock at %v the session was not kept", test.aws)
		}
	}
}
