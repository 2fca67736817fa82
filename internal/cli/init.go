package cli

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

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
		Short:       "ask what is needed and write the first connector",
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
	cmd.Flags().BoolVar(&printExample, "example", false, "print a commented example of connectors.toml, and ask nothing")
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
			Advice: "`aws-connector init --example >connectors.toml` writes a commented file to start from"}
	}
	if err != nil {
		return err
	}
	defer t.Close()
	d := draft{file: f}
	q := questions{ctx: ctx, t: t}
	fmt.Fprintf(t, "A connector is written to %s.\nEnter takes what stands in [brackets]; Ctrl-C ends, and nothing is written.\n\n", plain.Line(file.Path()))
	if err := q.connector(&d); err != nil {
		return err
	}
	if startsFromKey(d.method()) {
		if err := a.chooseKey(q, &d, !file.Exists()); err != nil {
			return err
		}
	}
	text, err := d.appendTo(file.Text())
	if err != nil {
		return err
	}
	if d.keyIsNew {
		if err := a.askNewKey(q, &d); err != nil {
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
	return a.offerTrial(q, &d)
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
	if newFile && (errors.Is(err, keystore.ErrUnavailable) || errors.Is(err, keystore.ErrNotMade)) {
		yes, askErr := q.t.Confirm(q.ctx, "No OS keyring can be used. Keep keys in an encrypted file instead?")
		if askErr != nil {
			return askErr
		}
		if !yes {
			return err
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
		// A stored key may be a long-term one, which must not be written over.
		if usual = d.name; slices.Contains(names, usual) {
			usual += "-temporary"
		}
	}
	for {
		key, err := q.key(names, usual)
		if err != nil {
			return err
		}
		d.keyIsNew = !slices.Contains(names, key)
		if !d.keyIsNew && d.method() == connector.STSToken {
			if k, err := d.store.Get(q.ctx, key); err == nil && k.SessionToken.Empty() {
				q.wrong(fmt.Sprintf("key %q is a long-term key; choose another name for the temporary credentials", key))
				continue
			}
		}
		d.set("key", key)
		return nil
	}
}

// askNewKey asks for the draft's key and stores it.
func (a *App) askNewKey(q questions, d *draft) error {
	name := d.value("key")
	fmt.Fprintf(q.t, "\nThere is no key %q yet.\n", name)
	h, err := a.helper(d.file)
	if err != nil {
		return err
	}
	key, err := q.newKey(d.method())
	if err != nil {
		return err
	}
	return a.storeKey(q.ctx, d.store, h, name, key)
}

// offerTrial does what get does, and tells who it is instead.
func (a *App) offerTrial(q questions, d *draft) error {
	yes, err := q.t.Confirm(q.ctx, "\nTry it now?")
	if err != nil {
		return err
	}
	if yes {
		ctx, cancel := context.WithTimeout(q.ctx, timeout)
		defer cancel()
		if err := a.try(ctx, d); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(a.Stdout, "\nNext, a profile for the AWS CLI and SDKs:\n\n  aws-connector configure aws %s\n", d.name)
	return err
}

func (a *App) try(ctx context.Context, d *draft) error {
	h, err := a.open()
	if err != nil {
		return err
	}
	if d.store != nil {
		h.Keys = d.store // which was told the passphrase
	}
	c, err := h.Credentials(ctx, d.name)
	if err != nil {
		return err
	}
	who := ""
	if c.AccountID != "" {
		who = " of account " + c.AccountID
	}
	sessions, err := h.Sessions(ctx)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if s.Connector == d.name && s.AccessKeyID == c.AccessKeyID && s.ARN != "" {
			who = ", " + s.ARN
		}
	}
	until := ""
	if !c.Expires.IsZero() {
		until = ", until " + c.Expires.UTC().Format(time.RFC3339)
	}
	_, err = fmt.Fprintf(a.Stdout, "connector %q hands out %s%s%s\n", d.name, c.AccessKeyID, who, until)
	return err
}
