package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/keystore"

	"github.com/spf13/cobra"
)

// How long `keystore unlock` may keep the file open.
const (
	shortestUnlock = time.Second
	longestUnlock  = 24 * time.Hour
)

func (a *App) keystore() *cobra.Command {
	cmd := &cobra.Command{Use: "keystore", Short: "choose where keys are kept, and unlock the encrypted file", Long: keystoreHelp, Args: cobra.ArbitraryArgs, RunE: group}
	cmd.AddCommand(a.keystoreUse(), a.keystoreUnlock(), a.keystoreLock(), a.keystoreStatus())
	return cmd
}

func (a *App) keystoreUnlock() *cobra.Command {
	var period string
	cmd := &cobra.Command{
		Use:         "unlock",
		Short:       "keep the encrypted file open for a while",
		Long:        keystoreUnlockHelp,
		Args:        noArguments,
		Annotations: map[string]string{asks: "for the passphrase"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.unlock(cmd.Context(), period)
		},
	}
	cmd.Flags().StringVar(&period, "for", "8h", "how long, from 1s to 24h")
	return cmd
}

func (a *App) unlock(ctx context.Context, period string) error {
	d, err := time.ParseDuration(period)
	if err != nil || d < shortestUnlock || d > longestUnlock {
		return &usageError{text: "flag --for does not take that value", advice: "give a time from 1s to 24h, as 90m or 8h"}
	}
	store, err := a.encrypted("unlock")
	if err != nil {
		return err
	}
	until, err := store.Unlock(ctx, d)
	switch {
	case errors.Is(err, keystore.ErrNoKernelKeyring):
		return &helper.Error{Reason: helper.Failed, Text: fmt.Sprintf("the %s cannot be kept open: %v", store, err), Err: err,
			Advice: "its passphrase is asked for each time, or read from the file that " + passphraseFileVariable + " names; see `aws-connector help headless`"}
	case err != nil:
		return err
	case until.IsZero():
		a.say("the %s is always open: its identity has no passphrase", store)
	default:
		a.say("unlocked the %s %s", store, a.untilWords(until))
	}
	return nil
}

func (a *App) keystoreLock() *cobra.Command {
	return &cobra.Command{
		Use:   "lock",
		Short: "forget what keeps the encrypted file open",
		Long:  keystoreLockHelp,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.lock(cmd.Context())
		},
	}
}

// lock forgets what keeps the file open, also after another keystore was chosen.
func (a *App) lock(ctx context.Context) error {
	f, err := a.optionalConnectors()
	if err != nil {
		return err
	}
	store := a.store(f, "file")
	wasOpen, err := store.Lock(ctx)
	if f.Keystore != "file" && !wasOpen && (err == nil || errors.Is(err, keystore.ErrNoKernelKeyring)) {
		_, err = a.encrypted("lock")
		return err
	}
	switch {
	case errors.Is(err, keystore.ErrNoKernelKeyring): // it may be open outside of a sandbox
		a.say("nothing that is seen from here keeps the %s open: %v", store, err)
		return nil
	case err == nil && !wasOpen:
		a.say("the %s was not unlocked", store)
	case err == nil:
		a.say("locked the %s", store)
	}
	return err
}

// encrypted returns the encrypted file, if that is the keystore.
func (a *App) encrypted(verb string) (*keystore.Store, error) {
	f, err := a.optionalConnectors()
	if err != nil {
		return nil, err
	}
	if f.Keystore != "file" {
		return nil, &usageError{text: fmt.Sprintf("keystore %s: keys are in the OS keyring, which the desktop unlocks and locks", verb),
			advice: "`aws-connector keystore use file` chooses an encrypted file instead"}
	}
	return a.keys(f), nil
}

func (a *App) keystoreStatus() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "show where keys are and what opens them",
		Long:  keystoreStatusHelp,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := a.optionalConnectors()
			if err != nil {
				return err
			}
			t := newTable(a.Stdout)
			t.row("keystore", a.keys(f).String())
			if f.Keystore == "file" {
				by, unlocked := a.opened(cmd.Context(), f)
				t.row("opened by", by)
				t.row("unlocked", unlocked)
			} else {
				t.row("state", a.ringState(cmd.Context(), f))
			}
			return t.flush()
		},
	}
}

// ringState tells what the OS keyring would answer, and asks nobody.
func (a *App) ringState(ctx context.Context, f connector.File) string {
	state, err := systemStore().Probe(ctx)
	text := "can be used"
	switch {
	case err != nil:
		text = err.Error()
	case state.Asleep:
		text = "starts when it is first used"
	}
	if state.Provider != "" {
		text += " (" + state.Provider + ")"
	}
	if f.Keystore == "" {
		text += "; connectors.toml makes no choice"
	}
	return text
}

// opened tells how the encrypted file is opened, and whether and until when it is.
// Nobody is asked, and no secret is read.
func (a *App) opened(ctx context.Context, f connector.File) (by, unlocked string) {
	until, ok, err := a.keys(f).Unlocked(ctx)
	switch {
	case errors.Is(err, keystore.ErrNoKernelKeyring):
		unlocked = "no, and it cannot be kept open: " + err.Error()
	case err != nil:
		unlocked = "no: " + err.Error()
	case !ok:
		unlocked = "no"
	case until.IsZero():
		unlocked = "always, since the identity has no passphrase"
	default:
		unlocked = a.untilWords(until)
	}
	return a.openedBy(f), unlocked
}

func (a *App) openedBy(f connector.File) string {
	of := "a passphrase"
	if f.Opening.Identity != "" {
		of = "the identity in " + f.Opening.Identity
		if open, ok, err := a.keys(f).Unlocked(context.Background()); err == nil && ok && open.IsZero() {
			return of
		}
		of += ", which may need a passphrase"
	}
	s, err := a.silentSource(f.Opening)
	switch {
	case err != nil:
		return of + ": " + err.Error()
	case s != nil:
		return s.what
	}
	p := a.pinentries()
	path, err := p.chosen()
	if found := p.found(); path == "" && len(found) > 0 {
		path = found[0]
	}
	switch {
	case err != nil:
		return of + ": " + err.Error()
	case path != "":
		return of + " that " + path + " asks for"
	case a.canAsk():
		return of + " that is asked for on the terminal"
	}
	return of + ", and neither a file has it nor is there a terminal to ask on"
}

func (a *App) untilWords(until time.Time) string {
	now := a.Now()
	until = until.In(now.Location())
	form := "15:04:05"
	if y, m, d := until.Date(); d != now.Day() || m != now.Month() || y != now.Year() {
		form = "2006-01-02 15:04:05"
	}
	return fmt.Sprintf("until %s (in %s)", until.Format(form), inWords(until.Sub(now)))
}
