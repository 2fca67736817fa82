package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/tty"
	"aws-connector/keystore"

	"github.com/spf13/cobra"
)

// importing is what the arguments and flags of key import say.
type importing struct {
	profiles                                                []string
	csv, vault, as                                          string
	env, yes, dryRun, noVerify, replace, connectors, remove bool
}

// takeover is one run of key import.
type takeover struct {
	app   *App
	asked importing
	file  connector.File
	h     *helper.Helper
	store *keystore.Store
	from  origin
	// errs are why keys were not stored, or not all was done that was asked for.
	errs []error
}

func (a *App) keyImport() *cobra.Command {
	var o importing
	cmd := &cobra.Command{
		Use:               "import [PROFILE…]",
		Annotations:       map[string]string{asks: "whether to import"},
		Short:             "take over keys that lie in plain text, or in aws-vault",
		Long:              keyImportHelp,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.does = true // what it prints is beside
			o.profiles = args
			if err := o.check(); err != nil {
				return err
			}
			return a.importKeys(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.env, "from-env", false, "take the key in the environment")
	f.StringVar(&o.csv, "from-csv", "", "take the keys in a `FILE` of the AWS console")
	f.Var((*vaultFlag)(&o.vault), "from-aws-vault", "take the keys in aws-vault's files")
	f.Lookup("from-aws-vault").NoOptDefVal = "true"
	f.StringVar(&o.as, "as", "", "`NAME` to store the one key under")
	f.BoolVar(&o.connectors, "connectors", false, "write a connector and a profile for each")
	f.BoolVar(&o.remove, "remove", false, "remove the plain text of what is stored")
	f.BoolVar(&o.replace, "replace", false, "replace other keys of the same names")
	f.BoolVar(&o.noVerify, "no-verify", false, "do not ask AWS whose the keys are")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what it would do, and do nothing")
	return cmd
}

// vaultFlag is a directory, the usual one where none is given.
type vaultFlag string

func (v *vaultFlag) String() string { return "" }
func (v *vaultFlag) Type() string   { return "bool" } // so that pflag shows no value
func (v *vaultFlag) Set(s string) error {
	if *v = vaultFlag(s); s == "true" || s == "" {
		*v = usualVault
	}
	return nil
}

// check refuses flags that do not go together.
func (o *importing) check() error {
	sources := 0
	for _, given := range []bool{o.env, o.csv != "", o.vault != ""} {
		if given {
			sources++
		}
	}
	if o.vault == usualVault && len(o.profiles) > 0 && isPath(o.profiles[0]) {
		o.vault, o.profiles = o.profiles[0], o.profiles[1:]
	}
	switch {
	case sources > 1:
		return &usageError{"keys are imported from one place at a time", "give one of --from-env, --from-csv and --from-aws-vault"}
	case o.env && len(o.profiles) > 0:
		return &usageError{"the environment has one key and no profiles", "--as NAME says what to call it"}
	case o.vault != "" && o.remove:
		return &usageError{"aws-vault's files are encrypted, and not removed", "`aws-vault remove PROFILE` does it, once you have seen that the stored key works"}
	case o.as != "":
		return validKeyName(o.as)
	}
	return nil
}

// isPath tells a directory that follows --from-aws-vault from a profile's name.
func isPath(s string) bool {
	return s == "~" || strings.HasPrefix(s, "~/") || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../") || filepath.IsAbs(s)
}

// importKeys shows what it will do, asks, and does it: each key is verified and
// stored, then connectors and profiles are written, and only then what is now
// stored is removed where it lay.
func (a *App) importKeys(ctx context.Context, o importing) error {
	t := &takeover{app: a, asked: o}
	var err error
	if t.file, err = a.optionalConnectors(); err != nil {
		return err
	}
	if t.h, err = a.helper(t.file); err != nil {
		return err
	}
	if t.from, err = t.look(ctx); err != nil {
		return err
	}
	if len(t.from.found) == 0 {
		a.say("%s: nothing was changed", t.from.nothing)
		return nil
	}
	if !o.dryRun {
		if t.file, err = a.chooseKeystore(ctx, t.file, !o.yes); err != nil {
			return err
		}
	}
	t.store = a.keys(t.file)
	if err := t.plan(ctx); err != nil {
		return err
	}
	if err := t.show(); err != nil {
		return err
	}
	switch yes, err := t.agreed(ctx); {
	case err != nil:
		return err
	case !yes:
		return t.status()
	}
	if t.storeAll(ctx); ctx.Err() != nil {
		return ctx.Err()
	}
	if err := t.follow(ctx); err != nil {
		t.fail(err)
	}
	return t.status()
}

// fail tells an error, and goes on.
func (t *takeover) fail(err error) {
	t.errs = append(t.errs, err)
	fmt.Fprintln(t.app.Stderr, message(err, "\nhint: "))
}

func (t *takeover) status() error {
	if status := worst(t.errs...); status != 0 {
		return exited(status)
	}
	return nil
}

// agreed asks whether to do what was shown, where there is something to do.
func (t *takeover) agreed(ctx context.Context) (bool, error) {
	work := t.work()
	switch {
	case work == "":
		t.app.say("there is nothing to do")
		return len(t.ready()) > 0 && !t.asked.dryRun, nil // what is left to do by hand is told
	case t.asked.dryRun:
		err := t.follow(ctx)
		t.app.say("nothing was changed (--dry-run)")
		return false, err
	case t.asked.yes:
		return true, nil
	}
	term, err := t.app.Terminal()
	if errors.Is(err, tty.ErrNone) {
		return false, &helper.Error{Reason: helper.NeedsPerson, Text: "there is no terminal to ask on whether to do this", Err: err,
			Advice: "nothing was changed; --yes does it without asking, --dry-run shows it"}
	}
	if err != nil {
		return false, err
	}
	defer term.Close()
	// Hidden, as all that is asked about keys: one may be pasted.
	err = term.Hidden(func() error {
		yes, err := term.Confirm(ctx, work+"?")
		if err == nil && !yes {
			err = errors.New("nothing was changed")
		}
		return err
	})
	return err == nil, err
}

// work says in words what is to be done, empty if nothing is.
func (t *takeover) work() string {
	var all []string
	n := 0
	for _, c := range t.from.found {
		if c.does == toStore {
			n++
		}
	}
	if n > 0 {
		all = append(all, fmt.Sprintf("store %s in the %s", count(n, "key"), t.store))
	}
	if ready := t.ready(); len(ready) > 0 && t.asked.connectors {
		all = append(all, fmt.Sprintf("write %s", count(len(ready), "connector")))
	}
	if from := t.removable(); from != "" && t.asked.remove {
		all = append(all, "remove what is stored from "+from)
	}
	if len(all) == 0 {
		return ""
	}
	text := strings.Join(all, ", ")
	return strings.ToUpper(text[:1]) + text[1:]
}
