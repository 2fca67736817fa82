package keystore_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aws-connector/helper"
	"aws-connector/internal/fakeaws"
	"aws-connector/internal/rotate"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

func TestSeedsStay(t *testing.T) {
	w := newWorld(t)
	if _, err := w.store.SetTOTP(t.Context(), "main", secret.New("GEZDGNBVGY3TQOJQ")); err != nil {
		t.Fatal(err)
	}
	w.stopped()
	w.finished("with a seed")
	k, err := w.store.Get(t.Context(), "main")
	if err != nil || k.TOTP.Reveal() != "GEZDGNBVGY3TQOJQ" {
		t.Errorf("the seed of main is gone: %v", err)
	}
	if k, err = w.store.Get(t.Context(), "alias"); err != nil || !k.TOTP.Empty() {
		t.Errorf("alias has got a seed: %v", err)
	}
}

// That the old key is to be kept outlasts a crash.
func TestOldKeyIsKept(t *testing.T) {
	w := newWorld(t)
	w.aws.Fail(fakeaws.Fault{Action: "GetCallerIdentity", Skip: 1, Code: "InternalFailure", Status: 500})
	if _, _, err := w.rotate(func(r *rotate.Rotator) { r.Keep = true }); err == nil {
		t.Fatal("it was not interrupted")
	}
	w.aws.ClearFaults()
	done, _, err := w.rotate()
	if err != nil || !done.Kept {
		t.Fatalf("Rotate = %+v, %v", done, err)
	}
	for _, k := range w.aws.AccessKeys(alice) {
		if k.Active == (k.ID == aliceI) {
			t.Errorf("%+v", k)
		}
	}
}

func TestOneRotationAtATime(t *testing.T) {
	w := newWorld(t)
	unlock, err := w.store.LockRotation()
	if err != nil {
		t.Fatal(err)
	}
	var told *helper.Error
	if _, _, err := w.rotate(); !errors.Is(err, keystore.ErrRotating) || !errors.As(err, &told) || told.Reason != helper.Temporary {
		t.Errorf("Rotate beside another: %v", err)
	}
	if n := w.aws.Calls(""); n != 0 {
		t.Errorf("it called AWS %d times", n)
	}
	unlock()
	w.finished("after the other one")
}

// IAM is one for a partition, and its calls are signed for where it is.
func TestRotationInAnotherPartition(t *testing.T) {
	const user, id, text = "arn:aws-us-gov:iam::123456789012:user/gov", "AKIAGOVGOVGOVGOVGOVG", "govSecretAccessKey1"
	w := newWorld(t)
	w.aws.AddUser(user, id, text)
	if err := w.store.Set(t.Context(), "main", keystore.Key{ID: id, Secret: secret.New(text)}); err != nil {
		t.Fatal(err)
	}
	done, _, err := w.rotate(func(r *rotate.Rotator) { r.Connector.Region = "us-gov-east-1" })
	if err != nil || done.User != user {
		t.Errorf("Rotate = %+v, %v", done, err)
	}
}

// Under another of its names the rotation is not begun a second time.
func TestRotationUnderAnotherName(t *testing.T) {
	w := newWorld(t)
	w.stopped()
	r := rotator(w.store, w.aws.URL)
	if _, err := r.Rotate(t.Context(), "alias"); err == nil || !strings.Contains(err.Error(), `has an unfinished rotation, begun for key "main"`) {
		t.Errorf("Rotate(alias): %v", err)
	}
	w.finished("under its own name")
}

// What is kept of a rotation is no key, and no key is taken for it.
func TestRotationIsNoKey(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	before, err := w.store.Generations(ctx)
	if err != nil {
		t.Fatal(err)
	}
	id := w.stopped()
	if now, err := w.store.Generations(ctx); err != nil || now != before {
		t.Errorf("Generations() = %q, %v, want %q: no key has changed", now, err, before)
	}
	if names, err := w.store.Names(ctx); err != nil || !slices.Equal(names, []string{"alias", "main"}) {
		t.Errorf("Names() = %q, %v", names, err)
	}
	if names, err := w.store.Rotations(ctx); err != nil || !slices.Equal(names, []string{"main"}) {
		t.Errorf("Rotations() = %q, %v", names, err)
	}
	if _, err := w.store.Rotation(ctx, "alias"); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Rotation(alias): %v", err)
	}
	text, err := os.ReadFile(filepath.Join(w.dir, "item.rotation.main"))
	if err != nil || !strings.Contains(string(text), id) {
		t.Fatal(err)
	}
	if k, err := keystore.ParseKey(text); err == nil {
		t.Errorf("ParseKey takes it as %s", k.ID)
	}
	if err := os.WriteFile(filepath.Join(w.dir, "item.rotation.alias"), []byte(fmt.Sprintf(`{"AccessKeyId":%q,"SecretAccessKey":"s"}`, aliceI)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Rotation(ctx, "alias"); !errors.Is(err, keystore.ErrDamaged) {
		t.Errorf("Rotation of a key: %v", err)
	}
}
