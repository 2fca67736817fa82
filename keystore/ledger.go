package keystore

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	ledgerTitle = "aws-connector generations"
	ledgerEnd   = "end"

	// changing stands for the id of a key that a process is writing or removing.
	changing = "changing"
	// unsettled stands before the fingerprint of what may come into the keyring
	// yet: a write that was given up may be carried out when its dialog is answered.
	unsettled = "unsettled-"
	// removed stands before the id of a key that is no longer there.
	removed = "removed-"
)

var (
	errDamaged   = errors.New("damaged")
	errChanging  = errors.New("another process is changing it")
	errUnsettled = errors.New("the keyring did not answer when it was last changed, so what it has may change yet: store the key again")
)

// ledger says which version of each key the OS keyring has.
//
// It begins with a random epoch, so that one which is made anew repeats nothing
// of the one before.
type ledger struct {
	epoch string
	keys  map[string]string // an id by name, or what stands for it
}

func newLedger() ledger { return ledger{epoch: rand.Text(), keys: map[string]string{}} }

func (l ledger) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", ledgerTitle, l.epoch)
	for _, name := range slices.Sorted(maps.Keys(l.keys)) {
		fmt.Fprintf(&b, "%s %s\n", name, l.keys[name])
	}
	return b.String() + ledgerEnd + "\n"
}

// parseLedger reads what String wrote. A file that lacks its end was not written to its end.
func parseLedger(text string) (ledger, error) {
	text, whole := strings.CutSuffix(text, ledgerEnd+"\n")
	title, text, _ := strings.Cut(text, "\n")
	epoch, titled := strings.CutPrefix(title, ledgerTitle+" ")
	if !whole || !titled || !isWord(epoch) {
		return ledger{}, errDamaged
	}
	l := ledger{epoch: epoch, keys: map[string]string{}}
	for line := range strings.Lines(text) {
		name, id, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if _, twice := l.keys[name]; !ok || twice || !isWord(name) || !isWord(id) {
			return ledger{}, errDamaged
		}
		l.keys[name] = id
	}
	return l, nil
}

// generation returns the generation of the key called name.
func (l ledger) generation(name string) (string, error) {
	id := l.keys[name]
	switch {
	case id == changing:
		return "", errChanging
	case strings.HasPrefix(id, unsettled):
		return "", errUnsettled
	}
	return fmt.Sprintf("keyring %s %q", l.epoch, id), nil
}

// settle gives new ids to the keys whose writers died. Only who holds the lock
// knows that they did.
func (l ledger) settle() {
	for name, id := range l.keys {
		if id == changing {
			l.keys[name] = rand.Text()
		}
	}
}

// isWord reports whether s can stand in a ledger.
func isWord(s string) bool { return isVisible(s) && len(s) <= 256 }
