package keystore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aws-connector/internal/secret"
)

// rings are stores of one user's that know nothing of each other, as processes do.
func rings(t *testing.T, m *memory, n int) []*Store {
	m.items = map[string]string{}
	dir := filepath.Join(t.TempDir(), "state")
	var all []*Store
	for range n {
		all = append(all, &Store{newRing(SystemOptions{Timeout: time.Minute, StateDir: dir}, m), "memory"})
	}
	return all
}

func numbered(i int) Key {
	return Key{ID: fmt.Sprintf("AKIAIOSFODNN%08d", i), Secret: secret.New("CANARY")}
}

// Of keys that are stored under one name at once, one that was said to be stored
// is there in the end, and is listed.
func TestWritersOfOneName(t *testing.T) {
	for round := range 5 {
		m := &memory{}
		all := rings(t, m, 4)
		if err := all[0].Set(t.Context(), "main", long); err != nil {
			t.Fatal(err)
		}
		before := version(t, all[0], "main")
		var wait sync.WaitGroup
		for i, s := range all {
			wait.Go(func() {
				if put, err := s.Put(t.Context(), "main", numbered(i)); err != nil || !put.Replaced {
					t.Errorf("round %d: Put = %+v, %v", round, put, err)
				}
			})
		}
		wait.Wait()
		k, err := all[0].Get(t.Context(), "main")
		if err != nil || !slices.ContainsFunc([]int{0, 1, 2, 3}, func(i int) bool { return k.Equal(numbered(i)) }) {
			t.Errorf("round %d: Get = %q, %v, want one that was stored", round, k.ID, err)
		}
		if names, err := all[0].Names(t.Context()); err != nil || !slices.Equal(names, []string{"main"}) {
			t.Errorf("round %d: Names() = %q, %v", round, names, err)
		}
		if version(t, all[0], "main") == before {
			t.Errorf("round %d: the generation is the one of before", round)
		}
	}
}

func TestWritersOfManyNames(t *testing.T) {
	all := rings(t, &memory{}, 48)
	var wait sync.WaitGroup
	for i, s := range all {
		wait.Go(func() {
			if err := s.Set(t.Context(), fmt.Sprint("k", i), numbered(i)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if names, err := all[0].Names(t.Context()); err != nil || len(names) != len(all) {
		t.Errorf("%d names are listed, %v, want %d", len(names), err, len(all))
	}
	for i := range all {
		if k, err := all[0].Get(t.Context(), fmt.Sprint("k", i)); err != nil || !k.Equal(numbered(i)) {
			t.Errorf("Get(k%d) = %q, %v", i, k.ID, err)
		}
	}
}

// While a key is being written it has no generation, and the one that others took
// before is not the one after.
func TestNoGenerationWhileItChanges(t *testing.T) {
	m := &memory{}
	all := rings(t, m, 2)
	if err := all[0].Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	if err := all[0].Set(t.Context(), "other", long); err != nil {
		t.Fatal(err)
	}
	other := version(t, all[1], "other")
	asked := 0
	look := func(user string) {
		if user != "main" {
			return
		}
		asked++
		if g, err := all[1].Generation(t.Context(), "main"); !errors.Is(err, errChanging) {
			t.Errorf("Generation() within a write = %q, %v, want %v", g, err, errChanging)
		}
		if g, err := all[1].Generations(t.Context()); !errors.Is(err, errChanging) {
			t.Errorf("Generations() within a write = %q, %v, want %v", g, err, errChanging)
		}
		if version(t, all[1], "other") != other {
			t.Error("another key's generation changed")
		}
	}
	m.onSet = func(user, value string) (string, error) { look(user); return value, nil }
	m.onDelete = look
	if err := all[0].Set(t.Context(), "main", temp); err != nil {
		t.Fatal(err)
	}
	if err := all[0].Remove(t.Context(), "main"); err != nil {
		t.Fatal(err)
	}
	if asked != 2 {
		t.Errorf("looked %d times, want 2", asked)
	}
}

// A write that the keyring does not answer may be carried out later: until it is
// known, nothing is kept, and nothing is put back.
func TestRingThatStalls(t *testing.T) {
	for name, late := range map[string]bool{"carried out later": true, "lost": false} {
		t.Run(name, func(t *testing.T) {
			m := &memory{}
			s := rings(t, m, 1)[0]
			if err := s.Set(t.Context(), "main", long); err != nil {
				t.Fatal(err)
			}
			before := version(t, s, "main")
			release, applied := make(chan struct{}), make(chan struct{})
			sets := 0
			m.onSet = func(user, value string) (string, error) {
				if sets++; sets > 1 {
					t.Errorf("wrote %q after a write that was given up", user)
				}
				<-release
				if !late {
					value = m.items["main"]
				}
				m.mu.Lock()
				m.items["main"] = value
				m.mu.Unlock()
				close(applied)
				return value, nil
			}
			s.backend.(*ring).Timeout = 50 * time.Millisecond
			err := s.Set(t.Context(), "main", temp)
			if !errors.Is(err, ErrTimeout) || !errors.Is(err, ErrUnsure) || !strings.Contains(err.Error(), "it may have the old key or the new one") {
				t.Errorf("Set = %v, want that either key may be there", err)
			}
			if g, err := s.Generation(t.Context(), "main"); !errors.Is(err, errUnsettled) {
				t.Errorf("Generation() = %q, %v, want %v", g, err, errUnsettled)
			}
			close(release)
			<-applied
			s.backend.(*ring).Timeout = time.Minute
			k, err := s.Get(t.Context(), "main")
			if err != nil || late != k.Equal(temp) {
				t.Fatalf("Get = %q, %v", k.ID, err)
			}
			if late {
				if version(t, s, "main") == before {
					t.Error("the generation is the old one")
				}
				return
			}
			if g, err := s.Generation(t.Context(), "main"); err == nil {
				t.Errorf("Generation() = %q though the write may come yet", g)
			}
			m.onSet = func(string, string) (string, error) { return "", errors.New("failed to unlock correct collection") }
			if err := s.Set(t.Context(), "main", temp); !errors.Is(err, ErrLocked) {
				t.Errorf("Set = %v, want %v", err, ErrLocked)
			}
			if g, err := s.Generation(t.Context(), "main"); err == nil {
				t.Errorf("Generation() = %q after another write failed", g)
			}
			m.onSet = nil
			if err := s.Set(t.Context(), "main", temp); err != nil || version(t, s, "main") == before {
				t.Errorf("Set again = %v, or the generation is the old one", err)
			}
		})
	}
}

func TestRemovalThatStalls(t *testing.T) {
	m := &memory{}
	s := rings(t, m, 1)[0]
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	before := version(t, s, "main")
	release := make(chan struct{})
	m.onDelete = func(string) { <-release }
	s.backend.(*ring).Timeout = 50 * time.Millisecond
	if err := s.Remove(t.Context(), "main"); !errors.Is(err, ErrTimeout) || !errors.Is(err, ErrUnsure) {
		t.Errorf("Remove = %v, want that it is not known", err)
	}
	if g, err := s.Generation(t.Context(), "main"); err == nil {
		t.Errorf("Generation() = %q though the key may be removed yet", g)
	}
	close(release)
	s.backend.(*ring).Timeout = time.Minute
	for { // until the removal was carried out
		if _, err := s.Get(t.Context(), "main"); errors.Is(err, ErrNotFound) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if version(t, s, "main") == before {
		t.Error("the generation is the old one")
	}
}

// Ctrl-C in a write leaves it as unknown as a keyring that stalls.
func TestWriteThatIsInterrupted(t *testing.T) {
	m := &memory{}
	s := rings(t, m, 1)[0]
	release := make(chan struct{})
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	m.onSet = func(user, value string) (string, error) {
		if user == "main" {
			cancel()
			<-release
		}
		return value, nil
	}
	if err := s.Set(ctx, "main", long); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrUnsure) {
		t.Errorf("Set = %v, want that it is not known", err)
	}
	if g, err := s.Generation(t.Context(), "main"); !errors.Is(err, errUnsettled) {
		t.Errorf("Generation() = %q, %v, want %v", g, err, errUnsettled)
	}
}
