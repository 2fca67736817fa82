package keystore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aws-connector/internal/secret"

	"github.com/zalando/go-keyring"
)

var (
	long = Key{ID: "AKIAIOSFODNN7EXAMPLE", Secret: secret.New("CANARYsecret/+")}
	temp = Key{ID: "ASIAIOSFODNN7EXAMPLE", Secret: secret.New("CANARYsecret"), SessionToken: secret.New("CANARYtoken"), Expires: time.Unix(1_800_000_000, 0).UTC()}
)

func TestParseKey(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{`{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"CANARY"}`, ""},
		{" {\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"CANARY\"} \n", ""},
		{`{"Version":1,"AccessKeyId":"A","SecretAccessKey":"CANARY","SessionToken":"t","Expiration":"2027-01-02T03:04:05Z","AccountId":"1"}`, ""},
		{`{"Credentials":{"AccessKeyId":"A","SecretAccessKey":"CANARY","SessionToken":"t","Expiration":"2027-01-02T03:04:05+00:00"},"AssumedRoleUser":{}}`, ""},
		{`{"AccessKey":{"UserName":"u","AccessKeyId":"A","Status":"Active","SecretAccessKey":"CANARY","CreateDate":"2027-01-02T03:04:05Z"}}`, ""},
		{"", "empty"},
		{" \n", "empty"},
		{`CANARY`, "not one JSON object"},
		{`["CANARY"]`, "not one JSON object"},
		{`{"AccessKeyId":"A","SecretAccessKey":"CANARY"`, "not one JSON object"},
		{`{"AccessKeyId":"A","SecretAccessKey":"CANARY"} x`, "not one JSON object"},
		{`{"AccessKeyId":"A","SecretAccessKey":"CANARY"}{}`, "not one JSON object"},
		{`{"AccessKeyId":"A","SecretAccessKey":"CANARY","SecretAccessKey":"CANARY2"}`, "a member stands twice"},
		{`{"AccessKeyId":"A","SecretAccessKey":"CANARY","CANARY":1}`, "a member that no key has"},
		{`{"SecretAccessKey":"CANARY"}`, "AccessKeyId is missing"},
		{`{"AccessKeyId":"A"}`, "SecretAccessKey is missing"},
		{`{"AccessKeyId":"A","SecretAccessKey":1}`, "SecretAccessKey is not a string"},
		{`{"AccessKeyId":"A","SecretAccessKey":"CANARY","Expiration":"CANARY"}`, "the Expiration is not a time such as 2006-01-02T15:04:05Z"},
		{"\xff", "not UTF-8"},
		{strings.Repeat(" ", maxInput+1) + "{}", "too long"},
	} {
		_, err := ParseKey([]byte(test.in))
		if got := text(err); got != test.want {
			t.Errorf("ParseKey(%q) = %q, want %q", test.in[:min(len(test.in), 100)], got, test.want)
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestCheck(t *testing.T) {
	for name, k := range map[string]Key{
		"short id":             {ID: "AKIA", Secret: secret.New("s")},
		"lower-case id":        {ID: "akiaiosfodnn7example", Secret: secret.New("s")},
		"no secret":            {ID: long.ID},
		"blank in secret":      {ID: long.ID, Secret: secret.New("a b")},
		"new line in token":    {ID: temp.ID, Secret: secret.New("s"), SessionToken: secret.New("a\nb")},
		"temporary, no token":  {ID: temp.ID, Secret: secret.New("s")},
		"long-term with token": {ID: long.ID, Secret: secret.New("s"), SessionToken: secret.New("t")},
		"long-term, expiring":  {ID: long.ID, Secret: secret.New("s"), Expires: temp.Expires},
	} {
		if k.Check() == nil {
			t.Errorf("%s: Check() = nil", name)
		}
	}
	for _, k := range []Key{long, temp} {
		if err := k.Check(); err != nil {
			t.Errorf("Check() = %v", err)
		}
	}
}

// memory is a keyring that works; its functions, where set, come first.
type memory struct {
	mu    sync.Mutex
	items map[string]string
	onGet func(user string) error
	onSet func(user, value string) (stored string, err error)

	onDelete func(user string)
	keeps    bool // what is deleted
}

func (m *memory) Get(_, user string) (string, error) {
	if m.onGet != nil {
		if err := m.onGet(user); err != nil {
			return "", err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.items[user]
	if !ok {
		return "", keyring.ErrNotFound
	}
	return v, nil
}

func (m *memory) Set(_, user, value string) error {
	if m.onSet != nil {
		var err error
		if value, err = m.onSet(user, value); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.items[user] = value
	return nil
}

func (m *memory) Delete(_, user string) error {
	if m.onDelete != nil {
		m.onDelete(user)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.items[user]; !ok {
		return keyring.ErrNotFound
	}
	if !m.keeps {
		delete(m.items, user)
	}
	return nil
}

func withMemory(t *testing.T, m *memory) *Store {
	m.items = map[string]string{}
	return &Store{newRing(SystemOptions{Timeout: time.Minute, StateDir: filepath.Join(t.TempDir(), "state")}, m), "memory"}
}

func TestStores(t *testing.T) {
	for name, s := range map[string]*Store{"ring": withMemory(t, &memory{}), "file": fileStore(t)} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			if _, err := s.Get(ctx, "main"); !errors.Is(err, ErrNotFound) || err.Error() != `key "main": not in the keystore` {
				t.Errorf("Get of an absent key = %v", err)
			}
			if err := s.Remove(ctx, "main"); !errors.Is(err, ErrNotFound) {
				t.Errorf("Remove of an absent key = %v, want %v", err, ErrNotFound)
			}
			if names, err := s.Names(ctx); len(names) != 0 || err != nil {
				t.Errorf("Names() = %v, %v, want none", names, err)
			}
			for name, k := range map[string]Key{"main": long, "a.b-c": temp} {
				if err := s.Set(ctx, name, k); err != nil {
					t.Fatal(err)
				}
				if got, err := s.Get(ctx, name); err != nil || !got.Equal(k) {
					t.Errorf("Get = %v, %v, want %v", got, err, k)
				}
			}
			if err := s.Set(ctx, "main", temp); err != nil {
				t.Fatal(err)
			}
			if got, err := s.Get(ctx, "main"); err != nil || !got.Equal(temp) {
				t.Errorf("Get after a second Set = %v, %v, want %v", got, err, temp)
			}
			if names, err := s.Names(ctx); err != nil || !slices.Equal(names, []string{"a.b-c", "main"}) {
				t.Errorf("Names() = %v, %v", names, err)
			}
			if err := s.Remove(ctx, "main"); err != nil {
				t.Fatal(err)
			}
			if names, err := s.Names(ctx); err != nil || !slices.Equal(names, []string{"a.b-c"}) {
				t.Errorf("Names() after Remove = %v, %v", names, err)
			}
		})
	}
}

func TestManyWritersLoseNothing(t *testing.T) {
	for name, s := range map[string]*Store{"ring": withMemory(t, &memory{}), "file": fileStore(t)} {
		t.Run(name, func(t *testing.T) {
			const writers = 8
			var all sync.WaitGroup
			for i := range writers {
				all.Go(func() {
					if err := s.Set(t.Context(), fmt.Sprint("k", i), long); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if names, err := s.Names(t.Context()); err != nil || len(names) != writers {
				t.Errorf("Names() = %v, %v, want %d", names, err, writers)
			}
		})
	}
}

func TestRingThatLiesKeepsTheOldKey(t *testing.T) {
	m := &memory{}
	s := withMemory(t, m)
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	m.onSet = func(user, value string) (string, error) {
		if user == "main" && strings.Contains(value, "ASIA") {
			return "damaged", nil
		}
		return value, nil
	}
	if err := s.Set(t.Context(), "main", temp); err == nil {
		t.Error("Set in a keyring that damages = nil")
	}
	if got, err := s.Get(t.Context(), "main"); err != nil || !got.Equal(long) {
		t.Errorf("Get = %v, %v, want the old key", got, err)
	}
}

func TestRingFailures(t *testing.T) {
	for _, test := range []struct {
		err     string
		display bool
		want    error
	}{
		{"failed to unlock correct collection '/org/freedesktop/secrets/collection/login'", false, ErrLocked},
		{"failed to unlock correct collection '/org/freedesktop/secrets/collection/login'", true, ErrDismissed},
		{"failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'", true, ErrNotMade},
		{"The name org.freedesktop.secrets was not provided by any .service files", false, ErrUnavailable},
		{"dial unix /run/user/0/bus: connect: connection refused", false, ErrUnavailable},
		{"dbus: connection closed by user", false, ErrUnavailable},
		{"exit status 36", false, ErrLocked},
		{"exit status 128", false, ErrDismissed},
	} {
		m := &memory{onGet: func(string) error { return errors.New(test.err) }}
		s := &Store{newRing(SystemOptions{Timeout: time.Minute, Display: test.display, StateDir: t.TempDir()}, m), "memory"}
		if _, err := s.Get(t.Context(), "main"); !errors.Is(err, test.want) {
			t.Errorf("Get with %q, display %t = %v, want %v", test.err, test.display, err, test.want)
		}
	}
}

func TestRingThatPanics(t *testing.T) {
	s := withMemory(t, &memory{onGet: func(string) error { panic("nil dereference CANARY") }})
	_, err := s.Get(t.Context(), "main")
	if !errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("Get = %v, want %v", err, ErrUnavailable)
	}
}

func TestRingThatHangs(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	entered := make(chan struct{}, 1)
	s := withMemory(t, &memory{onGet: func(string) error { entered <- struct{}{}; <-release; return nil }})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-entered; cancel() }()
	if _, err := s.Get(ctx, "main"); !errors.Is(err, context.Canceled) {
		t.Errorf("Get = %v, want %v", err, context.Canceled)
	}
	past, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	if _, err := s.Get(past, "main"); !errors.Is(err, ErrTimeout) {
		t.Errorf("Get = %v, want %v", err, ErrTimeout)
	}
}

func TestForeignItemIsNotShown(t *testing.T) {
	m := &memory{}
	s := withMemory(t, m)
	m.items["main"] = "CANARY"
	if _, err := s.Get(t.Context(), "main"); err == nil || errors.Is(err, ErrNotFound) || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("Get = %v", err)
	}
}

func TestNoBusIsNotAsked(t *testing.T) {
	for _, address := range []string{"", "autolaunch:"} {
		r := newRing(SystemOptions{BusAddress: address, RuntimeDir: t.TempDir()}, osKeyring{})
		if r.reachable() && runtime.GOOS == "linux" {
			t.Errorf("reachable() with address %q = true", address)
		}
	}
}

func passphrase(p string) asker {
	return func(_ context.Context, asked Asked) (secret.Text, error) {
		if asked.Again {
			return secret.Text{}, ErrPassphrase
		}
		return secret.New(p), nil
	}
}

type asker = func(context.Context, Asked) (secret.Text, error)

// usual is an encrypted file under a passphrase at its usual cost.
func usual(path string, ask asker) *Store {
	return EncryptedFile(FileOptions{Path: path, Passphrase: ask})
}

// quick is one whose passphrase costs nothing.
func quick(path string, ask asker) *Store {
	s := usual(path, ask)
	s.backend.(*file).work = 4
	return s
}

func fileStore(t *testing.T) *Store {
	return quick(filepath.Join(t.TempDir(), "sub", "keys.age"), passphrase("correct"))
}

func TestFileWithAWrongPassphraseIsNotTouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.age")
	if err := quick(path, passphrase("correct")).Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(before), "CANARY") || strings.Contains(string(before), long.ID) {
		t.Error("the file shows the key")
	}
	wrong := quick(path, passphrase("wrong"))
	if err := wrong.Set(t.Context(), "main", temp); !errors.Is(err, ErrPassphrase) {
		t.Errorf("Set = %v, want %v", err, ErrPassphrase)
	}
	if _, err := wrong.Get(t.Context(), "main"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("Get = %v, want %v", err, ErrPassphrase)
	}
	if after, err := os.ReadFile(path); err != nil || !slices.Equal(before, after) {
		t.Errorf("the file changed, %v", err)
	}
	if entries, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".keys-*")); len(entries) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// A process that is stopped while it holds a lock stops nobody for ever, and
// nothing is changed beside it.
func TestLocksThatAreKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "keys.age")
	m := &memory{}
	r := withMemory(t, m)
	state, err := r.backend.(*ring).state.dir(true)
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	for name, s := range map[string]*Store{path + ".lock": quick(path, passphrase("p")), filepath.Join(state, lockName): r} {
		unlock, err := lock(t.Context(), name, name, lockBoth)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lock(over, name, name, lockBoth); err == nil || err.Error() != "another process keeps "+name+" locked: wait for it or stop it, then try again" {
			t.Errorf("lock = %v, want that another process keeps it locked", err)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if _, err := lock(ended, name, name, lockBoth); !errors.Is(err, context.Canceled) {
			t.Errorf("lock = %v, want %v", err, context.Canceled)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := s.Set(ctx, "main", long); err == nil || !strings.HasSuffix(err.Error(), "another process keeps "+name+" locked: wait for it or stop it, then try again") {
			t.Errorf("Set = %v, want that another process keeps it locked", err)
		}
		unlock()
		if _, err := s.Get(t.Context(), "main"); !errors.Is(err, ErrNotFound) {
			t.Errorf("Get = %v, want %v", err, ErrNotFound)
		}
	}
}

func TestAbsentFileAsksForNothing(t *testing.T) {
	s := usual(filepath.Join(t.TempDir(), "keys.age"), func(context.Context, Asked) (secret.Text, error) {
		t.Error("asked for a passphrase")
		return secret.Text{}, errors.New("no")
	})
	if _, err := s.Get(t.Context(), "main"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Get = %v, want %v", err, ErrNotFound)
	}
}

func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.age")
	for _, content := range []string{"", "garbage", "age-encryption.org/v1\n"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		s := quick(path, passphrase("p"))
		if _, err := s.Get(t.Context(), "main"); err == nil || errors.Is(err, ErrNotFound) {
			t.Errorf("Get from %q = %v", content, err)
		}
		if err := s.Set(t.Context(), "main", long); err == nil {
			t.Errorf("Set into %q = nil", content)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("%q became %q, %v", content, got, err)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	for _, k := range []Key{long, temp} {
		data, err := encode(k)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"Credentials":{"AccessKeyId":"A","SecretAccessKey":"s"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := ParseKey(data)
		if err != nil {
			return
		}
		if k.Check() != nil {
			return
		}
		again, err := encode(k)
		if err != nil || !json.Valid(again) {
			t.Fatalf("encode = %q, %v", again, err)
		}
		if back, err := ParseKey(again); err != nil || !back.Equal(k) {
			t.Errorf("ParseKey(encode(%v)) = %v, %v", k, back, err)
		}
	})
}

func BenchmarkFileGet(b *testing.B) {
	path := filepath.Join(b.TempDir(), "keys.age")
	if err := usual(path, passphrase("p")).Set(b.Context(), "main", long); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := usual(path, passphrase("p")).Get(b.Context(), "main"); err != nil {
			b.Fatal(err)
		}
	}
}
