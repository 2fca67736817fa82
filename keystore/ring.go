package keystore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

func (r *ring) get(ctx context.Context, name string) (Key, error) {
	text, err := r.read(ctx, name)
	if errors.Is(err, ErrNotFound) {
		r.state.seen(name, fingerprint(""))
		known, _ := r.names(ctx) // the key is missing with or without them
		return Key{}, &NotFoundError{name, ofKeys(known)}
	}
	if err != nil {
		return Key{}, err
	}
	r.state.seen(name, fingerprint(text))
	return usable([]byte(text), "in the OS keyring")
}

// set stores the key between two changes of its generation. It lists the name
// before: a crash in between leaves a name without a key, which is told when it is
// used, and no key unlisted.
func (r *ring) set(ctx context.Context, name string, next func(old []byte) (Key, error)) (replaced bool, err error) {
	old, replaced, err := r.wake(ctx, name)
	if err != nil {
		return false, err
	}
	text, err := after(old, replaced, next)
	if err != nil {
		return false, err
	}
	err = r.change(ctx, name, fingerprint(text), func() error {
		if old, replaced, err = r.wake(ctx, name); err != nil {
			return err
		}
		if now, err := after(old, replaced, next); err != nil || now != text {
			return errors.Join(err, errMeanwhile)
		}
		if err := r.index(ctx, name, true); err != nil {
			return err
		}
		if err = r.write(ctx, name, text); err == nil {
			return nil
		}
		return r.restore(ctx, name, old, replaced, err)
	})
	return replaced, err
}

var errMeanwhile = errors.New("another process changed it meanwhile: try again")

// after returns the text of what next makes of the old key, if there is one.
func after(old string, exists bool, next func(old []byte) (Key, error)) (string, error) {
	var was []byte
	if exists {
		was = []byte(old)
	}
	k, err := next(was)
	if err != nil {
		return "", err
	}
	data, err := encode(k)
	return string(data), err
}

// restore puts the old key back after why. What was given up is left alone: it
// may be carried out at any time, also after what would be written now.
func (r *ring) restore(ctx context.Context, name, old string, was bool, why error) error {
	what := "the key may be in it or not"
	if was {
		what = "it may have the old key or the new one"
	}
	switch {
	case gaveUp(why):
		return &unsureError{why, what}
	case isLocked(why):
		return why // nothing was written, and another dialog would open
	}
	var err error
	if was {
		err = r.write(ctx, name, old)
	} else if err = r.erase(ctx, name); err == nil || errors.Is(err, ErrNotFound) {
		err = r.index(ctx, name, false)
	}
	if err != nil {
		return &unsureError{errors.Join(why, err), what}
	}
	return why
}

func (r *ring) remove(ctx context.Context, name string) error {
	if _, _, err := r.wake(ctx, name); err != nil {
		return err
	}
	return r.change(ctx, name, fingerprint(""), func() error {
		err := r.erase(ctx, name)
		if gaveUp(err) || errors.Is(err, ErrUnavailable) {
			return &unsureError{err, "the key may be in it or not"}
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		return errors.Join(err, r.index(ctx, name, false))
	})
}

// wake returns the text of the key called name, if there is one. It has the
// keyring ask what it must ask before others are made to wait.
func (r *ring) wake(ctx context.Context, name string) (text string, exists bool, err error) {
	text, err = r.read(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return "", false, nil
	}
	return text, err == nil, err
}

// change runs f, which changes the key called name, as the only writer of all of
// this user's processes.
//
// The ledger says so before, and has a new id after; both outlast a crash. Who
// takes the generation in between gets none; who took it before keeps what comes
// of the key, old or new, under an id that is never asked for again. Killed before
// f has changed anything, after it or within it: the next reader finds the mark and
// the lock free, and gives a new id before it reads the key.
func (r *ring) change(ctx context.Context, name, become string, f func() error) error {
	dir, alone, unlock, err := r.state.lock(ctx)
	if errors.Is(err, errNoPlace) {
		return f() // nobody like us can keep anything either
	}
	if err != nil {
		return err
	}
	defer unlock()
	was, err := setLine(dir, name, changing, alone)
	if err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	err = f()
	id := rand.Text()
	switch {
	case errors.Is(err, ErrUnsure):
		id = unsettled + become
	case err != nil && strings.HasPrefix(was, unsettled):
		id = was // what was given up then may come yet
	case become == fingerprint("") && (err == nil || errors.Is(err, ErrNotFound)):
		id = removed + id
	}
	// If this fails the mark stays, as after a crash.
	_, _ = setLine(dir, name, id, alone)
	return err
}

func gaveUp(err error) bool {
	return errors.Is(err, ErrTimeout) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func isLocked(err error) bool {
	return errors.Is(err, ErrLocked) || errors.Is(err, ErrDismissed) || errors.Is(err, ErrNotMade)
}

// fingerprint tells items apart, and nothing about one.
func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x", sum[:8])
}

func (r *ring) names(ctx context.Context) ([]string, error) {
	text, err := r.read(ctx, indexName)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	if err := json.Unmarshal([]byte(text), &names); err != nil {
		return nil, errors.New("the list of names in the OS keyring is damaged; it is rebuilt when a key is stored")
	}
	return names, nil
}

// index adds name to the list of names or takes it off. The caller is the only writer.
func (r *ring) index(ctx context.Context, name string, add bool) error {
	text, err := r.read(ctx, indexName)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	var names []string
	if json.Unmarshal([]byte(text), &names) != nil {
		names = nil
	}
	if slices.Contains(names, name) == add {
		return nil
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n == name })
	if add {
		names = append(names, name)
	}
	slices.Sort(names)
	list, err := json.Marshal(names)
	if err != nil {
		return err
	}
	return r.write(ctx, indexName, string(list))
}

func (r *ring) read(ctx context.Context, name string) (string, error) {
	return r.call(ctx, func() (string, error) { return r.Get(service, name) })
}

// write stores an item and reads it back: a macOS keychain can fail silently.
func (r *ring) write(ctx context.Context, name, text string) error {
	back, err := r.call(ctx, func() (string, error) {
		if err := r.Set(service, name, text); err != nil {
			return "", err
		}
		return r.Get(service, name)
	})
	if err == nil && back != text {
		err = errors.New("the OS keyring did not keep what was stored")
	}
	return err
}

// erase removes an item, and looks whether it is gone.
func (r *ring) erase(ctx context.Context, name string) error {
	gone := false
	_, err := r.call(ctx, func() (string, error) {
		if err := r.Delete(service, name); err != nil {
			return "", err
		}
		_, err := r.Get(service, name)
		gone = errors.Is(r.classify(err), ErrNotFound)
		return "", nil
	})
	if err == nil && !gone {
		err = errors.New("the OS keyring did not remove it")
	}
	return err
}
