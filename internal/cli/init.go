package cli

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"

	"aws-connector/helper"
	"aws-connector/internal/awsconfig"
	"aws-connector/internal/connector"
	"aws-connector/internal/dotfile"
	"aws-connector/internal/plain"
	"aws-connector/internal/tty"
	"aws-connector/keystore"

	"github.com/spf13/cobra"
)

// example is a connectors.toml with each method.
//
//go:embed example.toml
var example string

func (a *App) init() *cobra.Command {
	var printExample bool
	cmd := &cobra.Command{
		Use:         "init",
		Short:       "set up a key and a connector, step by step",
		Long:        initHelp,
		Args:        noArguments,
		Annotations: map[string]string{asks: "yes"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if printExample {
				_, err := io.WriteString(a.Stdout, example)
				return err
			}
			return a.guide(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&printExample, "example", false, "print an example of connectors.toml with comments")
	return cmd
}

// guide asks for a connector, writes it and offers to try it. Nothing is stored
// or written before the last answer.
func (a *App) guide(ctx context.Context) error {
	path, err := configPath()
	if err != nil {
		return err
	}
	if _, err := a.environment(); err != nil {
		return err
	}
	file, err := dotfile.Read(path)
	if err != nil {
		return err
	}
	if err := checkText(file); err != nil {
		return err
	}
	if err := file.MayReplace(); err != nil {
		return err
	}
	f, err := a.optionalConnectors()
	if err != nil {
		return err
	}
	t, err := a.Terminal()
	if errors.Is(err, tty.ErrNone) {
		return &helper.Error{Reason: helper.NeedsPerson, Text: "init asks on a terminal, and there is none", Err: err,
			Advice: "`aws-connector init --example >connectors.toml` writes an example to start from"}
	}
	if err != nil {
		return err
	}
	defer t.Close()
	q := questions{ctx: ctx, t: t}
	fmt.Fprintf(t, "This adds a connector to %s.\nEnter accepts the answer in [brackets]. Ctrl-C quits without writing anything.\n\n", plain.Line(file.Path()))
	d, file, text, err := a.draftConnector(q, f, file)
	if err != nil {
		return err
	}
	if d.keyIsNew {
		if err := a.askNewKey(q, d); err != nil {
			return err
		}
	}
	if err := file.Replace(text); err != nil {
		return err
	}
	if _, err := io.WriteString(a.Stdout, dotfile.Diff(file.Path(), file.Text(), text, outlineOld(file.Text()))); err != nil {
		return err
	}
	fmt.Fprintf(a.Stderr, "wrote %s\n", file.Path())
	if err := a.offerTrial(q, d); err != nil {
		return err
	}
	return a.offerClients(q, d)
}

var (
	// errAgain means that an answer leads back to the first question.
	errAgain = errors.New("asked again")
	// errChosen means that the file says now where keys are.
	errChosen = errors.New("a keystore was chosen")
)

// draftConnector asks until the answers make a connector that the file can have.
func (a *App) draftConnector(q questions, f connector.File, file *dotfile.File) (*draft, *dotfile.File, []byte, error) {
	for {
		d := &draft{file: f}
		err := q.connector(d)
		if err == nil && startsFromKey(d.method()) {
			err = a.chooseKey(q, d, !file.Exists())
		}
		if errors.Is(err, errChosen) {
			if file, err = dotfile.Read(file.Path()); err == nil {
				f, err = a.connectors()
			}
			if d.file = f; err == nil {
				err = a.chooseKey(q, d, false)
			}
		}
		var text []byte
		if err == nil {
			text, err = d.appendTo(file.Text())
		}
		var wrong *usageError
		switch {
		case errors.As(err, &wrong):
			q.wrong(wrong.text + ": please answer once more")
		case !errors.Is(err, errAgain):
			return d, file, text, err
		}
		fmt.Fprintln(q.t)
	}
}

// outlineOld shows of a file what follows old, which may have a secret in a
// comment or in a wrong place.
func outlineOld(old []byte) func([]byte) []byte {
	nobody := func(string) bool { return false }
	return func(text []byte) []byte {
		n := min(len(old), len(text))
		return append(awsconfig.Outline(text[:n], nobody), text[n:]...)
	}
}

// chooseKey asks which key the connector uses. Where there is no keyring and no
// file that says what to do instead, it offers the encrypted file.
func (a *App) chooseKey(q questions, d *draft, newFile bool) error {
	d.store = a.keys(d.file)
	names, err := d.store.Names(q.ctx)
	if others := d.file.KeyPrograms(); len(others) > 0 && (errors.Is(err, keystore.ErrUnavailable) || errors.Is(err, keystore.ErrNotMade)) {
		names, err = nil, nil // other programs keep keys, and one of these may be meant
		for _, k := range others {
			names = append(names, k.Name)
		}
	}
	if d.file.Keystore == "" && (errors.Is(err, keystore.ErrUnavailable) || errors.Is(err, keystore.ErrNotMade)) {
		yes, askErr := q.t.Confirm(q.ctx, "No OS keyring can be used. Keep keys in an encrypted file instead?")
		if askErr != nil {
			return askErr
		}
		if !yes {
			q.wrong("choose a method that stores no key (implicit, web-identity or process), or start a keyring before you answer")
			return errAgain
		}
		if !newFile {
			if err := a.useKeystore(q.ctx, "file", "", false); err != nil {
				return err
			}
			return errChosen
		}
		d.file.Keystore = "file"
		d.store = a.keys(d.file)
		names, err = d.store.Names(q.ctx)
	}
	if err != nil {
		return err
	}
	usual := d.file.Default("key")
	if d.method() == connector.STSToken {
		// A long-term key must not be written over: AWS never shows its secret again.
		if usual = d.name; slices.Contains(names, usual) && !isTemporary(q.ctx, d.store, usual) {
			usual += "-temporary"
		}
		names = slices.DeleteFunc(names, func(name string) bool { return !isTemporary(q.ctx, d.store, name) })
	}
	for {
		key, err := q.key(names, usual)
		if err != nil {
			return err
		}
		d.keyIsNew = !slices.Contains(names, key)
		if _, err := d.store.Get(q.ctx, key); err == nil && d.keyIsNew {
			q.wrong(fmt.Sprintf("key %q is a long-term key; choose another name for the temporary credentials", key))
			continue
		}
		d.set("key", key)
		return nil
	}
}

func isTemporary(ctx context.Context, store *keystore.Store, name string) bool {
	k, err := store.Get(ctx, name)
	return err == nil && !k.SessionToken.Empty()
}

// askNewKey asks for the draft's key and stores it.
func (a *App) askNewKey(q questions, d *draft) error {
	name := d.value("key")
	if _, err := d.store.Get(q.ctx, name); errors.Is(err, keystore.ErrNotFound) {
		fmt.Fprintf(q.t, "\nThere is no key %q yet.\n", name)
	}
	h, err := a.helper(d.file)
	if err != nil {
		return err
	}
	key, err := q.newKey(d.method())
	if err != nil {
		return err
	}
	for {
		err := a.storeKey(q.ctx, d.store, h, name, key)
		if !errors.Is(err, errMistyped) {
			return err
		}
		q.wrong(err.Error() + ": here it is again")
	}
}
