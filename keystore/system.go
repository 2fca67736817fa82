package keystore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"aws-connector/internal/plain"

	"github.com/zalando/go-keyring"
)

const (
	// service is the keyring's name for all items of this program; their accounts are the key names.
	service = "aws-connector"
	// indexName is the account of the item that lists the names, since no
	// keyring can be asked for them everywhere. No key can be called so.
	indexName = ".index"

	patience   = 10 * time.Second // for a keyring that answers by itself
	forADialog = 45 * time.Second // for a person who answers its dialog
)

// SystemOptions is what the OS keyring depends on.
type SystemOptions struct {
	// Timeout bounds each call; zero means 45 s with a display, where the
	// keyring may ask the person, and 10 s without.
	Timeout time.Duration
	// BusAddress and RuntimeDir are $DBUS_SESSION_BUS_ADDRESS and $XDG_RUNTIME_DIR.
	BusAddress, RuntimeDir string
	// Display says that there is a display on which a keyring can ask.
	Display bool
	// Home is $HOME, for a user to whom the system gives no home.
	Home string
	// StateDir is where the generations of keys and the lock of writers are, in
	// place of a directory in the user's home.
	StateDir string
}

// System returns the OS keyring: the Secret Service, the macOS Keychain or the
// Windows Credential Manager. An item holds a key in the form of [ParseKey].
// Windows takes 2,560 bytes an item, enough for every long-term key.
func System(o SystemOptions) *Store {
	if o.Timeout == 0 {
		o.Timeout = patience
		if o.Display {
			o.Timeout = forADialog
		}
	}
	return &Store{newRing(o, osKeyring{}), "OS keyring"}
}

type ring struct {
	SystemOptions
	items
	state state
}

func newRing(o SystemOptions, i items) *ring { return &ring{o, i, newState(o)} }

// items are the calls of go-keyring: tests put others in their place.
type items interface {
	Get(service, user string) (string, error)
	Set(service, user, value string) error
	Delete(service, user string) error
}

type osKeyring struct{}

func (osKeyring) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (osKeyring) Set(service, user, value string) error    { return keyring.Set(service, user, value) }
func (osKeyring) Delete(service, user string) error        { return keyring.Delete(service, user) }

// call runs one call of go-keyring, which knows no deadline and panics when
// the bus dies while it waits. A call that never ends is left behind; the
// process is short-lived.
func (r *ring) call(ctx context.Context, f func() (string, error)) (string, error) {
	if !r.reachable() {
		return "", ErrUnavailable
	}
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		var got result
		defer func() {
			if recover() != nil {
				got = result{err: fmt.Errorf("%w: it went away", ErrUnavailable)}
			}
			done <- got
		}()
		got.text, got.err = f()
	}()
	// Who was stopped for all of the first part finds in the second what the keyring
	// has answered meanwhile.
	last := r.Timeout / 10
	for _, part := range []time.Duration{r.Timeout - last, last} {
		select {
		case got := <-done:
			return got.text, r.classify(got.err)
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return "", ctx.Err()
			}
			return "", ErrTimeout
		case <-time.After(part):
		}
	}
	return "", ErrTimeout
}

// reachable reports whether there is a session bus. Without one godbus starts
// dbus-launch, which leaves a bus and a keyring daemon behind at each call.
func (r *ring) reachable() bool {
	if _, real := r.items.(osKeyring); !real || runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		return true
	}
	if r.BusAddress != "" && !strings.HasPrefix(r.BusAddress, "autolaunch:") {
		return true
	}
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(r.runtimeDir(), name)); err == nil {
			return true
		}
	}
	return false
}

func (r *ring) runtimeDir() string {
	if r.RuntimeDir != "" {
		return r.RuntimeDir
	}
	return filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
}

// classify tells go-keyring's errors apart. Most are plain text; the texts were
// seen with gnome-keyring, macOS `security` and Windows.
func (r *ring) classify(err error) error {
	if err == nil || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrLocked) || errors.Is(err, ErrNotMade) {
		return err
	}
	if errors.Is(err, keyring.ErrNotFound) {
		return ErrNotFound
	}
	if errors.Is(err, keyring.ErrSetDataTooBig) {
		return errors.New("too large for the OS keyring; set keystore = \"file\" for credentials with a long session token")
	}
	text := err.Error()
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(text, p) })
	}
	switch {
	case has("aliases/default"):
		return ErrNotMade
	case has("failed to unlock", "IsLocked"):
		if r.Display && runtime.GOOS == "linux" {
			return ErrDismissed
		}
		return ErrLocked
	case has("exit status 128", "User canceled"):
		return ErrDismissed
	case has("exit status 36", "exit status 51", "InteractionNotAllowed"):
		return ErrLocked
	case has("not provided by any", "dbus", "dial unix", "connection refused", "no such file", "unsupported platform", "was not provided", "closed"):
		return fmt.Errorf("%w: %s", ErrUnavailable, printableText(text))
	}
	return fmt.Errorf("OS keyring: %s", printableText(text))
}

// printableText cuts what a keyring says to one short line.
func printableText(s string) string {
	const most = 200
	s = plain.Line(s)
	return strings.ToValidUTF8(s[:min(len(s), most)], "")
}
