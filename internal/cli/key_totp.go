package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"aws-connector/helper"
	"aws-connector/internal/secret"
	"aws-connector/internal/totp"
	"aws-connector/internal/tty"
	"aws-connector/keystore"
)

// addSeed stores the seed of an MFA device beside the key called name, which is
// asked for too if there is none yet.
func (a *App) addSeed(ctx context.Context, store *keystore.Store, h *helper.Helper, name string, stdin bool) error {
	var key keystore.Key
	var seed secret.Text
	var err error
	if stdin {
		key, seed, err = a.readSeed(name)
	} else {
		key, seed, err = a.askSeed(ctx, store, name)
	}
	switch {
	case err != nil:
		return err
	case key.ID != "":
		key.TOTP = seed
		return a.storeKey(ctx, store, h, name, key)
	}
	key, err = store.SetTOTP(ctx, name, seed)
	if err != nil {
		return err
	}
	a.say("stored the seed of an MFA device with key %q (%s) in the %s", name, key.ID, store)
	h.NoteStored(ctx, name, key)
	a.dropKey(ctx, h, name)
	return nil
}

// readSeed reads a seed from standard input, or a key with one.
func (a *App) readSeed(name string) (keystore.Key, secret.Text, error) {
	data, err := io.ReadAll(io.LimitReader(a.Stdin, stdinLimit+1))
	if err != nil {
		return keystore.Key{}, secret.Text{}, fmt.Errorf("standard input: %w", err)
	}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		key, err := parseKey(data)
		if err == nil && key.TOTP.Empty() {
			err = &usageError{text: "standard input: the key has no TOTP", advice: `add "TOTP", the seed, to the object, or leave --totp out; nothing was stored`}
		}
		if err == nil {
			key, err = checkKey(name, key)
		}
		return key, key.TOTP, err
	}
	seed, err := parseSeed(string(data))
	if err != nil {
		return keystore.Key{}, secret.Text{}, &usageError{text: fmt.Sprintf("standard input: it is %v", err), advice: "give what AWS shows for the device: its secret key or the text of the QR code; nothing was stored"}
	}
	return keystore.Key{}, seed.Text(), nil
}

// askSeed asks for a seed on the terminal, and for the key where there is none.
func (a *App) askSeed(ctx context.Context, store *keystore.Store, name string) (key keystore.Key, seed secret.Text, err error) {
	t, err := a.Terminal()
	if err != nil {
		return key, seed, fmt.Errorf("key %q: %w", name, err)
	}
	defer t.Close()
	err = t.Hidden(func() error {
		switch _, err := store.Get(ctx, name); {
		case errors.Is(err, keystore.ErrNotFound):
			if key, err = ask(ctx, t); err != nil {
				return err
			}
			if key, err = checkKey(name, key); err != nil {
				return err
			}
		case err != nil:
			return err
		}
		seed, err = askTOTP(ctx, t)
		return err
	})
	return key, seed, err
}

// parseSeed reads a seed of a device that AWS can know.
func parseSeed(text string) (totp.Seed, error) {
	seed, err := totp.Parse(text)
	if err == nil {
		err = seed.Check()
	}
	return seed, err
}

func askTOTP(ctx context.Context, t *tty.Terminal) (secret.Text, error) {
	fmt.Fprintln(t, "The seed of the MFA device is what AWS shows as its secret key, or the text of the QR code.")
	for {
		answer, err := askSecret(ctx, t, "Seed (not shown): ")
		if err != nil {
			return secret.Text{}, err
		}
		seed, err := parseSeed(answer.Reveal())
		if err == nil {
			return seed.Text(), nil
		}
		fmt.Fprintf(t, "  that is %v\n", err)
	}
}
