package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/connector"
	"aws-connector/internal/tty"
	"aws-connector/keystore"

	"github.com/spf13/cobra"
)

// stdinLimit is more than any key takes.
const stdinLimit = 64 << 10

func (a *App) key() *cobra.Command {
	cmd := &cobra.Command{Use: "key", Short: "keep long-term keys in the OS keyring", Long: keyHelp, Args: cobra.ArbitraryArgs, RunE: group}
	cmd.AddCommand(a.keyAdd(), a.keyList(), a.keyRemove())
	return cmd
}

func (a *App) keyAdd() *cobra.Command {
	var stdin bool
	cmd := &cobra.Command{
		Use:               "add NAME",
		Annotations:       map[string]string{asks: "for the key"},
		Short:             "store a key, asking for it on the terminal",
		Long:              keyAddHelp,
		Args:              oneName("key"),
		ValidArgsFunction: a.completeNames(false, keyNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.addKey(cmd.Context(), args[0], stdin)
		},
	}
	cmd.Flags().BoolVar(&stdin, "stdin", false, "read the key as JSON from standard input, and replace")
	return cmd
}

func (a *App) addKey(ctx context.Context, name string, stdin bool) error {
	if err := validKeyName(name); err != nil {
		return err
	}
	f, err := a.optionalConnectors()
	if err != nil {
		return err
	}
	store := a.keys(f)
	var key keystore.Key
	if stdin {
		key, err = a.readKey()
	} else {
		key, err = a.askKey(ctx, store, name)
	}
	if err != nil {
		return err
	}
	if err := key.Check(); err != nil {
		return &usageError{text: fmt.Sprintf("key %q: %v", name, err), advice: "nothing was stored"}
	}
	return a.storeKey(ctx, store, f, name, key)
}

// storeKey stores a key and drops what was made from one of that name.
func (a *App) storeKey(ctx context.Context, store *keystore.Store, f connector.File, name string, key keystore.Key) error {
	if err := store.Set(ctx, name, key); err != nil {
		return err
	}
	fmt.Fprintf(a.Stderr, "stored key %q (%s) in the %s\n", name, key.ID, store)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return a.dropKey(ctx, f, name)
}

func (a *App) readKey() (keystore.Key, error) {
	data, err := io.ReadAll(io.LimitReader(a.Stdin, stdinLimit+1))
	if err != nil {
		return keystore.Key{}, fmt.Errorf("standard input: %w", err)
	}
	key, err := keystore.ParseKey(data)
	if err != nil {
		return keystore.Key{}, &usageError{text: "standard input: " + err.Error(),
			advice: `give one object: {"AccessKeyId":"…","SecretAccessKey":"…"}, for temporary credentials with "SessionToken" and "Expiration"; nothing was stored`}
	}
	return key, nil
}

func (a *App) askKey(ctx context.Context, store *keystore.Store, name string) (keystore.Key, error) {
	t, err := a.Terminal()
	if err != nil {
		return keystore.Key{}, fmt.Errorf("key %q: %w", name, err)
	}
	defer t.Close()
	switch _, err := store.Get(ctx, name); {
	case err == nil:
		yes, err := t.Confirm(ctx, fmt.Sprintf("Key %q exists. Replace it?", name))
		if err != nil {
			return keystore.Key{}, err
		}
		if !yes {
			return keystore.Key{}, errors.New("nothing was changed")
		}
	case !errors.Is(err, keystore.ErrNotFound):
		return keystore.Key{}, err
	}
	return ask(ctx, t)
}

func ask(ctx context.Context, t *tty.Terminal) (key keystore.Key, err error) {
	if key.ID, err = t.Ask(ctx, "AWS access key id: "); err != nil {
		return key, err
	}
	if key.Secret, err = t.AskSecret(ctx, "AWS secret access key: "); err != nil {
		return key, err
	}
	if !strings.HasPrefix(key.ID, "ASIA") {
		return key, nil
	}
	if key.SessionToken, err = t.AskSecret(ctx, "AWS session token: "); err != nil {
		return key, err
	}
	until, err := t.Ask(ctx, "Expires at (RFC 3339, empty if not known): ")
	if err != nil || until == "" {
		return key, err
	}
	if key.Expires, err = time.Parse(time.RFC3339, until); err != nil {
		return key, &usageError{text: fmt.Sprintf("%q is not a time", until), advice: "write it as 2006-01-02T15:04:05Z; nothing was stored"}
	}
	return key, nil
}

func (a *App) keyList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "print the names of the stored keys",
		Long:  keyListHelp,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := a.optionalConnectors()
			if err != nil {
				return err
			}
			names, err := a.keys(f).Names(cmd.Context())
			if err != nil {
				return err
			}
			for _, name := range names {
				if _, err := fmt.Fprintln(a.Stdout, name); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (a *App) keyRemove() *cobra.Command {
	return &cobra.Command{
		Use:               "remove NAME",
		Short:             "forget a key and every session made from it",
		Long:              keyRemoveHelp,
		Args:              oneName("key"),
		ValidArgsFunction: a.completeNames(false, keyNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := args[0]
			if err := validKeyName(name); err != nil {
				return err
			}
			f, err := a.optionalConnectors()
			if err != nil {
				return err
			}
			store := a.keys(f)
			if err := store.Remove(cmd.Context(), name); err != nil {
				return err
			}
			fmt.Fprintf(a.Stderr, "removed key %q from the %s\n", name, store)
			return a.dropKey(cmd.Context(), f, name)
		},
	}
}

// dropKey forgets the sessions that were made from a key which is no longer what it was.
func (a *App) dropKey(ctx context.Context, f connector.File, name string) error {
	h, err := a.helper(f)
	if err != nil {
		return err
	}
	ctx, cancel := withTimeout(ctx)
	defer cancel()
	n, err := h.DropKey(ctx, name)
	if err != nil && !cache.Unused(err) {
		return fmt.Errorf("sessions of key %q: %w", name, err)
	}
	if n > 0 {
		fmt.Fprintf(a.Stderr, "dropped %s made from it\n", count(n, "cached credential"))
	}
	return nil
}

// validKeyName refuses what cannot be a name, without showing it: it may be a secret.
func validKeyName(name string) error {
	if connector.ValidName(name) && !looksLikeKey(name) {
		return nil
	}
	return &usageError{text: "that is not a name of a key", advice: "a name has at most 64 letters, digits, dots, dashes and underscores and begins with a letter or digit; secrets are never arguments"}
}

func looksLikeKey(name string) bool {
	return len(name) >= 20 && (strings.HasPrefix(name, "AKIA") || strings.HasPrefix(name, "ASIA")) && strings.ToUpper(name) == name
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
