package cli

import (
	"context"
	"errors"
	"fmt"

	"aws-connector/internal/connector"
	"aws-connector/keystore"
)

// noKeyring means that there is no OS keyring, and that nobody chose anything else.
type noKeyring struct{ cause error }

func (e *noKeyring) Error() string {
	return e.cause.Error() + ", and connectors.toml chooses no other place for keys"
}
func (e *noKeyring) Unwrap() error { return e.cause }
func (e *noKeyring) Hint() string {
	return "choose an encrypted file: `aws-connector keystore use file` puts it under a passphrase, `aws-connector keystore use file --identity PATH` under an age identity or an ssh-ed25519 key; or start a keyring (gnome-keyring or KWallet under D-Bus) in this session"
}

// chooseKeystore returns connectors.toml with a keystore that a key can be stored
// in. Where there is no keyring and no choice was made it offers the encrypted file
// to a person; a keyring that is locked, that was never made or that does not answer
// is there, and what uses it says so.
func (a *App) chooseKeystore(ctx context.Context, f connector.File, mayAsk bool) (connector.File, error) {
	if f.Keystore != "" {
		return f, nil
	}
	_, err := systemStore().Probe(ctx)
	if !errors.Is(err, keystore.ErrUnavailable) {
		return f, nil
	}
	none := &noKeyring{err}
	if !mayAsk {
		return f, none
	}
	t, err := a.Terminal()
	if err != nil {
		return f, none
	}
	defer t.Close()
	// Hidden, as all that is asked about keys: one may be pasted.
	var yes bool
	err = t.Hidden(func() error {
		fmt.Fprintln(t, "No OS keyring can be reached, and connectors.toml chooses no other place for keys.")
		yes, err = t.Confirm(ctx, "Keep them in an encrypted file, "+keysPath(f)+"?")
		return err
	})
	if err != nil {
		return f, err
	}
	if !yes {
		return f, none
	}
	if err := a.useKeystore(ctx, "file", "", false); err != nil {
		return f, err
	}
	return a.connectors()
}
