package rotate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"aws-connector/helper"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

// adopt goes on once AWS takes the new key.
func (t *turn) adopt(ctx context.Context, state keystore.Rotation) error {
	var user string
	err := t.settled(ctx, func() (err error) {
		user, err = t.whose(ctx, state.New)
		return err
	}, unknown)
	switch {
	case unknown(err):
		return t.untaken(ctx, state, err)
	case err != nil:
		return err
	case user != state.User && !t.renamed(ctx, user):
		return &helper.Error{Text: fmt.Sprintf("AWS says that the new key %s belongs to %s, and the old one to %s", state.New.ID, user, helper.Clean(state.User)),
			Advice: "check that endpoint_url leads to the same AWS for STS and IAM"}
	}
	state.User = user
	t.Tell("AWS takes it: it is %s's", user)
	return t.finish(ctx, state)
}

// renamed reports whether user is what the user of the current key is called by now.
func (t *turn) renamed(ctx context.Context, user string) bool {
	now, err := t.whose(ctx, t.signer)
	return err == nil && now == user
}

// untaken is for a new key that AWS does not know after a while.
func (t *turn) untaken(ctx context.Context, state keystore.Rotation, cause error) error {
	keys, _, err := t.list(ctx)
	if err != nil {
		return err
	}
	switch now, there := find(keys, state.New.ID); {
	case !there:
		t.Tell("the new key %s is no longer one of the user's keys", state.New.ID)
		t.why = cause
		if orphan, ok := orphanIn(keys, state); ok {
			return t.orphaned(ctx, state, keys, orphan)
		}
	case !now.active():
		if err := t.deleteNew(ctx, state.New.ID); err != nil {
			return err
		}
	default:
		return &helper.Error{Reason: helper.Temporary, Text: fmt.Sprintf("AWS does not accept the new key %s yet: %v; the old one is current", state.New.ID, cause),
			Advice: "it can take AWS a few minutes to accept a new key everywhere", Err: cause}
	}
	if err := t.end(ctx); err != nil {
		return err
	}
	return errAgain
}

// exchange makes the new key current wherever the old one is.
func (t *turn) exchange(ctx context.Context, state keystore.Rotation) error {
	all, err := t.Store.Stored(ctx)
	if err != nil {
		return err
	}
	key := state.New
	key.TOTP = secret.Text{} // each name keeps its own
	for _, name := range all {
		now, err := t.Store.Get(ctx, name)
		switch {
		case err != nil && (name == t.name || !isNone(err)):
			return err
		case err != nil:
			continue
		case now.ID == state.Old:
			if err := t.Store.Exchange(ctx, name, state.Old, key); err != nil {
				return err
			}
			t.Tell("%s is key %q now", key.ID, name)
		case now.ID != key.ID:
			continue
		}
		t.done.Names = append(t.done.Names, name)
	}
	if !slices.Contains(t.done.Names, t.name) {
		return fmt.Errorf("key %q: %w: try again", t.name, keystore.ErrChanged)
	}
	return nil
}

// isNone reports whether there is no key that could be the one in question.
func isNone(err error) bool {
	return errors.Is(err, keystore.ErrNotFound) || errors.Is(err, keystore.ErrDamaged)
}

// holder returns a name in the keystore under which the access key id stands, if
// there is one.
func (t *turn) holder(ctx context.Context, id string) (string, error) {
	names, err := t.Store.Stored(ctx)
	if err != nil {
		return "", err
	}
	for _, name := range names {
		switch k, err := t.Store.Get(ctx, name); {
		case err == nil && k.ID == id:
			return name, nil
		case err != nil && !isNone(err):
			return "", err
		}
	}
	return "", nil
}

// finish makes the new key current and takes the old one out of use. The new one
// signs for that: so it is known to work before the old one does no longer.
func (t *turn) finish(ctx context.Context, state keystore.Rotation) error {
	if err := t.exchange(ctx, state); err != nil {
		return err
	}
	t.signer = state.New
	var keys []listed
	if err := t.settled(ctx, func() (err error) {
		keys, _, err = t.list(ctx)
		return err
	}, unknown); err != nil {
		return err
	}
	keep := t.Keep || state.Keep
	if old, there := find(keys, state.Old); there {
		if err := t.retire(ctx, old, keep); err != nil {
			return err
		}
	} else {
		keep = false
	}
	if err := t.end(ctx); err != nil {
		return err
	}
	t.done.User, t.done.Old, t.done.New, t.done.Kept = state.User, state.Old, state.New.ID, keep
	return nil
}

func (t *turn) retire(ctx context.Context, old listed, keep bool) error {
	if old.active() {
		if err := t.settled(ctx, func() error { return t.deactivate(ctx, old.ID) }, unknown); err != nil && !isGone(err) {
			return err
		}
		t.Tell("deactivated %s", old.ID)
	}
	if keep {
		return nil
	}
	if err := t.settled(ctx, func() error { return t.delete(ctx, old.ID) }, unknown); err != nil && !isGone(err) {
		return err
	}
	t.Tell("deleted %s", old.ID)
	return nil
}

// abandon undoes a rotation whose key was replaced by another one meanwhile.
func (t *turn) abandon(ctx context.Context, key keystore.Key, state keystore.Rotation) error {
	t.Tell("key %q was replaced by %s meanwhile: that rotation is abandoned", t.name, key.ID)
	if id := state.New.ID; id != "" {
		holder, err := t.holder(ctx, id)
		if err != nil {
			return err
		}
		keys, _, err := t.list(ctx)
		if err != nil {
			return err
		}
		switch _, there := find(keys, id); {
		case holder != "":
			t.Tell("its new key %s stays: it is key %q", id, holder)
		case there:
			if err := t.deleteNew(ctx, id); err != nil {
				return err
			}
		default:
			t.Tell("its new key %s of %s may be in AWS still: delete it there", id, state.User)
		}
	}
	if err := t.end(ctx); err != nil {
		return err
	}
	return errAgain
}
