package helper

import (
	"testing"

	"aws-connector/cache"
)

// A session is told of whether or not it is fresh, and without asking anybody.
func TestSession(t *testing.T) {
	w := newWorld(t, roleConnector)
	c, err := w.Connectors.Lookup("r")
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := w.Session(t.Context(), c); ok {
		t.Errorf("Session of an empty cache = %+v", s)
	}
	w.get(t, "r")
	s, ok := w.Session(t.Context(), c)
	if want := s.Expires.Add(-maxTolerance); !ok || !s.Current || s.ARN != "arn:aws:sts::123456789012:assumed-role/Deploy/aws-connector-r" || !s.Renewed.Equal(want) {
		t.Errorf("Session = %+v, %v, want one to be renewed at %v", s, ok, want)
	}
	w.later(s.Renewed.Sub(w.clock()))
	if s, ok = w.Session(t.Context(), c); !ok || s.Current {
		t.Errorf("Session when it is to be renewed = %+v, %v, want a stale one", s, ok)
	}
	w.later(s.Expires.Sub(w.clock()))
	if s, ok = w.Session(t.Context(), c); ok {
		t.Errorf("Session after its end = %+v", s)
	}
	if n := w.aws.Calls(""); n != 1 {
		t.Errorf("%d calls of AWS, want 1", n)
	}
}

// What lacks a part is no session, whatever else the cache has in its place.
func TestSessionIn(t *testing.T) {
	for data, want := range map[string]bool{
		`{"id":"a","secret":"b","token":"c"}`: true, `{"secret":"b","token":"c"}`: false, `{"id":"a","token":"c"}`: false, `{"id":"a","secret":"b"}`: false,
		`{"id":"a","secret":"b","token":""}`: false, `{"id":"a","secret":"b","token":"c"`: false, `{"id":1,"secret":"b","token":"c"}`: false, `[]`: false, ``: false,
	} {
		if s, ok := sessionIn(cache.Entry{Data: []byte(data)}); ok != want || !ok && s.ID != "" {
			t.Errorf("sessionIn(%s) = %q, %t, want %t", data, s.ID, ok, want)
		}
	}
}
