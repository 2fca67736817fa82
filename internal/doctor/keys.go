package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"aws-connector/keystore"
)

// ErrAsks means that a person would be asked for a passphrase, which is not done here.
var ErrAsks = errors.New("a person would be asked for the passphrase")

// slow is more than a keyring takes that is not about to hang.
const slow = time.Second

func (m *Machine) keystore() []check {
	if m.ConnectorsErr != nil && !errors.Is(m.ConnectorsErr, fs.ErrNotExist) {
		return nil // it says which keystore
	}
	var checks []check
	programs := m.Connectors.KeyPrograms()
	// Where other programs keep all keys, a keystore that cannot be opened is no fault.
	if used, _ := m.usedKeys(); len(used) > 0 || len(programs) == 0 {
		checks = append(checks, check{"keystore", 1, m.keys, m.keysFact})
	}
	for _, k := range programs {
		checks = append(checks, check{about: fmt.Sprintf("key %q", k.Name), things: 1, run: func(ctx context.Context) []Finding { return m.keyProgram(ctx, k) }})
	}
	return checks
}

// usedKeys returns the names of stored keys that connectors use, sorted, with who uses them.
func (m *Machine) usedKeys() (names []string, users map[string][]string) {
	users = map[string][]string{}
	for _, c := range m.valid() {
		if c.Key == "" || c.KeyProcess != nil {
			continue
		}
		users[c.Key] = append(users[c.Key], c.Name)
		if !slices.Contains(names, c.Key) {
			names = append(names, c.Key)
		}
	}
	slices.Sort(names)
	return names, users
}

func (m *Machine) keys(ctx context.Context) []Finding {
	used, users := m.usedKeys()
	about := m.Keys.String()
	if m.KeysFile != "" {
		if found, stop := m.keysFile(about, used); stop {
			return found
		}
	}
	start := m.Now()
	state, err := m.Keys.Probe(ctx)
	took := m.Now().Sub(start)
	if state.Provider != "" {
		about += " (" + state.Provider + ")"
	}
	switch {
	case errors.Is(err, ErrAsks) && m.CanAsk:
		return m.keysFileMode(about)
	case errors.Is(err, ErrAsks):
		return list(Finding{Broken, about, "there is no passphrase for it and no terminal to ask on", "run `aws-connector keystore unlock` in a terminal, or set AWS_CONNECTOR_PASSPHRASE_FILE to a file of mode 0600 that holds the passphrase on its only line"})
	case err != nil:
		return list(m.keystoreFinding(about, err, len(used) > 0))
	}
	var all []Finding
	if took > slow && m.KeysFile == "" {
		all = append(all, Finding{Warning, about, fmt.Sprintf("it took %.1f s to answer", took.Seconds()), "restart the keyring; every new session waits for it"})
	}
	if state.Asleep {
		all = append(all, Finding{Note, about, "no keyring is running yet; the first new session starts one, which may be locked", "`aws-connector key list` starts it and shows whether it works"})
	}
	if !state.Listed {
		return append(all, m.ages(ctx, used)...)
	}
	for _, name := range state.Rotating {
		all = append(all, Finding{Warning, fmt.Sprintf("key %q", name), "its rotation was interrupted, or goes on now; one of the user's two access keys in AWS may be left over from it", "aws-connector key rotate " + name})
	}
	for _, name := range used {
		if slices.Contains(state.Names, name) {
			all = append(all, m.ages(ctx, []string{name})...)
		} else {
			all = append(all, Finding{Broken, fmt.Sprintf("key %q", name), fmt.Sprintf("it is not in the %s, and used by %s", about, some(users[name])), "aws-connector key add " + name})
		}
	}
	return all
}

// keysFile looks at what is before the encrypted file; stop means that there is
// nothing to open.
func (m *Machine) keysFile(about string, used []string) (found []Finding, stop bool) {
	_, err := os.Stat(m.KeysFile)
	switch {
	case errors.Is(err, fs.ErrNotExist) && len(used) > 0:
		return list(Finding{Broken, about, "it does not exist yet, and connectors use " + some(used), "aws-connector key add " + used[0]}), true
	case errors.Is(err, fs.ErrNotExist):
		return nil, true
	}
	return nil, false
}

// keysFileMode is what can be seen of the file without its passphrase.
func (m *Machine) keysFileMode(about string) []Finding {
	info, err := os.Stat(m.KeysFile)
	if err == nil && m.UID >= 0 && info.Mode().Perm()&0o077 != 0 {
		return list(Finding{Broken, about, fmt.Sprintf("it has mode %04o, so others may read it", info.Mode().Perm()), "chmod 600 " + word(m.KeysFile)})
	}
	return nil
}

// keystoreFinding says what an error of a keystore means. Where no connector
// uses a key it breaks nothing yet.
func (m *Machine) keystoreFinding(about string, err error, needed bool) Finding {
	f := Finding{Warning, about, strings.TrimPrefix(err.Error(), "keystore: "), m.Hint(err)}
	if needed {
		f.Severity = Broken
	}
	switch {
	case errors.Is(err, keystore.ErrLocked) && m.Display:
		f.Severity = Warning
		f.Text += "; its dialog will ask for the password at the next new session"
		f.Fix = "unlock it now, or log in with the password that unlocks it"
	case errors.Is(err, keystore.ErrUnavailable) && m.Connectors.Keystore == "":
		f.Text += "; connectors.toml makes no choice, so the keyring is used"
	case f.Fix == "":
		f.Fix = "correct that; `aws-connector key list` shows whether it helped"
	}
	return f
}

// some names up to three.
func some(names []string) string {
	const few = 3
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}
