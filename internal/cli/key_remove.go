package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/keystore"

	"github.com/spf13/cobra"
)

func (a *App) keyRemove() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:               "remove NAME",
		Annotations:       map[string]string{asks: "whether to remove it"},
		Short:             "delete a key and the sessions made from it",
		Long:              keyRemoveHelp,
		Args:              oneName("key"),
		ValidArgsFunction: a.completeNames(false, keyNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.removeKey(cmd.Context(), args[0], force)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "don't ask")
	return cmd
}

func (a *App) removeKey(ctx context.Context, name string, force bool) error {
	if err := validKeyName(name); err != nil {
		return err
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
	users := usersOf(f, name)
	unlock, rotating, err := a.removableRotation(ctx, store, name)
	if err != nil {
		return err
	}
	defer unlock()
	if !force {
		// Without the key there is what an interrupted rotation left.
		if err := a.confirmRemoval(ctx, store, name, users); err != nil && !(rotating && errors.Is(err, keystore.ErrNotFound)) {
			return err
		}
	}
	if err := a.forgetRotation(ctx, store, name, rotating); err != nil {
		return err
	}
	if err := store.Remove(ctx, name); err != nil {
		if rotating && errors.Is(err, keystore.ErrNotFound) {
			return nil
		}
		return err
	}
	a.say("removed key %q from the %s", name, store)
	if force && users != "" {
		a.say("%s", users)
	}
	h.NoteRemoved(name)
	a.dropKey(ctx, h, name)
	return nil
}

// confirmRemoval asks, since what is removed cannot be had again.
func (a *App) confirmRemoval(ctx context.Context, store *keystore.Store, name, users string) error {
	if _, err := store.Get(ctx, name); errors.Is(err, keystore.ErrNotFound) {
		return err
	}
	t, err := a.Terminal()
	if err != nil {
		text := fmt.Sprintf("key %q: there is no terminal to ask whether to remove it", name)
		if users != "" {
			text += "; " + users
		}
		return &helper.Error{Reason: helper.NeedsPerson, Text: text, Advice: "`aws-connector key remove " + name + " --force` does not ask; AWS never shows the secret again", Err: err}
	}
	defer t.Close()
	if users != "" {
		fmt.Fprintln(t, users+".")
	}
	// Hidden, as all that is asked about keys: one may be pasted.
	return t.Hidden(func() error {
		yes, err := t.Confirm(ctx, fmt.Sprintf("AWS never shows the secret again. Remove key %q?", name))
		if err == nil && !yes {
			err = errors.New("nothing was changed")
		}
		return err
	})
}

// usersOf says which connectors use the key called name; it is empty where none does.
func usersOf(f connector.File, name string) string {
	users := f.UsersOf(name)
	for i, user := range users {
		users[i] = helper.Clean(user)
	}
	switch len(users) {
	case 0:
		return ""
	case 1:
		return "connector " + users[0] + " uses it"
	}
	return "connectors " + strings.Join(users, ", ") + " use it"
}

// dropKey forgets the sessions that were made from a key which is no longer what
// it was. No caller is answered with them any more: this is but tidying, and
// neither fails nor is waited for.
func (a *App) dropKey(ctx context.Context, h *helper.Helper, name string) {
	ctx, cancel := context.WithTimeout(ctx, tidying)
	defer cancel()
	n, err := h.Forget(ctx, name)
	if err != nil && h.Log != nil {
		h.Log.Debug("not every session was dropped", "key", name, "err", err)
	}
	if n > 0 {
		a.say("dropped %s made from it", count(n, "cached credential"))
	}
}
