package keystore

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"aws-connector/internal/secret"
)

var errTouched = errors.New("the keystore was touched")

// sealed is a backend that must not be asked for a key.
type sealed struct {
	backend
	t *testing.T
}

func (s sealed) get(context.Context, string) (Key, error) {
	s.t.Error("get")
	return Key{}, errTouched
}
func (s sealed) set(context.Context, string, func([]byte) (Key, error)) (bool, error) {
	s.t.Error("set")
	return false, errTouched
}
func (s sealed) remove(context.Context, string) error { s.t.Error("remove"); return errTouched }
func (s sealed) generations(context.Context) (string, error) {
	return "stored 1", nil
}

func printed(id, generation string) Process {
	return Process{
		Get: func(context.Context) (Key, error) {
			return Key{ID: id, Secret: secret.New("s"), TOTP: secret.New("seed")}, nil
		},
		Generation: func(context.Context) (string, error) { return generation, nil },
	}
}

func TestProcessesLeaveTheKeystoreAlone(t *testing.T) {
	s := (&Store{sealed{t: t}, "sealed"}).With(map[string]Process{"work": printed("AKIAAAAAAAAAAAAAAAAA", "1")})
	k, err := s.Get(t.Context(), "work")
	if err != nil || k.ID != "AKIAAAAAAAAAAAAAAAAA" {
		t.Errorf("Get(work) = %v, %v", k.ID, err)
	}
	if _, err := s.Generation(t.Context(), "work"); err != nil {
		t.Error(err)
	}
	_, put := s.Put(t.Context(), "work", k)
	_, seed := s.SetTOTP(t.Context(), "work", secret.New("x"))
	for what, err := range map[string]error{"Put": put, "SetTOTP": seed, "Remove": s.Remove(t.Context(), "work"), "Set": s.Set(t.Context(), "work", k), "Writable": s.Writable("work")} {
		if !errors.Is(err, ErrElsewhere) || err.Error() != `key "work": another program keeps it` {
			t.Errorf("%s(work) = %v", what, err)
		}
	}
	if err := s.Writable("other"); err != nil {
		t.Errorf("Writable(other) = %v", err)
	}
	if s.String() != "sealed" {
		t.Errorf("String() = %s", s)
	}
}

// What is made from a program's key is of another version once any key or program
// is, for it may start this program; what is made from a stored one is not.
func TestGenerationsOfMixedStores(t *testing.T) {
	for name, stored := range map[string]*Store{"ring": withMemory(t, &memory{}), "file": fileStore(t)} {
		ctx := t.Context()
		must := func(s *Store, key string) string {
			t.Helper()
			g, err := s.Generation(ctx, key)
			if key == "" {
				g, err = s.Generations(ctx)
			}
			if err != nil {
				t.Fatalf("%s: Generation(%q): %v", name, key, err)
			}
			return g
		}
		k := Key{ID: "AKIAIOSFODNN7EXAMPLE", Secret: secret.New("s")}
		if err := stored.Set(ctx, "main", k); err != nil {
			t.Fatal(err)
		}
		with := func(a, b string) *Store {
			return stored.With(map[string]Process{"a": printed("AKIAAAAAAAAAAAAAAAAA", a), "b": printed("AKIABBBBBBBBBBBBBBBB", b)})
		}
		s := with("1", "1")
		if must(s, "main") != must(stored, "main") {
			t.Errorf("%s: a stored key is of another version beside programs", name)
		}
		if must(s, "") == must(stored, "") || must(s, "a") == must(s, "main") {
			t.Errorf("%s: programs do not count", name)
		}
		for what, other := range map[string]*Store{"its program": with("2", "1"), "another program": with("1", "2")} {
			if must(s, "a") == must(other, "a") || must(s, "") == must(other, "") {
				t.Errorf("%s: %s does not count", name, what)
			}
		}
		a, main, all := must(s, "a"), must(s, "main"), must(s, "")
		if err := stored.Set(ctx, "main", k); err != nil {
			t.Fatal(err)
		}
		if must(s, "a") == a || must(s, "main") == main || must(s, "") == all {
			t.Errorf("%s: a key that is stored anew does not count", name)
		}
		names, err := s.Names(ctx)
		if err != nil || !slices.Equal(names, []string{"a", "b", "main"}) {
			t.Errorf("%s: Names() = %q, %v", name, names, err)
		}
		if err := s.Set(ctx, "a", k); !errors.Is(err, ErrElsewhere) {
			t.Errorf("%s: Set(a) = %v", name, err)
		}
		w, ok := s.Watched()
		if was, known := stored.Watched(); !slices.Equal(w, was) || ok != known {
			t.Errorf("%s: Watched() = %q, %v", name, w, ok)
		}
		if err := s.Remove(ctx, "main"); err != nil {
			t.Errorf("%s: Remove(main): %v", name, err)
		}
	}
}

func TestKnownNames(t *testing.T) {
	ctx := t.Context()
	m := &memory{}
	ring := withMemory(t, m)
	k := Key{ID: "AKIAIOSFODNN7EXAMPLE", Secret: secret.New("s")}
	for _, name := range []string{"b", "a", "gone"} {
		if err := ring.Set(ctx, name, k); err != nil {
			t.Fatal(err)
		}
	}
	before, _ := ring.Generation(ctx, "gone")
	if err := ring.Remove(ctx, "gone"); err != nil {
		t.Fatal(err)
	}
	if after, err := ring.Generation(ctx, "gone"); err != nil || after == before {
		t.Errorf("Generation of the removed key = %q, %v", after, err)
	}
	s := ring.With(map[string]Process{"work": printed("AKIAAAAAAAAAAAAAAAAA", "1"), "a": printed("AKIAAAAAAAAAAAAAAAAA", "1")})
	if got := s.Known(); !slices.Equal(got, []string{"a", "b", "work"}) {
		t.Errorf("Known() = %q", got)
	}
	if err := ring.Set(ctx, "gone", k); err != nil {
		t.Fatal(err)
	}
	if got := ring.Known(); !slices.Equal(got, []string{"a", "b", "gone"}) {
		t.Errorf("Known() = %q", got)
	}
	if got := fileStore(t).Known(); len(got) != 0 {
		t.Errorf("Known() of a file = %q", got)
	}
}

func TestCreated(t *testing.T) {
	ctx := t.Context()
	for name, s := range map[string]*Store{"ring": withMemory(t, &memory{}), "file": fileStore(t)} {
		created := func() time.Time {
			t.Helper()
			k, err := s.Get(ctx, "k")
			if err != nil {
				t.Fatal(err)
			}
			return k.Created
		}
		put := func(k Key) {
			t.Helper()
			if err := s.Set(ctx, "k", k); err != nil {
				t.Fatal(err)
			}
		}
		old := time.Date(2019, 1, 2, 3, 4, 5, 0, time.UTC)
		k := Key{ID: "AKIAIOSFODNN7EXAMPLE", Secret: secret.New("s")}
		dated := k
		dated.Created = old
		if !k.Equal(dated) {
			t.Error("the date makes another key")
		}
		put(dated)
		if got := created(); !got.Equal(old) {
			t.Errorf("%s: created %v", name, got)
		}
		if _, err := s.SetTOTP(ctx, "k", secret.New("seed")); err != nil {
			t.Fatal(err)
		}
		put(k)
		if got := created(); !got.Equal(old) {
			t.Errorf("%s: after a seed and the same key again, created %v", name, got)
		}
		k.ID = "AKIABBBBBBBBBBBBBBBB"
		put(k)
		if got := created(); time.Since(got) > time.Minute || got.Nanosecond() != 0 {
			t.Errorf("%s: another key was created %v", name, got)
		}
		put(Key{ID: "ASIABBBBBBBBBBBBBBBB", Secret: secret.New("s"), SessionToken: secret.New("t")})
		if got := created(); !got.IsZero() {
			t.Errorf("%s: temporary credentials were created %v", name, got)
		}
	}
}

// All versions of this program read what is stored, and old records are keys.
func TestCreateDate(t *testing.T) {
	for date, want := range map[string]int64{`"2019-01-02T03:04:05Z"`: 1546398245, `"2019-01-02T04:04:05+01:00"`: 1546398245, `""`: 0, `null`: 0, `1546398245`: 0, `"yesterday"`: 0, `{"a":1}`: 0, `"0001-01-01T00:00:00Z"`: 0} {
		k, err := ParseKey([]byte("\ufeff" + `{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"s","CreateDate":` + date + `}`))
		if got := k.Created; err != nil || got.IsZero() != (want == 0) || want != 0 && got.Unix() != want {
			t.Errorf("CreateDate %s: %v, %v", date, got, err)
		}
		text, err := encode(k)
		if back, wrong := ParseKey(text); err != nil || wrong != nil || !back.Created.Equal(k.Created) {
			t.Errorf("CreateDate %s: stored as %v, %v, %v", date, back.Created, err, wrong)
		}
	}
	if text, _ := encode(Key{ID: "A", Secret: secret.New("s")}); string(text) != `{"AccessKeyId":"A","SecretAccessKey":"s"}` {
		t.Errorf("a key of unknown age is stored as %s", text)
	}
}
