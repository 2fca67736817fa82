package keystore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrElsewhere means that another program keeps the key, which can be changed there alone.
var ErrElsewhere = errors.New("another program keeps it")

// Process is a key that another program keeps.
type Process struct {
	// Get has the program print the key.
	Get func(context.Context) (Key, error)
	// Generation changes with what decides which key the program prints, as far as
	// that can be seen without running it.
	Generation func(context.Context) (string, error)
	// Refusal says that the key is not changed here, and where; nil says [ErrElsewhere].
	Refusal func() error
}

// With returns a store that has the keys of s, which is as it was, and those that
// other programs keep. Of the same name the program's counts: for it, s is not touched.
func (s *Store) With(processes map[string]Process) *Store {
	if len(processes) == 0 {
		return s
	}
	return &Store{mixed{s.backend, processes}, s.what}
}

// mixed are the keys of a backend, and others that programs keep.
type mixed struct {
	backend
	processes map[string]Process
}

// ReadKey reads what a program printed as a key: one object, as [ParseKey] reads
// it, that AWS could accept. Its error shows nothing of what was printed.
func ReadKey(data []byte) (Key, error) {
	k, err := ParseKey(data)
	if err == nil {
		err = k.Check()
	}
	if err != nil {
		return Key{}, err
	}
	return k, nil
}

// Writable returns why the key called name cannot be stored, changed or removed
// here; nil if nothing speaks against it. It touches nothing.
func (s *Store) Writable(name string) error {
	m, _ := s.backend.(mixed)
	return named(name, m.writable(name))
}

func (m mixed) writable(name string) error {
	p, ok := m.processes[name]
	switch {
	case !ok:
		return nil
	case p.Refusal != nil:
		return p.Refusal()
	}
	return ErrElsewhere
}

func (m mixed) get(ctx context.Context, name string) (Key, error) {
	if p, ok := m.processes[name]; ok {
		return p.Get(ctx)
	}
	return m.backend.get(ctx, name)
}

func (m mixed) set(ctx context.Context, name string, next func(old []byte) (Key, error)) (replaced bool, err error) {
	if err := m.writable(name); err != nil {
		return false, err
	}
	return m.backend.set(ctx, name, next)
}

func (m mixed) remove(ctx context.Context, name string) error {
	if err := m.writable(name); err != nil {
		return err
	}
	return m.backend.remove(ctx, name)
}

func (m mixed) names(ctx context.Context) ([]string, error) {
	names, err := m.backend.names(ctx)
	if err != nil {
		return nil, err
	}
	return m.and(names), nil
}

// and returns names with those of the keys that programs keep, sorted.
func (m mixed) and(names []string) []string {
	all := slices.Concat(names, slices.Collect(maps.Keys(m.processes)))
	slices.Sort(all)
	return slices.Compact(all)
}

// generation of a key that a program keeps is that of all keys: the program may
// start this one for any of them.
func (m mixed) generation(ctx context.Context, name string) (string, error) {
	if _, ok := m.processes[name]; ok {
		g, err := m.generations(ctx)
		return fmt.Sprintf("process %q %s", name, g), err
	}
	return m.backend.generation(ctx, name)
}

func (m mixed) generations(ctx context.Context) (string, error) {
	stored, err := m.backend.generations(ctx)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%q", stored)
	for _, name := range slices.Sorted(maps.Keys(m.processes)) {
		g, err := m.processes[name].Generation(ctx)
		if err != nil {
			return "", named(name, err)
		}
		fmt.Fprintf(h, "%q%q", name, g)
	}
	return fmt.Sprintf("mixed %x", h.Sum(nil)), nil
}

// Stored returns the names of the keys that the keystore itself has, sorted: no
// program is run for any of them.
func (s *Store) Stored(ctx context.Context) ([]string, error) {
	names, err := s.Names(ctx)
	if m, ok := s.backend.(mixed); ok {
		names = slices.DeleteFunc(names, func(name string) bool { return m.processes[name].Get != nil })
	}
	return names, err
}

// Known returns the names of keys, sorted, that are known without opening the
// keystore: those that other programs keep and, of the OS keyring, those that this
// program stored. One of these may have been removed by other means.
func (s *Store) Known() []string {
	switch b := s.backend.(type) {
	case mixed:
		return b.and((&Store{b.backend, ""}).Known())
	case *ring:
		return b.known()
	}
	return nil
}

func (r *ring) known() (names []string) {
	dir, err := r.state.dir(false)
	if err != nil {
		return nil
	}
	l, err := readLedger(dir)
	if err != nil {
		return nil
	}
	for name, id := range l.keys {
		if !strings.HasPrefix(id, removed) && !isSlot(name) {
			names = append(names, name)
		}
	}
	return sorted(names)
}
