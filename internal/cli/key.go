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
	"aws-connector/internal/totp"
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
	cmd := &cobra.Command{Use: "key", Short: "store, list and remove access keys", Long: keyHelp, Args: cobra.ArbitraryArgs, RunE: group}
	cmd.AddCommand(a.keyAdd(), a.keyList(), a.keyRemove(), a.keyRotate())
	cmd.AddCommand(a.keyImport())
	return cmd
}

func (a *App) keyAdd() *cobra.Command {
	var stdin, seed bool
	cmd := &cobra.Command{
		Use:               "add NAME",
		Annotations:       map[string]string{asks: "for the key"},
		Short:             "store an access key",
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
	if f, err = a.chooseKeystore(ctx, f, !stdin); err != nil {
		return fmt.Errorf("key %q: %w", name, err)
	}
	// What refuses the environment does so before anything is asked or stored.
	h, err := a.helper(f)
	if err != nil {
		return err
	}
	store := a.keys(f)
	if err := store.Writable(name); err != nil {
		return err
	}
	if seed {
		return a.addSeed(ctx, store, h, name, stdin)
	}
	var key keystore.Key
	if stdin {
		if key, err = a.readKey(); err == nil {
			key, err = checkKey(name, key)
		}
		if warning := unusualSecret(key); err == nil && warning != "" {
			a.say("warning: %s", warning)
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
	if !key.Expires.IsZero() && !key.Expires.After(a.Now()) {
		a.say("warning: these credentials expired %s: get new ones and store them in the same way", key.Expires.UTC().Format(time.RFC3339))
	}
	if put.KeptTOTP {
		a.say("kept the seed of the MFA device that was stored with it: if the new key is another user's, store that one's with --totp")
	}
	h.NoteStored(ctx, name, key)
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
	if err == nil {
		return key, nil
	}
	e := &usageError{text: "standard input: " + err.Error(),
		advice: `give one object: {"AccessKeyId":"…","SecretAccessKey":"…"}, for temporary credentials with "SessionToken" and "Expiration"; nothing was stored`}
	var unknown *keystore.MemberError
	if errors.As(err, &unknown) && isWord(unknown.Name) {
		e.text = fmt.Sprintf("standard input: %q is not a member of a key", unknown.Name)
		if near := connector.Nearest(unknown.Name, keystore.Members()); near != "" {
			e.advice = fmt.Sprintf("did you mean %q? nothing was stored", near)
		}
	}
	return keystore.Key{}, e
}

// isWord reports whether name reads like a member's, and not like a secret in its place.
func isWord(name string) bool {
	const longest = 30
	other := func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != '-' }
	return len(name) <= longest && strings.ToUpper(name) != name && !strings.ContainsFunc(name, other)
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
