package helper

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
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

// A warm answer needs no lock.
func TestAWarmAnswerTakesNoLock(t *testing.T) {
	w := newWorld(t, userConnector)
	w.get(t, "r")
	w.token(t, "r", registryHost)
	slots, err := w.Cache.Slots()
	if err != nil || len(slots) != 2 {
		t.Fatalf("Slots() = %v, %v, want two", slots, err)
	}
	for _, s := range slots {
		if err := os.Remove(filepath.Join(w.Cache.Path(), s.Name()+".lock")); err != nil {
			t.Fatal(err)
		}
	}
	w.get(t, "r")
	w.token(t, "r", registryHost)
	for _, s := range slots {
		if _, err := os.Lstat(filepath.Join(w.Cache.Path(), s.Name()+".lock")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was locked: %v", s.Name(), err)
		}
	}
}

// What is made at the last moment of haste is handed out, and nobody is told otherwise.
func TestAnAnswerAtTheEndOfHaste(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, _ := slowWorld(t, 0)
		w := &world{Helper: h, now: time.Now()}
		h.Now = time.Now
		f := flightOf(w, "r-0", func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "new", nil
		})
		if err := f.slot.Put(h.now(), cache.Entry{Expires: h.now().Add(time.Hour), Data: []byte("old")}); err != nil {
			t.Fatal(err)
		}
		if got, err := answer(t.Context(), h, f); got != "new" || err != nil {
			t.Errorf("answer = %q, %v, want the new one", got, err)
		}
		if h.outOfReach(f.slot) {
			t.Error("others are told that there is none")
		}
	})
}

// Who gives up while another process makes the answer has none.
func TestTheCallersEndBehindALock(t *testing.T) {
	w := newWorld(t, userConnector)
	f := flightOf(w, "r-0", func(context.Context) (string, error) {
		t.Error("it is made all the same")
		return "new", nil
	})
	unlock, err := cache.Open(w.Cache.Path(), cache.Off).Slot(f.slot.Name()).Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := answer(ctx, w.Helper, f); got != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("answer = %q, %v, want %v", got, err, context.Canceled)
	}
}
