package keystore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/fakeaws"
	"aws-connector/internal/rotate"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

// rotate rotates key main, and returns what was told.
func (w *world) rotate(change ...func(*rotate.Rotator)) (rotate.Done, string, error) {
	r := rotator(w.store, w.aws.URL)
	var told []string
	r.Tell = func(format string, args ...any) { told = append(told, fmt.Sprintf(format, args...)) }
	for _, c := range change {
		c(&r)
	}
	done, err := r.Rotate(w.t.Context(), "main")
	return done, strings.Join(told, "\n"), err
}

// stopped begins a rotation whose new key is stored and not proven yet.
func (w *world) stopped() (id string) {
	w.t.Helper()
	w.aws.Fail(fakeaws.Fault{Action: "GetCallerIdentity", Skip: 1, Code: "InternalFailure", Status: 500})
	_, told, err := w.rotate()
	if err == nil || !strings.Contains(told, "continues it") {
		w.t.Fatalf("Rotate: %v, and told %q", err, told)
	}
	w.aws.ClearFaults()
	state, err := w.store.Rotation(w.t.Context(), "main")
	if err != nil || state.New.ID == "" || state.Old != aliceI || state.User != alice {
		w.t.Fatalf("Rotation(main) = %+v, %v", state, err)
	}
	if ids := w.whole("stopped"); ids[1] != aliceI {
		w.t.Fatalf("the key that is not proven is current")
	}
	return state.New.ID
}

func (w *world) ids() (ids []string) {
	for _, k := range w.aws.AccessKeys(alice) {
		ids = append(ids, k.ID)
	}
	slices.Sort(ids)
	return ids
}

// breakSlot makes the keyring refuse to store what is kept beside key main.
func (w *world) breakSlot() {
	w.t.Helper()
	slot := filepath.Join(w.dir, "item.rotation.main")
	if err := errors.Join(os.Remove(slot), os.MkdirAll(filepath.Join(slot, "full"), 0o700)); err != nil {
		w.t.Error(err)
	}
}

func (w *world) mendSlot() {
	if err := os.RemoveAll(filepath.Join(w.dir, "item.rotation.main")); err != nil {
		w.t.Error(err)
	}
}

// breaking breaks the keyring once AWS has made the key.
func (w *world) breaking(r *rotate.Rotator) {
	tell := r.Tell
	r.Tell = func(format string, args ...any) {
		tell(format, args...)
		if strings.HasPrefix(format, "created") {
			w.breakSlot()
		}
	}
}

func TestNewKeyThatCannotBeStored(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.rotate(w.breaking)
	if err == nil || !strings.Contains(err.Error(), "the new key was deleted in AWS again, and the stored one is as it was") {
		t.Fatalf("Rotate: %v", err)
	}
	if ids := w.ids(); !slices.Equal(ids, []string{aliceI}) {
		t.Errorf("the keys in AWS are %q", ids)
	}
	w.whole("after the keyring failed")
	w.mendSlot()
	w.finished("after the keyring failed")
}

func TestNewKeyThatCannotBeStoredNorDeleted(t *testing.T) {
	w := newWorld(t)
	w.aws.Fail(fakeaws.Fault{Action: "DeleteAccessKey", Skip: 1, Code: "InternalFailure", Status: 500})
	_, _, err := w.rotate(w.breaking)
	if err == nil || !strings.Contains(err.Error(), "whose secret is lost, could not be deleted in AWS") {
		t.Fatalf("Rotate: %v", err)
	}
	w.aws.ClearFaults()
	w.whole("after both failed")
	w.mendSlot()
	// The note of it went with the slot: two keys are told, and none is deleted.
	if _, _, err := w.rotate(); err == nil || !strings.Contains(err.Error(), "two access keys already") {
		t.Errorf("Rotate: %v", err)
	}
}

// AWS may take a while to know a new key.
func TestNewKeyThatIsNotKnownYet(t *testing.T) {
	for _, settling := range []time.Duration{3 * time.Second, 40 * time.Second, 3 * time.Minute} {
		w := newWorld(t)
		w.aws.SetSettling(settling)
		passed := time.Duration(0)
		waits := func(r *rotate.Rotator) {
			r.Wait = func(_ context.Context, d time.Duration) error {
				passed += d
				w.aws.SetClock(func() time.Time { return time.Now().Add(passed) })
				return nil
			}
		}
		done, _, err := w.rotate(waits)
		if settling < time.Minute {
			if ids := w.ids(); err != nil || !slices.Equal(ids, []string{done.New}) {
				t.Errorf("settling %v: Rotate: %v, and the keys are %q", settling, err, ids)
			}
			continue
		}
		var told *helper.Error
		if !errors.As(err, &told) || told.Reason != helper.Temporary || !strings.Contains(err.Error(), "AWS does not accept the new key") {
			t.Errorf("settling %v: Rotate: %v", settling, err)
		}
		if passed > time.Minute {
			t.Errorf("it waited for %v", passed)
		}
		w.whole("while the new key is not known")
		passed += settling
		w.aws.SetClock(func() time.Time { return time.Now().Add(passed) })
		w.finished("once it is known")
	}
}

func TestNewKeyThatSomebodyTookAway(t *testing.T) {
	for what, do := range map[string]func(*fakeaws.Server, string){"deleted": (*fakeaws.Server).DeleteKey, "deactivated": (*fakeaws.Server).DeactivateKey} {
		w := newWorld(t)
		id := w.stopped()
		do(w.aws, id)
		w.finished(what)
		if slices.Contains(w.ids(), id) {
			t.Errorf("%s: it is in use", what)
		}
	}
}

func TestOldKeyThatSomebodyTookAway(t *testing.T) {
	for what, do := range map[string]func(*fakeaws.Server, string){"deleted": (*fakeaws.Server).DeleteKey, "deactivated": (*fakeaws.Server).DeactivateKey} {
		w := newWorld(t)
		id := w.stopped()
		do(w.aws, aliceI)
		if _, _, err := w.rotate(); err != nil {
			t.Errorf("%s: Rotate: %v", what, err)
		}
		if ids := w.ids(); !slices.Equal(ids, []string{id}) {
			t.Errorf("%s: the keys are %q", what, ids)
		}
		w.whole(what)
	}
}

// A key that is stored meanwhile under the same name stays.
func TestKeyThatIsReplacedMeanwhile(t *testing.T) {
	const bobI, bobS = "AKIABOBBOBBOBBOBBOBB", "bobsSecretAccessKey1"
	w := newWorld(t)
	w.aws.AddUser("arn:aws:iam::123456789012:user/bob", bobI, bobS)
	bob := keystore.Key{ID: bobI, Secret: secret.New(bobS)}

	// While the rotation runs: it does not write over it.
	_, _, err := w.rotate(func(r *rotate.Rotator) {
		tell := r.Tell
		r.Tell = func(format string, args ...any) {
			tell(format, args...)
			if strings.HasPrefix(format, "AWS takes it") {
				if err := w.store.Set(t.Context(), "main", bob); err != nil {
					t.Error(err)
				}
			}
		}
	})
	if !errors.Is(err, keystore.ErrChanged) {
		t.Errorf("Rotate: %v", err)
	}
	if k, err := w.store.Get(t.Context(), "main"); err != nil || k.ID != bobI {
		t.Errorf("key main is %s, %v", k.ID, err)
	}
	// The next one is bob's, and alice's keys are left to those who have them.
	done, told, err := w.rotate()
	if err != nil || done.Old != bobI || !strings.Contains(told, "was replaced by "+bobI+" meanwhile") {
		t.Errorf("Rotate: %v, told %q", err, told)
	}
	w.whole("after bob's was rotated")

	// After one that was interrupted, of the same user: its new key is deleted.
	w = newWorld(t)
	id := w.stopped()
	w.aws.DeleteKey(aliceI)
	const secondI, secondS = "AKIASECONDSECONDSECO", "secondSecretAccessKey"
	w.aws.AddUser(alice, secondI, secondS)
	second := keystore.Key{ID: secondI, Secret: secret.New(secondS)}
	for _, name := range []string{"main", "alias"} {
		if err := w.store.Set(t.Context(), name, second); err != nil {
			t.Fatal(err)
		}
	}
	w.finished("after another key was stored")
	if slices.Contains(w.ids(), id) {
		t.Errorf("the key of the rotation that was given up is left in AWS")
	}
}
