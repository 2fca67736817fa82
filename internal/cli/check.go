package cli

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/resource"
	"aws-connector/keystore"

	"github.com/spf13/cobra"
)

// toTell is how much of a call's time is kept for telling what came of it.
const toTell = 3 * time.Second

func (a *App) check() *cobra.Command {
	var asJSON bool
	var narrow narrowing
	cmd := &cobra.Command{
		Use:               "check [NAME…]",
		Short:             "test that connectors work and reach their resources",
		Long:              checkHelp,
		ValidArgsFunction: a.completeNames(true, connectorNames),
		RunE: func(cmd *cobra.Command, names []string) error {
			f, err := a.connectors()
			if err == nil {
				f, err = narrow.apply(f, names...)
			}
			if err != nil {
				return err
			}
			if names, err = named(f, names); err != nil {
				return err
			}
			a.warn(doubted(f, names, &narrow))
			return a.checkAll(cmd.Context(), f, names, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	narrow.flags(cmd)
	return cmd
}

// named returns the names given, or all, each once and sorted.
func named(f connector.File, names []string) ([]string, error) {
	if len(names) == 0 {
		if names = f.Names(); len(names) == 0 {
			return nil, &usageError{f.Path + ": no connectors in the file", "add a table [connectors.NAME]"}
		}
	}
	for _, name := range names {
		var unknown *connector.NotFoundError
		if _, err := f.Lookup(name); errors.As(err, &unknown) {
			return nil, err
		}
	}
	names = slices.Clone(names)
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (a *App) checkAll(ctx context.Context, f connector.File, names []string, asJSON bool) error {
	h, err := a.helper(f)
	if err != nil {
		return err
	}
	line := newProgress(a.Stderr)
	t := &telling{out: a.Stdout, screen: screenOf(a.Stdout), line: line, names: names, reports: make([]*resource.Report, len(names)), quiet: asJSON}
	who := a.person()
	who.hold, h.Person = t.hold, who
	h.Keys = &keysOnce{Keys: h.Keys, hold: t.hold, got: map[keyVersion]func() (keystore.Key, error){}}
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-toTell))
		defer cancel()
	}
	started := time.Now()
	line.say(t.waiting())
	checker := resource.Checker{File: f, Source: h, From: h.Source}
	checker.Check(ctx, names, func(i int, r resource.Report) {
		// What was interrupted has found out nothing.
		if !errors.Is(ctx.Err(), context.Canceled) {
			t.done(i, r)
		}
	})
	line.hold()
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case asJSON:
		err = writeJSON(a.Stdout, t.json())
	case len(names) > 1:
		err = t.summary(time.Since(started))
	}
	if status := worst(t.failures()...); status != 0 && err == nil {
		return exited(status)
	}
	return err
}

// keysOnce asks a keystore once for each version of a key: connectors share keys,
// and a keystore may ask a person.
type keysOnce struct {
	helper.Keys
	// hold keeps the screen free while a key is read.
	hold func() (release func())

	mu  sync.Mutex
	got map[keyVersion]func() (keystore.Key, error)
}

type keyVersion struct{ name, generation string }

// Get returns the key called name, or why it was not had the first time.
func (k *keysOnce) Get(ctx context.Context, name string) (keystore.Key, error) {
	generation, err := k.Generation(ctx, name)
	if err != nil {
		generation = "" // of none that is known, so nothing made from it is kept
	}
	of := keyVersion{name, generation}
	k.mu.Lock()
	get, ok := k.got[of]
	if !ok {
		get = sync.OnceValues(func() (keystore.Key, error) {
			defer k.hold()()
			return k.Keys.Get(ctx, name)
		})
		k.got[of] = get
	}
	k.mu.Unlock()
	return get()
}
