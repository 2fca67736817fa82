package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/plain"
	"aws-connector/internal/secret"
	"aws-connector/internal/totp"
	"aws-connector/internal/tty"
	"aws-connector/keystore"

	"github.com/spf13/cobra"
)

const (
	// stdinLimit is more than any key takes.
	stdinLimit = 64 << 10
	// tidying bounds what is done for order's sake once the answer is there.
	tidying = 2 * time.Second
)

func (a *App) key() *cobra.Command {
	cmd := &cobra.Command{Use: "key", Short: "keep long-term keys in the OS keyring", Long: keyHelp, Args: cobra.ArbitraryArgs, RunE: group}
	cmd.AddCommand(a.keyAdd(), a.keyList(), a.keyRemove(), a.keyRotate())
	return cmd
}

func (a *App) keyAdd() *cobra.Command {
	var stdin, seed bool
	cmd := &cobra.Command{
		Use:               "add NAME",
		Annotations:       map[string]string{asks: "for the key"},
		Short:             "store a key, asking for it on the terminal",
		Long:              keyAddHelp,
		Args:              oneName("key"),
		ValidArgsFunction: a.completeNames(false, keyNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.addKey(cmd.Context(), args[0], stdin, seed)
		},
	}
	cmd.Flags().BoolVar(&stdin, "stdin", false, "read the key as JSON from standard input, and replace")
	cmd.Flags().BoolVar(&seed, "totp", false, "store the seed of the MFA device with the key")
	return cmd
}

func (a *App) addKey(ctx context.Context, name string, stdin, seed bool) error {
	if err := validKeyName(name); err != nil {
		return err
	}
	f, err := a.optionalConnectors()
	if err != nil {
		return err
	}
	// What refuses the environment does so before anything is asked or stored.
	h, err := a.helper(f)
	if err != nil {
		return err
	}
	store := a.keys(f)
	if seed {
		return a.addSeed(ctx, store, h, name, stdin)
	}
	var key keystore.Key
	if stdin {
		if key, err = a.readKey(); err == nil {
			key, err = checkKey(name, key)
		}
	} else {
		key, err = a.askKey(ctx, store, name)
	}
	if err != nil {
		return err
	}
	return a.storeKey(ctx, store, h, name, key)
}

// checkKey refuses what is no key, before anything is stored.
func checkKey(name string, key keystore.Key) (keystore.Key, error) {
	err := key.Check()
	if err == nil && !key.TOTP.Empty() {
		var seed totp.Seed
		if seed, err = parseSeed(key.TOTP.Reveal()); err != nil {
			err = fmt.Errorf("its TOTP is %w", err)
		}
		key.TOTP = seed.Text()
	}
	if err != nil {
		return keystore.Key{}, &usageError{text: fmt.Sprintf("key %q: %v", name, err), advice: "nothing was stored"}
	}
	return key, nil
}

// storeKey stores a key and drops what was made from one of that name.
func (a *App) storeKey(ctx context.Context, store *keystore.Store, h *helper.Helper, name string, key keystore.Key) error {
	put, err := store.Put(ctx, name, key)
	if err != nil {
		return err
	}
	done := "stored"
	if put.Replaced {
		done = "replaced"
	}
	with := ""
	if !key.TOTP.Empty() {
		with = ", and the seed of an MFA device with it,"
	}
	a.say("%s key %q (%s)%s in the %s", done, name, key.ID, with, store)
	if put.KeptTOTP {
		a.say("kept the seed of the MFA device that was stored with it: if the new key is another user's, store that one's with --totp")
	}
	a.dropKey(ctx, h, name)
	return nil
}

func (a *App) readKey() (keystore.Key, error) {
	data, err := io.ReadAll(io.LimitReader(a.Stdin, stdinLimit+1))
	if err != nil {
		return keystore.Key{}, fmt.Errorf("standard input: %w", err)
	}
	return parseKey(data)
}

func parseKey(data []byte) (keystore.Key, error) {
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
	var key keystore.Key
	// From the first question on: a key that is pasted as a whole answers it, too.
	err = t.Hidden(func() error {
		switch _, err := store.Get(ctx, name); {
		case err == nil, errors.Is(err, keystore.ErrDamaged):
			yes, err := t.Confirm(ctx, fmt.Sprintf("Key %q exists. Replace it?", name))
			if err != nil {
				return err
			}
			if !yes {
				return errors.New("nothing was changed")
			}
		case !errors.Is(err, keystore.ErrNotFound):
			return err
		}
		if key, err = ask(ctx, t); err != nil {
			return err
		}
		key, err = checkKey(name, key)
		return err
	})
	return key, err
}

// ask asks for a key, within a dialogue that shows nothing but what is no secret.
func ask(ctx context.Context, t *tty.Terminal) (key keystore.Key, err error) {
	fmt.Fprintln(t, "Nothing that you type or paste is shown; the id is, once it was read.")
	for {
		if key.ID, err = t.AskJudged(ctx, "AWS access key id: ", keystore.IsID); err != nil {
			return key, err
		}
		if keystore.IsID(key.ID) {
			break
		}
		fmt.Fprintln(t, "  that is no access key id, and is not shown: one has 16 to 128 capital letters and digits, as AKIA…")
	}
	if key.Secret, err = askSecret(ctx, t, "AWS secret access key: "); err != nil {
		return key, err
	}
	if !strings.HasPrefix(key.ID, "ASIA") {
		return key, nil
	}
	if key.SessionToken, err = askSecret(ctx, t, "AWS session token: "); err != nil {
		return key, err
	}
	for {
		fit := func(answer string) bool {
			key.Expires, err = time.Parse(time.RFC3339, answer)
			return err == nil
		}
		until, err := t.AskJudged(ctx, "Expires at (RFC 3339, empty if not known): ", fit)
		if err != nil || until == "" || fit(until) {
			return key, err
		}
		fmt.Fprintln(t, "  that is no time, and is not shown: write it as 2006-01-02T15:04:05Z")
	}
}

// askSecret asks until there is an answer: some terminals paste a line end of
// Windows as two, with an empty line between them.
func askSecret(ctx context.Context, t *tty.Terminal, prompt string) (secret.Text, error) {
	for {
		if answer, err := t.AskSecret(ctx, prompt); err != nil || !answer.Empty() {
			return answer, err
		}
	}
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
				if _, err := fmt.Fprintln(a.Stdout, plain.Visible(name)); err != nil {
					return err
				}
			}
			a.tellRotations(cmd.Context(), a.keys(f))
			return nil
		},
	}
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
