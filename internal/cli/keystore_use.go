package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"aws-connector/internal/connector"
	"aws-connector/internal/doctor"
	"aws-connector/internal/dotfile"
	"aws-connector/keystore"

	"github.com/spf13/cobra"
)

func (a *App) keystoreUse() *cobra.Command {
	var identity string
	var copyKeys bool
	cmd := &cobra.Command{
		Use:         "use file|system",
		Short:       "choose the encrypted file or the OS keyring",
		Long:        keystoreUseHelp,
		Annotations: map[string]string{asks: "for the passphrase"},
		ValidArgs:   []cobra.Completion{"file", "system"},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && (args[0] == "file" || args[0] == "system" && identity == "") {
				return nil
			}
			e := &usageError{text: "which one? file or system", advice: "usage: " + cmd.UseLine()}
			if identity != "" {
				e.text = "--identity is for an encrypted file"
			}
			return e
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.useKeystore(cmd.Context(), args[0], identity, copyKeys)
		},
	}
	cmd.Flags().StringVar(&identity, "identity", "", "`PATH` of the private key that opens the file")
	cmd.Flags().BoolVar(&copyKeys, "copy", false, "copy the keys of the other keystore")
	return cmd
}

// useKeystore makes the keystore, if it is a file, and has connectors.toml choose it.
func (a *App) useKeystore(ctx context.Context, kind, identity string, copyKeys bool) error {
	f, err := a.optionalConnectors()
	if err != nil {
		return err
	}
	if identity, err = identityPath(identity); err != nil {
		return err
	}
	choose := func(file *dotfile.File) ([]byte, error) { return chosenIn(file, kind, identity) }
	file, err := dotfile.Read(f.Path)
	if err != nil {
		return err
	}
	if err := file.MayReplace(); err != nil {
		return err
	}
	text, err := choose(file)
	if err != nil {
		return err
	}
	next, err := connector.Parse(f.Path, text)
	if err != nil {
		return err
	}
	store := a.store(next, kind)
	made, err := store.Make(ctx)
	if err == nil && !made {
		err = a.opens(ctx, next, kind)
	}
	if err != nil {
		return err
	}
	if made {
		a.say("made the %s, opened by %s", store, a.openedBy(next))
	}
	if copyKeys {
		if err := a.copyKeys(ctx, next, kind); err != nil {
			return err
		}
	}
	if err := dotfile.Edit(f.Path, choose); err != nil {
		return err
	}
	if string(text) == string(file.Text()) {
		a.say("keys are in the %s already", store)
	} else {
		a.say("keys are in the %s from now on: %s says keystore = %q", store, file.Path(), kind)
	}
	if !copyKeys {
		a.tellLeftBehind(ctx, next, kind)
	}
	if kind == "system" {
		// What keeps the file open is of no more use; where nothing can, that is as well.
		_, _ = a.store(next, "file").Lock(ctx)
	}
	return nil
}

// store returns the keystore of this kind as f has it.
func (a *App) store(f connector.File, kind string) *keystore.Store {
	f.Keystore = kind
	a.opening = f.Opening
	if kind == "file" {
		return a.fileStore(f)
	}
	return systemStore()
}

func other(kind string) string {
	if kind == "file" {
		return "system"
	}
	return "file"
}

// identityPath returns the path as connectors.toml takes it.
func identityPath(path string) (string, error) {
	if path == "" || strings.HasPrefix(path, "~/") {
		return path, nil
	}
	return filepath.Abs(path)
}

// chosenIn returns the text of connectors.toml with the choice of a keystore.
func chosenIn(file *dotfile.File, kind, identity string) ([]byte, error) {
	if err := checkText(file); err != nil {
		return nil, err
	}
	text := connector.SetTop(string(file.Text()), "keystore", literal(kind), "")
	if identity != "" {
		text = connector.SetTop(text, "keystore_identity", literal(identity), "keystore")
	}
	f, err := connector.Parse(file.Path(), []byte(text))
	var broken *connector.Error
	if errors.As(err, &broken) {
		return nil, &usageError{text: broken.Problem, advice: strings.TrimPrefix(broken.Advice+"; nothing was changed", "; ")}
	}
	if err == nil && (f.Keystore != kind || identity != "" && f.Opening.Identity != identity) {
		err = &usageError{text: file.Path() + " has a keystore line that cannot be edited on its own", advice: fmt.Sprintf("write keystore = %q at its top", kind)}
	}
	return []byte(text), err
}

// opens reports why the encrypted file that is there could not be opened in the
// way that was chosen. Nobody is asked for a passphrase.
func (a *App) opens(ctx context.Context, f connector.File, kind string) error {
	if kind != "file" {
		return nil
	}
	_, err := a.silentNames(ctx, a.store(f, kind))
	if errors.Is(err, doctor.ErrAsks) {
		return nil
	}
	return err
}

func (a *App) silentNames(ctx context.Context, store *keystore.Store) ([]string, error) {
	defer func(was bool) { a.silent = was }(a.silent)
	a.silent = true
	state, err := store.Probe(ctx)
	return state.Names, err
}

// copyKeys stores the keys of the other keystore in this one too. A key of that name
// that is there already stays.
func (a *App) copyKeys(ctx context.Context, f connector.File, kind string) error {
	from, to := a.store(f, other(kind)), a.store(f, kind)
	names, err := from.Names(ctx)
	if err != nil {
		return err
	}
	if err := finished(ctx, from); err != nil {
		return err
	}
	if len(names) == 0 {
		a.say("the %s has no keys to copy", from)
	}
	kept := 0
	for _, name := range names {
		key, err := from.Get(ctx, name)
		if err != nil {
			return err
		}
		switch there, err := to.Get(ctx, name); {
		case err == nil && there.Equal(key):
			a.say("key %q (%s) is already there", name, key.ID)
		case err == nil:
			a.say("a different key %q is already there (%s, not %s): it was not replaced", name, there.ID, key.ID)
			kept++
		case !errors.Is(err, keystore.ErrNotFound):
			return err
		default:
			if err := to.Set(ctx, name, key); err != nil {
				return err
			}
			a.say("copied key %q (%s) from the %s, where it stays too", name, key.ID, from)
		}
	}
	if kept > 0 {
		return fmt.Errorf("%s with the same name but different contents: the keystore was not changed; remove the one that you do not want and try again", count(kept, "key"))
	}
	return nil
}

// finished refuses to leave a keystore in which a rotation was interrupted: there may
// be a key of AWS's that is nowhere else.
func finished(ctx context.Context, from *keystore.Store) error {
	names, err := from.Rotations(ctx)
	if err != nil || len(names) == 0 {
		return err
	}
	return &usageError{fmt.Sprintf("the rotation of key %q is unfinished in the %s", names[0], from),
		fmt.Sprintf("nothing was chosen; finish it there with `aws-connector key rotate %s`, then do the same again", names[0])}
}

// tellLeftBehind tells of keys that connectors use and that only the other keystore has.
func (a *App) tellLeftBehind(ctx context.Context, f connector.File, kind string) {
	a.tellInterrupted(ctx, a.store(f, other(kind)))
	used := usedKeys(f)
	if len(used) == 0 {
		return
	}
	have, err := a.silentNames(ctx, a.store(f, kind))
	if err != nil {
		have = nil
	}
	used = slices.DeleteFunc(used, func(name string) bool { return slices.Contains(have, name) })
	from := a.store(f, other(kind))
	left, err := a.silentNames(ctx, from)
	switch {
	case errors.Is(err, keystore.ErrUnavailable), errors.Is(err, keystore.ErrNotMade), len(used) == 0:
		return
	case err != nil:
		a.say("the %s may have keys that connectors use (%s): %v", from, strings.Join(used, ", "), err)
	default:
		left = slices.DeleteFunc(used, func(name string) bool { return !slices.Contains(left, name) })
		if len(left) == 0 {
			return
		}
		a.say("connectors use keys that are in the %s but not in this one: %s", from, strings.Join(left, ", "))
	}
	a.say("hint: `aws-connector keystore use %s --copy` copies them; nothing is removed there", kind)
}

// tellInterrupted tells of rotations in the keystore that is no longer chosen.
func (a *App) tellInterrupted(ctx context.Context, left *keystore.Store) {
	defer func(was bool) { a.silent = was }(a.silent)
	a.silent = true
	state, _ := left.Probe(ctx) // whether it can be opened is told with its keys
	for _, name := range state.Rotating {
		a.say("the rotation of key %q is unfinished in the %s: go back to it and run `aws-connector key rotate %s`", name, left, name)
	}
}

// usedKeys returns the names of keys that connectors use, sorted.
func usedKeys(f connector.File) []string {
	var used []string
	for _, name := range f.Names() {
		if c, err := f.Lookup(name); err == nil && c.Key != "" {
			used = append(used, c.Key)
		}
	}
	slices.Sort(used)
	return slices.Compact(used)
}
