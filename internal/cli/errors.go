package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"aws-connector/helper"
	"aws-connector/internal/awsconfig"
	"aws-connector/internal/connector"
	"aws-connector/internal/dockerconfig"
	"aws-connector/internal/plain"
	"aws-connector/internal/program"
	"aws-connector/internal/tty"
	"aws-connector/keystore"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit statuses, as scripts rely on them.
const (
	exitFailed = 1 // AWS said no, or anything else
	exitUsage  = 2 // wrong usage or configuration
	exitPerson = 3 // a person is needed
	exitLater  = 4 // try again later

	// exitInterrupted is what a shell calls a program that Ctrl-C ended.
	exitInterrupted = 130
)

// messageLimit bounds what one failure prints: SDKs show it inside their own errors.
const messageLimit = 2000

// usageError is a command line or an environment that must be edited.
type usageError struct{ text, advice string }

func (e *usageError) Error() string { return e.text }
func (e *usageError) Hint() string  { return e.advice }

// fail prints err and returns its exit status.
func (a *App) fail(err error) int {
	var told exited
	if errors.As(err, &told) {
		return int(told)
	}
	a.noteFailure(err)
	a.tell(err)
	if isInterrupted(err) && a.interrupted {
		return exitInterrupted
	}
	return exitStatus(err)
}

// tell prints what is wrong and what to do.
func (a *App) tell(err error) { fmt.Fprintln(a.Stderr, message(err, "\nhint: ")) }

// message says what is wrong and, after between, what to do.
func message(err error, between string) string {
	text := "aws-connector: " + plain.Line(describe(err))
	// A line of either is one: neither passes for the other.
	if hint := plain.Line(hintFor(err)); hint != "" {
		text += between + hint
	}
	if len(text) >= messageLimit {
		text = strings.ToValidUTF8(text[:messageLimit-4], "") + "…"
	}
	return text
}

func describe(err error) string {
	if isInterrupted(err) {
		return "interrupted"
	}
	return err.Error()
}

func isInterrupted(err error) bool {
	return errors.Is(err, context.Canceled) && !errors.Is(err, keystore.ErrUnsure)
}

// isInterrupt reports whether ctx ended by Ctrl-C, as os/signal words it, and not
// by a signal that asks to terminate.
func isInterrupt(ctx context.Context) bool {
	cause := context.Cause(ctx)
	return cause != nil && strings.HasPrefix(cause.Error(), os.Interrupt.String()+" ")
}

func exitStatus(err error) int {
	var usage *usageError
	var broken *connector.Error
	var unknown *connector.NotFoundError
	var narrow *connector.NarrowingError
	var syntax *dockerconfig.SyntaxError
	var path *awsconfig.PathError
	var failure *helper.Error
	switch {
	case errors.As(err, &failure):
		return map[helper.Reason]int{helper.Misconfigured: exitUsage, helper.NeedsPerson: exitPerson, helper.Temporary: exitLater, helper.Failed: exitFailed}[failure.Reason]
	case errors.As(err, &usage), errors.As(err, &syntax), errors.As(err, &path), errors.As(err, &broken), errors.As(err, &unknown), errors.As(err, &narrow), errors.Is(err, keystore.ErrIdentity), missing(err):
		return exitUsage
	case keystoreHint(err) != "", errors.Is(err, tty.ErrNone), errors.Is(err, tty.ErrEOF):
		return exitPerson
	case errors.Is(err, program.ErrNotFound):
		return exitNotFound
	case errors.Is(err, program.ErrNotExecutable):
		return exitNotExecutable
	case errors.Is(err, context.DeadlineExceeded):
		return exitLater
	}
	return exitFailed
}

// worst returns the exit status for several failures: what a person must mend in
// a file before what a person must do, that before what AWS refused, and that
// before what may pass by itself. It is 0 if all of them are nil.
func worst(errs ...error) int {
	order := []int{0, exitLater, exitFailed, exitPerson, exitUsage}
	most := 0
	for _, err := range errs {
		if err != nil {
			most = max(most, slices.Index(order, exitStatus(err)))
		}
	}
	return order[most]
}

func hintFor(err error) string {
	var hint interface{ Hint() string }
	switch {
	case errors.As(err, &hint):
		return hint.Hint()
	case errors.Is(err, errClosed):
		return "it was closed, or is /dev/null opened for reading too: nothing was delivered; `aws-connector check NAME` tells whether a connector works"
	case errors.Is(err, tty.ErrEOF):
		return "Ctrl-D ended the questions; what is not reported above as stored or written was not changed"
	case errors.Is(err, tty.ErrNone):
		return "run this in a terminal, or give the key on standard input with --stdin"
	}
	return keystoreHint(err)
}

// theFile is what a hint offers in place of a keyring.
const theFile = "an encrypted file: `aws-connector keystore use file`"

func keystoreHint(err error) string {
	switch {
	case errors.Is(err, keystore.ErrUnsure):
		return "once the keyring answers, try again; `aws-connector check` shows which key it has, and until then nothing made from it is cached"
	case errors.Is(err, keystore.ErrNotFound):
		return missingKeyHint(err)
	case errors.Is(err, keystore.ErrLocked):
		return `unlock the keyring (log in on the desktop, or run "gnome-keyring-daemon --unlock"), or choose ` + theFile
	case errors.Is(err, keystore.ErrNotMade):
		return `make a default keyring (a desktop login does, or Seahorse), or choose ` + theFile
	case errors.Is(err, keystore.ErrUnavailable):
		return "start a keyring in this session (gnome-keyring or KWallet under D-Bus), or choose an encrypted file: `aws-connector keystore use file`"
	case errors.Is(err, keystore.ErrDismissed):
		return "answer the keyring's dialog and try again"
	case errors.Is(err, keystore.ErrTimeout):
		return `the keyring does not answer: look for an unlock dialog or restart it, or choose ` + theFile
	case errors.Is(err, keystore.ErrPassphraseFile):
		return passphraseFileVariable + " must name a file of mode 0600 with the passphrase on its only line"
	case errors.Is(err, keystore.ErrPassphrase):
		return "try again with the passphrase under which the file was made"
	}
	return ""
}

// missingKeyHint names the key that was probably meant, or all of a few.
func missingKeyHint(err error) string {
	const few = 5
	var missing *keystore.NotFoundError
	switch known := errors.As(err, &missing); {
	case known && len(missing.Known) == 0 && connector.ValidName(missing.Name):
		return "`aws-connector key add " + missing.Name + "` stores it"
	case !known || len(missing.Known) == 0 || !connector.ValidName(missing.Name):
		return "`aws-connector key list` shows the stored keys, `aws-connector key add NAME` stores one"
	}
	store := fmt.Sprintf("`aws-connector key add %s` stores it", missing.Name)
	known := slices.Sorted(slices.Values(missing.Known))
	switch near := connector.Nearest(missing.Name, known); {
	case near != "":
		return fmt.Sprintf("did you mean key %q, which is stored? %s", near, store)
	case len(known) <= few:
		return fmt.Sprintf("%s; or set the connector's key to a stored one: %s", store, strings.Join(known, ", "))
	}
	return store + "; or set the connector's key to one that `aws-connector key list` shows"
}

// noConnectors means that there is no connectors.toml.
type noConnectors struct{ path string }

func (e *noConnectors) Unwrap() error { return fs.ErrNotExist }
func (e *noConnectors) Error() string { return "no connectors: " + e.path + " does not exist" }
func (e *noConnectors) Hint() string {
	return "`aws-connector init` asks what is needed and writes it; `aws-connector init --example` prints one"
}

func missing(err error) bool {
	var e *noConnectors
	return errors.As(err, &e)
}

// flagError words pflag's errors anew: its own repeat the value, which may be a secret that was typed in the wrong place.
func flagError(cmd *cobra.Command, err error) error {
	usage := "usage: " + cmd.UseLine()
	e := &usageError{text: "wrong flag", advice: fmt.Sprintf("%s; `%s --help` lists the flags", usage, cmd.CommandPath())}
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var bare *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown):
		e.text = fmt.Sprintf("unknown flag %q", strings.Repeat("-", min(2, len(unknown.GetSpecifiedName())))+unknown.GetSpecifiedName())
		e.advice = didYouMean("--"+unknown.GetSpecifiedName(), flagNames(cmd), e.advice)
		if strings.HasPrefix(e.advice, "did you mean") {
			e.advice += " " + usage
		}
	case errors.As(err, &invalid):
		e.text = fmt.Sprintf("flag --%s does not take that value", invalid.GetFlag().Name)
	case errors.As(err, &bare):
		e.text = fmt.Sprintf("flag --%s needs a value", bare.GetFlag().Name)
	}
	return e
}

func flagNames(cmd *cobra.Command) []string {
	var all []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { all = append(all, "--"+f.Name) })
	return all
}

// oneName checks that args is exactly one name of what; it shows none of
// them, since a secret may have been typed after the name.
func oneName(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		usage := "usage: " + cmd.UseLine()
		switch {
		case len(args) == 0:
			return &usageError{text: "the name of the " + what + " is missing", advice: usage}
		case len(args) > 1:
			return &usageError{text: fmt.Sprintf("give one name of a %s, not %d arguments", what, len(args)), advice: usage}
		}
		return nil
	}
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &usageError{text: fmt.Sprintf("%s takes no arguments", cmd.CommandPath()), advice: "usage: " + cmd.UseLine()}
}
