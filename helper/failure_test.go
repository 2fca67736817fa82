package helper

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aws-connector/internal/fakeaws"
	"aws-connector/keystore"
)

func TestACrowdFailsOnce(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.aws.Fail(fakeaws.Fault{Code: "AccessDenied", Message: "no", Status: 403, Delay: 50 * time.Millisecond})
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			_, err := w.Credentials(t.Context(), "r")
			var e *Error
			if !errors.As(err, &e) || e.Reason != Failed || err.Error() != `connector "r": AssumeRole: AccessDenied: no` || e.Advice == "" {
				t.Errorf("Credentials = %v, want the one failure", err)
			}
		})
	}
	all.Wait()
	if n := w.aws.Calls("AssumeRole"); n != 1 {
		t.Errorf("%d calls of AssumeRole, want 1", n)
	}

	w.aws.ClearFaults()
	w.later(failureLife)
	if _, err := w.Credentials(t.Context(), "r"); err == nil {
		t.Error("the failure was not shared to the end of its life")
	}
	w.later(time.Second)
	w.get(t, "r")
}

func TestAFailureEndsWithItsCause(t *testing.T) {
	for name, repair := range map[string]func(*world){
		"the connector is edited": func(w *world) { w.edit(t, roleConnector+"external_id = \"x1\"\n") },
		"the key is replaced":     func(w *world) { w.replaceKey() },
		"the cache is cleared":    func(w *world) { w.Clear(t.Context(), "r") },
		"the clock is set back":   func(w *world) { w.later(-time.Hour) },
	} {
		w := newWorld(t, roleConnector)
		w.aws.Fail(fakeaws.Fault{Code: "AccessDenied", Message: "no", Status: 403, Times: 1})
		if _, err := w.Credentials(t.Context(), "r"); err == nil {
			t.Fatal("Credentials = nil, want an error")
		}
		repair(w)
		if _, err := w.Credentials(t.Context(), "r"); err != nil {
			t.Errorf("Credentials after %s = %v", name, err)
		}
	}
}

// failing is a keystore that counts how often it fails.
type failing struct {
	err   error
	calls *atomic.Int32
}

func (f failing) Get(_ context.Context, name string) (keystore.Key, error) {
	f.calls.Add(1)
	return keystore.Key{}, fmt.Errorf("key %q: %w", name, f.err)
}

func (failing) Generation(context.Context, string) (string, error) { return "1", nil }
func (failing) Generations(context.Context) (string, error)        { return "1", nil }

func TestWhichKeystoreFailuresAreShared(t *testing.T) {
	for err, want := range map[error]int32{
		keystore.ErrDismissed: 1, // a crowd opens one dialog
		keystore.ErrTimeout:   1,
		keystore.ErrNotFound:  2, // found again for nothing, and perhaps repaired meanwhile
		keystore.ErrLocked:    2,
	} {
		w := newWorld(t, roleConnector)
		w.Keys = failing{err, new(atomic.Int32)}
		for range 2 {
			_, got := w.Credentials(t.Context(), "r")
			if !errors.Is(got, err) || got.Error() != `connector "r": key "main": `+err.Error() {
				t.Errorf("Credentials = %v, want %v", got, err)
			}
		}
		if n := w.Keys.(failing).calls.Load(); n != want {
			t.Errorf("%v: the keystore was asked %d times, want %d", err, n, want)
		}
	}
}

// An error that costs nothing to find is found again by whoever asks next.
func TestWhichFailuresAreShared(t *testing.T) {
	w := newWorld(t, roleConnector)
	slot := w.Cache.Slot("r-0")
	for _, err := range []error{errors.New("no"), &Error{Reason: Misconfigured, Text: "no"}} {
		w.shareFailure(slot, "r", err)
		if got := w.sharedFailure(slot, w.now); got != nil {
			t.Errorf("%v is shared as %v", err, got)
		}
	}
	w.shareFailure(slot, "r", &Error{Reason: NeedsPerson, Text: "no", Advice: "do", costly: true})
	if w.outOfReach(slot) {
		t.Error("what does not pass keeps callers from trying again")
	}
	var e *Error
	if err := w.sharedFailure(slot, w.now); !errors.As(err, &e) || e.Reason != NeedsPerson || e.Text != "no" || e.Advice != "do" {
		t.Errorf("shared is %v, want the failure", err)
	}
}

// Who waited shares the failure that it waited for, however long that took; who
// comes later shares one of just now.
func TestWhoSharesAFailure(t *testing.T) {
	w := newWorld(t, roleConnector)
	slot, at := w.Cache.Slot("r-0"), w.now
	w.shareFailure(slot, "r", &Error{Reason: Temporary, Text: "no", costly: true})
	w.later(2 * failureLife)
	for started, want := range map[time.Duration]bool{-time.Second: true, 0: true, time.Second: false} {
		if shared := w.sharedFailure(slot, at.Add(started)) != nil; shared != want {
			t.Errorf("who began %v after the failure shares it: %t, want %t", started, shared, want)
		}
	}
}
