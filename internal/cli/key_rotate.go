package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/plain"
	"aws-connector/internal/rotate"
	"aws-connector/internal/tty"
	"aws-connector/keystore"

	"github.com/spf13/cobra"
)

// rotation is what `key rotate` was told.
type rotation struct {
	keep, yes bool
	region    string
}

func (a *App) keyRotate() *cobra.Command {
	var o rotation
	cmd := &cobra.Command{
		Use:               "rotate NAME",
		Annotations:       map[string]string{asks: "for an MFA code, and whether to delete a key whose secret was lost"},
		Short:             "replace a key by a new one, in AWS and here",
		Long:              keyRotateHelp,
		Args:              oneName("key"),
		ValidArgsFunction: a.completeNames(false, keyNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.rotateKey(cmd.Context(), args[0], o)
		},
	}
	cmd.Flags().BoolVar(&o.keep, "keep-old", false, "deactivate the old key in AWS, and do not delete it")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "delete a new key whose secret was lost without asking")
	cmd.Flags().StringVar(&o.region, "region", "", "`REGION` of the key's AWS, if no connector uses it")
	return cmd
}

func (a *App) rotateKey(ctx context.Context, name string, o rotation) error {
	if err := validKeyName(name); err != nil {
		return err
	}
	if o.region != "" && !connector.ValidRegion(o.region) {
		return &usageError{text: fmt.Sprintf("unknown region %q", o.region), advice: "name one as eu-central-1 or cn-north-1"}
	}
	f, err := a.optionalConnectors()
	if err != nil {
		return err
	}
	h, err := a.helper(f)
	if err != nil {
		return err
	}
	store := a.keys(f)
	if err := store.Writable(name); err != nil {
		return err
	}
	r := rotate.Rotator{Store: store, Helper: h, Keep: o.keep, Tell: a.say, Wait: pause, Ask: a.agree}
	r.Connector, r.MFA = callerOf(f, name, o.region)
	if o.yes {
		r.Ask = func(context.Context, string) (bool, error) { return true, nil }
	}
	done, err := r.Rotate(ctx, name)
	if err != nil {
		return err
	}
	for _, n := range done.Names {
		if key, err := store.Get(ctx, n); err == nil {
			h.NoteStored(ctx, n, key)
		}
		a.dropKey(ctx, h, n)
	}
	a.tellRotated(f, done)
	return nil
}

// callerOf returns what says which AWS knows the key called name, and the connector
// whose MFA session is one of the key; that is empty if none has a device.
func callerOf(f connector.File, name, region string) (caller connector.Connector, mfa string) {
	caller = connector.Connector{Name: name, Method: connector.SecretKey, Key: name, Region: "us-east-1"}
	if region != "" {
		caller.Region = region
	}
	found := false
	for _, user := range f.UsersOf(name) {
		c, err := f.Lookup(user)
		if err != nil {
			continue
		}
		if c.Key == name && !found && (region == "" || c.Partition() == caller.Partition()) {
			caller.Region, caller.EndpointURL, caller.EndpointURLs, found = c.Region, c.EndpointURL, c.EndpointURLs, true
		}
		if c.MFASerial != "" && mfa == "" {
			mfa = user
		}
	}
	return caller, mfa
}

// pause waits, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// agree asks a question on the terminal.
func (a *App) agree(ctx context.Context, question string) (yes bool, err error) {
	t, err := a.Terminal()
	if errors.Is(err, tty.ErrNone) {
		err = fmt.Errorf("%w: %w", helper.ErrNobody, err)
	}
	if err != nil {
		return false, err
	}
	defer t.Close()
	err = t.Hidden(func() (err error) {
		yes, err = t.Confirm(ctx, plain.Line(question))
		return err
	})
	return yes, err
}

func (a *App) tellRotated(f connector.File, done rotate.Done) {
	old := done.Old + " is deleted in AWS"
	if done.Kept {
		old = done.Old + " is deactivated in AWS, and counts as one of the user's two keys until you delete it"
	}
	names := make([]string, len(done.Names))
	users := map[string]bool{}
	var all []string
	for i, name := range done.Names {
		names[i] = fmt.Sprintf("%q", name)
		for _, user := range f.UsersOf(name) {
			if !users[user] {
				all = append(all, helper.Clean(user))
			}
			users[user] = true
		}
	}
	noun := "key "
	if len(names) > 1 {
		noun = "keys "
	}
	a.say("rotated %s%s: %s -> %s; %s", noun, strings.Join(names, ", "), done.Old, done.New, old)
	switch len(all) {
	case 0:
	case 1:
		a.say("connector %s uses it, and needs no change", all[0])
	default:
		a.say("connectors %s use it, and need no change", strings.Join(all, ", "))
	}
	a.say("whatever else has a copy of the old key, on this machine or another, needs the new one: run `aws-connector key add` there, or give it a key of its own")
}

// tellRotations tells of rotations that were interrupted.
func (a *App) tellRotations(ctx context.Context, store *keystore.Store) {
	names, err := store.Rotations(ctx)
	if err != nil {
		return // the keys were listed, and that is what was asked for
	}
	for _, name := range names {
		a.say("the rotation of key %q is unfinished: `aws-connector key rotate %s` finishes or undoes it", name, name)
	}
}

// removableRotation keeps a key from being rotated while it is removed, and reports
// whether it has a rotation that was interrupted.
func (a *App) removableRotation(ctx context.Context, store *keystore.Store, name string) (unlock func(), rotating bool, err error) {
	_, err = store.Rotation(ctx, name)
	switch {
	case errors.Is(err, keystore.ErrNotFound):
		return func() {}, false, nil
	case err != nil && !errors.Is(err, keystore.ErrDamaged):
		return nil, false, err
	}
	unlock, err = store.LockRotation()
	if errors.Is(err, keystore.ErrRotating) {
		err = &helper.Error{Reason: helper.Temporary, Text: fmt.Sprintf("key %q: %v", name, err), Advice: "wait until it is done, then try again", Err: err}
	}
	return unlock, true, err
}

// forgetRotation removes what an interrupted rotation left beside a key that is to be
// removed; what that may be in AWS is told.
func (a *App) forgetRotation(ctx context.Context, store *keystore.Store, name string, rotating bool) error {
	if !rotating {
		return nil
	}
	state, err := store.Rotation(ctx, name)
	if err != nil && !errors.Is(err, keystore.ErrDamaged) {
		return err
	}
	if err := store.EndRotation(ctx, name); err != nil {
		return err
	}
	switch {
	case err == nil && state.New.ID != "":
		a.say("forgot its unfinished rotation: AWS may still have both access keys of %[3]s, %[1]s and %[2]s; delete the one that nobody uses", state.Old, state.New.ID, state.User)
	case err == nil:
		a.say("forgot its unfinished rotation: AWS may have made a key for %s whose secret was lost; delete it there", state.User)
	default:
		a.say("forgot its unfinished rotation, which was damaged")
	}
	return nil
}
