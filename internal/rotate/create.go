package rotate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"aws-connector/helper"
	"aws-connector/keystore"
)

const (
	// storing bounds what must be done with a new key, though the caller gave up.
	storing = time.Minute
	// clockSlack is how much earlier than a call IAM may say that a key was made: its
	// times are whole seconds, of another server.
	clockSlack = 5 * time.Second
)

// tooMany is for a user who has as many keys as AWS allows.
func (t *turn) tooMany(ctx context.Context, keys []listed) error {
	var all []string
	spare := ""
	for _, k := range keys {
		text := fmt.Sprintf("%s (%s, created %s", k.ID, strings.ToLower(helper.Clean(k.Status)), k.Created.Format(time.DateOnly))
		if k.ID == t.signer.ID {
			text += ", the one stored here)"
		} else {
			used, _, _ := t.lastUsed(ctx, k.ID)
			text += ", " + used + ")"
			spare = k.ID
		}
		all = append(all, text)
	}
	return &helper.Error{
		Text:   "its user has two access keys already, and AWS allows no third: " + strings.Join(all, " and ") + "; nothing was changed",
		Advice: fmt.Sprintf("if nobody uses %s any more, delete it, in the console or with `aws iam delete-access-key --access-key-id %s`, then try again", spare, spare),
	}
}

// create has AWS make the new key. Where it is not known whether AWS did, what was
// noted in the keystore stays there.
func (t *turn) create(ctx context.Context, state keystore.Rotation) (keystore.Key, error) {
	key, err := t.createKey(ctx)
	if err == nil && slices.Contains(state.Known, key.ID) {
		err = fmt.Errorf("CreateAccessKey: the answer has access key %s, which is not new", key.ID)
	}
	switch {
	case err == nil:
		t.Tell("created access key %s", key.ID)
		return key, nil
	case helper.Refused(err):
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), storing)
		defer cancel()
		if err := t.end(clean); err != nil {
			return key, err
		}
		if helper.Code(err) == "LimitExceeded" {
			if keys, _, listErr := t.list(ctx); listErr == nil && len(keys) > 1 {
				return key, t.tooMany(ctx, keys)
			}
		}
		return key, unchanged(err)
	}
	return key, t.lost(ctx, state, err)
}

// unchanged says that nothing was changed.
func unchanged(err error) error {
	var e *helper.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("%w; nothing was changed", err)
	}
	told := *e
	told.Text += "; nothing was changed"
	return &told
}

// lost is for an answer that did not come: AWS may have made a key whose secret
// nobody knows.
func (t *turn) lost(ctx context.Context, state keystore.Rotation, cause error) error {
	told := &helper.Error{Reason: helper.Temporary, Text: cause.Error() + "; AWS may or may not have made a key",
		Advice: fmt.Sprintf("`aws-connector key rotate %s` finds out and continues; the stored key stays as it is", t.name), Err: cause}
	if ctx.Err() != nil {
		return cause
	}
	keys, _, err := t.list(ctx)
	if err != nil {
		return told
	}
	if orphan, ok := orphanIn(keys, state); ok {
		t.why = cause
		return t.orphaned(ctx, state, keys, orphan)
	}
	return told
}

// unmade undoes a rotation that has no new key: AWS may have made one all the same.
func (t *turn) unmade(ctx context.Context, state keystore.Rotation) error {
	keys, _, err := t.list(ctx)
	if err != nil {
		return err
	}
	if orphan, ok := orphanIn(keys, state); ok {
		return t.orphaned(ctx, state, keys, orphan)
	}
	if err := t.end(ctx); err != nil {
		return err
	}
	return errAgain
}

// orphanIn returns the key that the user did not have before.
func orphanIn(keys []listed, state keystore.Rotation) (listed, bool) {
	i := slices.IndexFunc(keys, func(l listed) bool { return !slices.Contains(state.Known, l.ID) })
	if i < 0 {
		return listed{}, false
	}
	return keys[i], true
}

// orphaned deletes a key whose secret is lost. That it is no other one's is all but
// certain, if it is not older than the rotation and nobody has used it: another
// machine may have made it at the same time. So somebody must agree.
func (t *turn) orphaned(ctx context.Context, state keystore.Rotation, keys []listed, orphan listed) error {
	used, was, err := t.lastUsed(ctx, orphan.ID)
	if err != nil && helper.Code(err) != "AccessDenied" {
		return err
	}
	if was || orphan.Created.Before(state.Began.Add(-clockSlack)) {
		if err := t.end(ctx); err != nil {
			return err
		}
		return t.tooMany(ctx, keys)
	}
	text := fmt.Sprintf("AWS made access key %s at %s, but its answer was lost, and so is the key's secret (%s).", orphan.ID, orphan.Created.Local().Format(time.DateTime), used)
	yes, err := t.Ask(ctx, text+" Delete that key?")
	if errors.Is(err, helper.ErrNobody) {
		return &helper.Error{Reason: helper.NeedsPerson, Text: text + " There is no terminal to ask on whether to delete it",
			Advice: fmt.Sprintf("`aws-connector key rotate %s --yes` deletes it and continues", t.name), Err: err}
	}
	if err != nil {
		return err
	}
	if !yes {
		return &helper.Error{Text: fmt.Sprintf("access key %s stays in AWS, so that no other one can be made", orphan.ID), Advice: "see in IAM whose it is; once it is deleted, try again"}
	}
	if err := t.deleteNew(ctx, orphan.ID); err != nil {
		return err
	}
	if err := t.end(ctx); err != nil {
		return err
	}
	return errAgain
}

// deleteNew deletes a key that AWS has just made, and may not know everywhere.
func (t *turn) deleteNew(ctx context.Context, id string) error {
	tries := 0
	err := t.settled(ctx, func() error { return t.delete(ctx, id) }, func(err error) bool {
		tries++
		return isGone(err) && tries < 4
	})
	if err != nil && !isGone(err) {
		return err
	}
	t.Tell("deleted access key %s, which was not in use yet", id)
	return nil
}

// keep stores the new key beside the old one. What cannot be stored is deleted at AWS
// again, for nobody else has its secret.
func (t *turn) keep(ctx context.Context, state keystore.Rotation) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storing)
	defer cancel()
	err := t.Store.StoreRotated(ctx, t.name, state)
	if err == nil {
		t.Tell("stored it beside %s in the %s", state.Old, t.Store)
		return nil
	}
	undo, cancelUndo := context.WithTimeout(context.WithoutCancel(ctx), storing)
	defer cancelUndo()
	if deleteErr := t.deleteNew(undo, state.New.ID); deleteErr != nil {
		return fmt.Errorf("%w; the new key %s, whose secret is lost, could not be deleted in AWS: %w", err, state.New.ID, deleteErr)
	}
	// Where that fails too, the next rotation finds that there is no new key.
	_ = t.end(undo)
	return fmt.Errorf("%w; the new key was deleted in AWS again, and the stored one is as it was", err)
}
