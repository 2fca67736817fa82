package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"aws-connector/internal/plain"
	"aws-connector/internal/secret"
	"aws-connector/internal/tty"
	"aws-connector/keystore"
)

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
		key, err = askUntil(ctx, t, func(key keystore.Key) error {
			_, err := checkKey(name, key)
			return err
		})
		return err
	})
	return key, err
}

// askUntil asks for a key until it is one that fits.
func askUntil(ctx context.Context, t *tty.Terminal, check func(keystore.Key) error) (keystore.Key, error) {
	for {
		key, err := ask(ctx, t)
		if err != nil {
			return keystore.Key{}, err
		}
		if err = check(key); err == nil {
			return key, nil
		}
		tellWrong(t, err.Error()+": please enter the key again")
	}
}

// tellWrong says on the terminal what was wrong with an answer.
func tellWrong(t *tty.Terminal, what string) { fmt.Fprintf(t, "  %s\n", plain.Line(what)) }

// ask asks for a key, within a dialogue that shows nothing but what is no secret.
func ask(ctx context.Context, t *tty.Terminal) (key keystore.Key, err error) {
	fmt.Fprintln(t, "What you type or paste is not shown, except for the key id.")
	for {
		if key.ID, err = t.AskJudged(ctx, "AWS access key id: ", keystore.IsID); err != nil {
			return key, err
		}
		if keystore.IsID(key.ID) {
			break
		}
		fmt.Fprintln(t, "  that is not an access key id, and is not shown: one has 16 to 128 capital letters and digits, such as AKIA…")
	}
	for {
		if key.Secret, err = askSecret(ctx, t, "AWS secret access key: "); err != nil {
			return key, err
		}
		if key.Secret.Reveal() != key.ID {
			break
		}
		tellWrong(t, "that is the access key id again; the secret access key is the longer one, which AWS shows once, when the key is created")
	}
	if warning := unusualSecret(key); warning != "" {
		tellWrong(t, warning)
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
		fmt.Fprintln(t, "  that is not a time, and is not shown: write it as 2006-01-02T15:04:05Z")
	}
}

// askSecret asks until there is an answer: some terminals paste a line end of
// Windows as two, with an empty line between them. Blanks around it are not its own.
func askSecret(ctx context.Context, t *tty.Terminal, prompt string) (secret.Text, error) {
	for {
		answer, err := t.AskSecret(ctx, prompt)
		answer = secret.New(strings.TrimSpace(answer.Reveal()))
		if err != nil || !answer.Empty() {
			return answer, err
		}
	}
}

// secretLength is how many characters the secret of every access key of AWS has.
const secretLength = 40

// unusualSecret says what is odd about a key's secret, and what to do.
func unusualSecret(key keystore.Key) string {
	n := len(key.Secret.Reveal())
	switch {
	case key.Secret.Reveal() == key.ID:
		return "the secret access key is the same as the access key id: if AWS refuses it, store the key again, with the longer of the two values as the secret"
	case n != secretLength:
		return fmt.Sprintf("the secret access key has %d characters, and AWS's have %d: if AWS refuses it, copy the whole of it again", n, secretLength)
	}
	return ""
}
