package cli

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/keystore"

	"github.com/spf13/cobra"
)

// The kinds of keys.
const (
	longTerm  = "long-term"
	temporary = "temporary"
	byProcess = "process"
)

// listedKey is a key as `key list --json` tells it. Times are RFC 3339; what is not
// known is absent.
type listedKey struct {
	Name string `json:"name"`
	Kind string `json:"kind,omitempty"`
	// Program keeps the key and prints it.
	Program     string `json:"program,omitempty"`
	AccessKeyID string `json:"access_key_id,omitempty"`
	TOTP        bool   `json:"totp,omitempty"`
	Created     string `json:"created_at,omitempty"`
	Expires     string `json:"expires_at,omitempty"`
	Expired     bool   `json:"expired,omitempty"`
	Used        string `json:"last_used_at,omitempty"`
	// Rotating means that `key rotate` was interrupted.
	Rotating   bool     `json:"rotation_unfinished,omitempty"`
	Connectors []string `json:"connectors"`
	Problem    string   `json:"problem,omitempty"`
	Hint       string   `json:"hint,omitempty"`

	created, expires, used time.Time
	temporary              bool
	err                    error // Problem
}

func (a *App) keyList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "list the keys, how old they are and who uses them",
		Long:  keyListHelp,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := a.optionalConnectors()
			if err != nil {
				return err
			}
			l := keyLister{f: f, store: a.keys(f), now: a.Now()}
			l.known = &helper.Helper{Connectors: f, Keys: l.store, KeyNotes: keyNotes(), Now: a.Now}
			all, unopened := l.list(cmd.Context())
			if unopened != nil && exitStatus(unopened) == exitUsage {
				return unopened
			}
			if errors.Is(cmd.Context().Err(), context.Canceled) {
				return cmd.Context().Err()
			}
			if asJSON {
				err = writeJSON(a.Stdout, all)
			} else {
				err = a.writeKeys(all, l.now)
			}
			if err != nil {
				return err
			}
			if unopened == nil && !asJSON { // else it would be asked for once more
				a.tellKeystore(cmd.Context(), l.store)
			}
			return unopened
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// tellKeystore says beside the list until when the keystore is unlocked, if it is,
// and which rotations were interrupted.
func (a *App) tellKeystore(ctx context.Context, store *keystore.Store) {
	if until, ok, err := store.Unlocked(ctx); err == nil && ok && !until.IsZero() {
		a.say("the keystore is unlocked %s", a.untilWords(until))
	}
	a.tellRotations(ctx, store)
}

// keyLister finds out what there is to tell of keys.
type keyLister struct {
	f     connector.File
	store *keystore.Store
	// known is asked only what is known without opening the keystore.
	known *helper.Helper
	now   time.Time
}

// list returns the keys by name. Where the keystore cannot be opened, unopened is
// why, and of its keys there is only what is known all the same.
func (l keyLister) list(ctx context.Context) (all []listedKey, unopened error) {
	names, unopened := l.store.Names(ctx)
	if unopened != nil {
		names = l.names()
		if l.needless(unopened) {
			unopened = nil
		}
	}
	// What is in the middle of being changed is no key yet.
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, ".") })
	all = make([]listedKey, len(names))
	var programs sync.WaitGroup
	for i, name := range names {
		all[i] = l.begin(ctx, name)
		if all[i].Kind == byProcess {
			continue
		}
		if unopened == nil {
			k, err := l.store.Get(ctx, name)
			if err != nil && !errors.Is(err, keystore.ErrNotFound) && !errors.Is(err, keystore.ErrDamaged) {
				unopened = err
			}
			all[i].add(k, err, l.now)
		} else {
			all[i].Problem, all[i].Hint = unopened.Error(), hintFor(unopened)
		}
	}
	// After the keystore, which may have had a question of its own.
	for i := range all {
		if all[i].Kind == byProcess {
			programs.Go(func() {
				k, err := l.store.Get(ctx, all[i].Name)
				all[i].add(k, err, l.now)
			})
		}
	}
	programs.Wait()
	if unopened == nil {
		rotating, err := l.store.Rotations(ctx)
		for i := range all { // what is listed is there without them
			all[i].Rotating = err == nil && slices.Contains(rotating, all[i].Name)
		}
	}
	return all, unopened
}

// names are those of keys that are known without opening the keystore: by itself,
// and by connectors.
func (l keyLister) names() []string {
	names := l.store.Known()
	for _, name := range l.f.Names() {
		if c, err := l.f.Lookup(name); err == nil && c.Key != "" {
			names = append(names, c.Key)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// needless reports whether there is no keyring where none was asked for: all keys
// are with other programs.
func (l keyLister) needless(err error) bool {
	if l.f.Keystore != "" || !errors.Is(err, keystore.ErrUnavailable) && !errors.Is(err, keystore.ErrNotMade) {
		return false
	}
	others := 0
	for _, name := range l.names() {
		if _, ok := l.f.KeyProgram(name); !ok {
			return false
		}
		others++
	}
	return others > 0
}

// begin returns what is known of the key called name before it is read.
func (l keyLister) begin(ctx context.Context, name string) listedKey {
	k := listedKey{Name: name, Connectors: []string{}}
	k.Connectors = append(k.Connectors, l.f.UsersOf(name)...)
	if p, ok := l.f.KeyProgram(name); ok {
		k.Kind = byProcess
		if p.Process != nil {
			k.Program = p.Process[0]
		}
	}
	if u, ok := l.known.KeyUse(ctx, name); ok && u.Current {
		k.AccessKeyID, k.created, k.used = u.ID, u.Created, u.Used
		k.Created, k.Used = rfc3339(u.Created), rfc3339(u.Used)
	}
	return k
}

// add adds what is in the key, or why it cannot be read.
func (l *listedKey) add(k keystore.Key, err error, now time.Time) {
	if err != nil {
		l.err, l.Problem, l.Hint = err, err.Error(), hintFor(err)
		return
	}
	if l.AccessKeyID != k.ID {
		l.Used, l.used = "", time.Time{} // of the key before
	}
	l.AccessKeyID, l.TOTP, l.created, l.expires, l.temporary = k.ID, !k.TOTP.Empty(), k.Created, k.Expires, !k.SessionToken.Empty()
	l.Created, l.Expires = rfc3339(k.Created), rfc3339(k.Expires)
	l.Expired = !k.Expires.IsZero() && !k.Expires.After(now)
	switch {
	case l.Kind == byProcess:
	case l.temporary:
		l.Kind = temporary
	default:
		l.Kind = longTerm
	}
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
