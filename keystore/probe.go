package keystore

import (
	"context"
	"strings"
)

// State is what a keystore tells without asking anybody for anything.
type State struct {
	// Provider is the program that keeps the keyring, empty where it is not known.
	Provider string
	// Names are those of the stored keys, sorted, where Listed is set: not every
	// keystore tells them without a prompt.
	Names  []string
	Listed bool
	// Rotating are those of the keys whose rotation is unfinished, where Listed is set.
	Rotating []string
	// Asleep means that the keyring is only started by the first call.
	Asleep bool
}

// Probe tells whether the keystore could be used now. It opens no dialog, starts
// no keyring, writes nothing and reads no key out of a keyring; an encrypted file
// is decrypted if its passphrase can be had. Its error wraps one of those that Get has.
//
// The keys that other programs keep are not among its names.
func (s *Store) Probe(ctx context.Context) (State, error) {
	state, err := s.probe(ctx)
	for _, n := range state.Names {
		if name, ok := strings.CutPrefix(n, slotPrefix); ok {
			state.Rotating = append(state.Rotating, name)
		}
	}
	state.Names = ofKeys(state.Names)
	return state, err
}

func (f *file) probe(ctx context.Context) (State, error) {
	names, err := f.names(ctx)
	return State{Names: sorted(names), Listed: err == nil}, err
}
