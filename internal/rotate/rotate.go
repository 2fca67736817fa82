// Package rotate replaces an access key by a new one of the same user, in AWS and
// in the keystore.
//
// A new key is stored beside the old one before anything is done with it; AWS must
// take it before it is current; and the old one is deactivated only after that. What
// was done is in the keystore, so that whoever comes after a crash goes on from there
// or undoes it. At each moment the current key is one that AWS takes.
package rotate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/keystore"
)

// Rotator rotates the keys of a keystore. All fields but MFA and Keep are required.
type Rotator struct {
	Store  *keystore.Store
	Helper *helper.Helper
	// Connector says which AWS is called: by its region and endpoints alone.
	Connector connector.Connector
	// MFA is the connector whose MFA session may call IAM where the key alone may not;
	// empty for none.
	MFA string
	// Keep leaves the old key deactivated, in place of deleting it.
	Keep bool
	// Tell is told what was done, in a line each.
	Tell func(format string, args ...any)
	// Ask asks whether to delete a key whose secret is lost.
	Ask func(ctx context.Context, question string) (bool, error)
	// Wait waits until AWS may have learned of a key.
	Wait func(ctx context.Context, d time.Duration) error
}

// Done is what came of a rotation.
type Done struct {
	// User is the ARN of the keys' user.
	User     string
	Old, New string
	// Names are those in the keystore that had the old key, and have the new one.
	Names []string
	// Kept: the old key is deactivated, and not deleted.
	Kept bool
}

// errAgain means that what was left behind is undone, and a rotation can begin.
var errAgain = errors.New("the rotation can begin")

// mostBeginnings bounds how often a rotation begins: once after what another one left
// behind, and once after a key that was lost.
const mostBeginnings = 3

// turn is one rotation.
type turn struct {
	*Rotator
	name string
	// signer signs calls of IAM, unless there is an MFA session.
	signer  keystore.Key
	session *helper.Credentials
	// open means that the rotation is noted in the keystore.
	open bool
	// why is why a rotation had to begin again.
	why  error
	done Done
}

// Rotate replaces the key called name, or finishes or undoes a rotation of it that
// was interrupted. On an error the current key is one that AWS takes, if it did before.
func (r *Rotator) Rotate(ctx context.Context, name string) (Done, error) {
	unlock, err := r.Store.LockRotation()
	if errors.Is(err, keystore.ErrRotating) {
		return Done{}, &helper.Error{Reason: helper.Temporary, Text: fmt.Sprintf("key %q: %v", name, err), Advice: "wait until it is done, then try again", Err: err}
	}
	if err != nil {
		return Done{}, err
	}
	defer unlock()
	t := &turn{Rotator: r, name: name}
	err = errAgain
	for beginning := 0; errors.Is(err, errAgain) && beginning < mostBeginnings; beginning++ {
		err = t.begin(ctx)
	}
	if err == nil {
		return t.done, nil
	}
	if errors.Is(err, errAgain) {
		err = t.vain()
	}
	if t.open {
		r.Tell("the rotation of key %q is unfinished: `aws-connector key rotate %s` continues it", name, name)
	}
	var named *helper.Error
	if errors.As(err, &named) {
		err = fmt.Errorf("key %q: %w", name, err)
	}
	return Done{}, err
}

// vain is for new keys that were lost, one after the other.
func (t *turn) vain() error {
	text := "no new key could be had; the stored one is as it was"
	if t.why != nil {
		text = helper.Clean(t.why.Error()) + ": " + text
	}
	return &helper.Error{Text: text, Advice: "see that endpoint_url is that of AWS IAM, and what a proxy makes of its answers; then try again", Err: t.why}
}

// begin starts a rotation, or goes on with one.
func (t *turn) begin(ctx context.Context) error {
	state, err := t.Store.Rotation(ctx, t.name)
	t.open = err == nil
	if err != nil && !errors.Is(err, keystore.ErrNotFound) {
		return err
	}
	key, err := t.Store.Get(ctx, t.name)
	switch {
	case errors.Is(err, keystore.ErrNotFound) && t.open:
		return &helper.Error{Reason: helper.NeedsPerson, Text: "it is gone, but its rotation is unfinished" + lasting(state),
			Advice: fmt.Sprintf("`aws-connector key remove %s` forgets the rotation", t.name), Err: err}
	case err != nil:
		return err
	case !key.SessionToken.Empty():
		return &helper.Error{Reason: helper.Misconfigured, Text: "it has temporary credentials, which expire by themselves", Advice: "only the access key of an IAM user can be rotated"}
	}
	t.signer, t.session = key, nil
	if t.open {
		return t.resume(ctx, key, state)
	}
	if err := t.elsewhere(ctx, key); err != nil {
		return err
	}
	return t.fresh(ctx, key)
}

func lasting(state keystore.Rotation) string {
	if state.New.ID == "" {
		return ""
	}
	return fmt.Sprintf("; its new key is %s of %s", state.New.ID, helper.Clean(state.User))
}

// elsewhere refuses a key whose rotation was begun under another name.
func (t *turn) elsewhere(ctx context.Context, key keystore.Key) error {
	names, err := t.Store.Rotations(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		state, err := t.Store.Rotation(ctx, name)
		if err == nil && (state.Old == key.ID || state.New.ID == key.ID) {
			return &helper.Error{Reason: helper.NeedsPerson, Text: fmt.Sprintf("its access key %s has an unfinished rotation, begun for key %q", key.ID, name),
				Advice: fmt.Sprintf("`aws-connector key rotate %s` finishes it for both", name)}
		}
	}
	return nil
}

// fresh rotates a key of which no rotation is unfinished.
func (t *turn) fresh(ctx context.Context, key keystore.Key) error {
	user, err := t.whose(ctx, key)
	if err != nil {
		return err
	}
	if strings.HasSuffix(user, ":root") {
		return &helper.Error{Reason: helper.Misconfigured, Text: "it is an access key of the account's root user, which aws-connector does not rotate; nothing was changed",
			Advice: "delete it in the console, and use an IAM user's key: AWS advises against any access key of the root user"}
	}
	keys, began, err := t.list(ctx)
	if err != nil {
		return err
	}
	if _, ours := find(keys, key.ID); !ours {
		return &helper.Error{Text: fmt.Sprintf("IAM does not list access key %s as one of %s's; nothing was changed", key.ID, user), Advice: "check that endpoint_url leads to the same AWS for STS and IAM"}
	}
	if len(keys) > 1 {
		return t.tooMany(ctx, keys)
	}
	if err := t.permitted(ctx, key.ID); err != nil {
		return err
	}
	state := keystore.Rotation{User: user, Old: key.ID, Known: []string{key.ID}, Began: began, Keep: t.Keep}
	if err := t.Store.StartRotation(ctx, t.name, state); err != nil {
		return err
	}
	t.open = true
	if state.New, err = t.create(ctx, state); err != nil {
		return err
	}
	state.New.TOTP = key.TOTP
	if err := t.keep(ctx, state); err != nil {
		return err
	}
	return t.adopt(ctx, state)
}

// resume goes on with a rotation that was interrupted.
func (t *turn) resume(ctx context.Context, key keystore.Key, state keystore.Rotation) error {
	t.Tell("a rotation of key %q from %s is unfinished", t.name, state.Began.Local().Format(time.DateTime))
	switch made := state.New.ID != ""; {
	case made && key.ID == state.New.ID:
		return t.finish(ctx, state)
	case made && key.ID == state.Old:
		return t.adopt(ctx, state)
	case key.ID == state.Old:
		return t.unmade(ctx, state)
	}
	return t.abandon(ctx, key, state)
}

// end forgets the rotation, so that one can begin.
func (t *turn) end(ctx context.Context) error {
	if err := t.Store.EndRotation(ctx, t.name); err != nil {
		return err
	}
	t.open = false
	return nil
}
