package helper

import (
	"context"
	"errors"
	"testing"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/connector"
)

// flightOf makes answers of w's slot called name with f; each is its own entry.
func flightOf(w *world, name string, f func(context.Context) (string, error)) flight[string] {
	return flight[string]{
		connector: connector.Connector{Name: name},
		slot:      w.Cache.Slot(name),
		started:   w.clock(),
		read:      func(e cache.Entry) (string, bool) { return string(e.Data), true },
		fresh:     func(string) bool { return false },
		make:      f,
		entry: func(s string) (cache.Entry, bool) {
			return cache.Entry{Expires: w.clock().Add(time.Hour), Data: []byte(s)}, true
		},
	}
}

// What fails while the caller's own time ends fails for that caller alone.
func TestAFailureAtTheCallersEndIsNotShared(t *testing.T) {
	for _, ends := range []bool{false, true} {
		w := newWorld(t, userConnector)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		costly := &Error{Reason: Temporary, Text: "no", costly: true}
		f := flightOf(w, "r-0", func(context.Context) (string, error) {
			if ends {
				cancel()
			}
			return "", costly
		})
		if _, err := answer(ctx, w.Helper, f); !errors.Is(err, costly) {
			t.Errorf("answer = %v, want %v", err, costly)
		}
		if shared := w.sharedFailure(f.slot, f.started); (shared == nil) != ends {
			t.Errorf("the caller's time ended: %t; shared with others is %v", ends, shared)
		}
	}
}
