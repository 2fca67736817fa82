package helper

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"aws-connector/keystore"
)

func TestWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan int, 1)
		for name, test := range map[string]struct {
			limit time.Duration
			ctx   time.Duration // until it ends
			want  time.Duration
		}{
			"limit": {time.Second, time.Minute, time.Second}, "context": {time.Minute, time.Second, time.Second},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), test.ctx)
			began := time.Now()
			got, ok := within(ctx, test.limit, func() int { return <-hang })
			if took := time.Since(began); got != 0 || ok || took != test.want {
				t.Errorf("%s: within = %d, %t after %v, want none after %v", name, got, ok, took, test.want)
			}
			cancel()
			hang <- 1
		}
		if got, ok := within(t.Context(), time.Second, func() int { return 2 }); got != 2 || !ok {
			t.Errorf("within = %d, %t, want 2", got, ok)
		}
	})
}

// hanging is a keystore on a disk that does not answer.
type hanging struct {
	keys
	until chan bool
}

func (h hanging) Generation(context.Context, string) (string, error) {
	<-h.until
	return "1", nil
}

// An answer does not wait for the version of its key, and is kept for nobody then.
func TestAGenerationThatIsNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, slow := slowWorld(t, 0)
		known := h.Keys.(keys)
		until := make(chan bool)
		h.Keys = hanging{known, until}
		for range 2 {
			if _, took, err := timedGet(t, h); took != diskWait || err != nil {
				t.Errorf("Credentials = %v after %v, want them after %v", err, took, diskWait)
			}
		}
		if slow.calls != 2 {
			t.Errorf("STS was asked %d times, want 2", slow.calls)
		}
		close(until)
		if slots, err := h.Cache.Slots(); err != nil || len(slots) != 0 {
			t.Errorf("Slots() = %v, %v, want none", slots, err)
		}
	})
}

// A call has its patience once, whatever it is part of.
func TestPatience(t *testing.T) {
	outer := patient(t.Context(), time.Second)
	if inner := patient(outer, time.Hour); inner.Value(patienceKey{}) != outer.Value(patienceKey{}) {
		t.Error("a part of a call has a patience of its own")
	}
}

// patient keys note the patience of the call that reads them.
type patientKeys struct {
	keys
	left *time.Duration
}

func (k patientKeys) Get(ctx context.Context, name string) (keystore.Key, error) {
	if p, ok := ctx.Value(patienceKey{}).(*patience); ok {
		*k.left = p.left
	}
	return k.keys.Get(ctx, name)
}

// All that a call waits for comes out of one patience.
func TestEachCallHasAPatience(t *testing.T) {
	for name, call := range map[string]func(*world) error{
		"Credentials": func(w *world) error { _, err := w.Credentials(t.Context(), "r"); return err },
		"RegistryToken": func(w *world) error {
			_, err := w.RegistryToken(t.Context(), "r", registry(t, registryHost))
			return err
		},
	} {
		w := newWorld(t, roleConnector)
		var left time.Duration
		w.Keys = patientKeys{w.Keys.(keys), &left}
		if err := call(w); err != nil || left <= 0 || left >= lockWait {
			t.Errorf("%s: %v, and %v were left of %v after a lock", name, err, left, lockWait)
		}
	}
}

// What the environment says shapes the sessions that are made of it, and no others.
func TestTheAmbientIsPartOfImplicitSlots(t *testing.T) {
	w := newWorld(t, userConnector+"[connectors.i]\nauth_method = \"implicit\"\nallow_implicit_auth_methods = true\n")
	w.Keys = keys{"main": keystore.Key{ID: accessKeyID}}
	for name, want := range map[string]bool{"r": false, "i": true} {
		c, err := w.Connectors.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		id := accessKeyID
		w.Env.Ambient.Environ = func(Chain) []string { return []string{"AWS_ACCESS_KEY_ID=" + id, "AWS_SECRET_ACCESS_KEY=s"} }
		before := w.slot(w.begin(t.Context(), c))
		id = bobID
		if changed := w.slot(w.begin(t.Context(), c)) != before; changed != want {
			t.Errorf("%s: a change of the ambient changes the slot: %t, want %t", name, changed, want)
		}
	}
}
