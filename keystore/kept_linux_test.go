package keystore

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/question"
	"aws-connector/internal/secret"

	"golang.org/x/sys/unix"
)

// counting is a source of passphrases that counts how often it is asked.
type counting struct {
	pass  string
	times int
}

func (c *counting) ask(_ context.Context, a Asked) (secret.Text, error) {
	if c.times++; a.Again {
		return secret.Text{}, ErrPassphrase
	}
	return secret.New(c.pass), nil
}

// keeping is an encrypted file that has the key "main" and stays open for d. The
// rest of the test is of no use where the kernel keeps nothing: then every call asks,
// which is tested here.
func keeping(t *testing.T, d time.Duration) (*Store, *counting) {
	t.Helper()
	c := &counting{pass: "correct"}
	s := quick(filepath.Join(t.TempDir(), "keys.age"), c.ask)
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	s.backend.(*file).Keep = d
	t.Cleanup(func() { again(s).Lock(context.Background()) })
	if _, _, err := s.Unlocked(t.Context()); err != nil {
		if !errors.Is(err, ErrNoKernelKeyring) {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := again(s).Get(t.Context(), "main"); err != nil {
				t.Error(err)
			}
		}
		asked := c.times
		if _, err := again(s).Unlock(t.Context(), time.Hour); !errors.Is(err, ErrNoKernelKeyring) || asked != 3 || c.times != asked {
			t.Errorf("without a kernel's keyring: Unlock = %v, asked %d times", err, c.times)
		}
		t.Skip("what is kept in the kernel's keyring cannot be, here: ", err)
	}
	c.times = 0
	return s, c
}

func (c *counting) want(t *testing.T, what string, n int, err error) {
	t.Helper()
	if err != nil || c.times != n {
		t.Errorf("%s: asked %d times, %v, want %d", what, c.times, err, n)
	}
	c.times = 0
}

func get(t *testing.T, s *Store) error {
	_, err := again(s).Get(t.Context(), "main")
	return err
}

// What was opened once is open for other processes, to read; a writer still asks.
func TestKeptOpen(t *testing.T) {
	s, c := keeping(t, time.Minute)
	c.want(t, "the first", 1, get(t, s))
	c.want(t, "the second", 0, get(t, s))
	until, ok, err := again(s).Unlocked(t.Context())
	if left := time.Until(until); !ok || err != nil || left <= 50*time.Second || left > time.Minute {
		t.Errorf("Unlocked() = %v, %t, %v", until, ok, err)
	}
	c.want(t, "a writer", 1, again(s).Set(t.Context(), "other", temp))
	c.want(t, "after it", 0, get(t, s))
	if was, err := again(s).Lock(t.Context()); !was || err != nil {
		t.Errorf("Lock = %t, %v", was, err)
	}
	if was, err := again(s).Lock(t.Context()); was || err != nil {
		t.Errorf("Lock once more = %t, %v", was, err)
	}
	if _, ok, err := again(s).Unlocked(t.Context()); ok || err != nil {
		t.Errorf("Unlocked() after Lock = %t, %v", ok, err)
	}
	c.want(t, "after Lock", 1, get(t, s))
}

func TestNotKeptOpen(t *testing.T) {
	s, c := keeping(t, 0)
	c.want(t, "the first", 1, get(t, s))
	c.want(t, "the second", 1, get(t, s))
	if _, ok, err := again(s).Unlocked(t.Context()); ok || err != nil {
		t.Errorf("Unlocked() = %t, %v", ok, err)
	}
}

// Unlocked, nobody is asked, not even to write, and it stays so till the same time.
func TestUnlock(t *testing.T) {
	for _, keep := range []time.Duration{0, 5 * time.Minute} {
		s, c := keeping(t, keep)
		until, err := again(s).Unlock(t.Context(), time.Minute)
		c.want(t, "Unlock", 1, err)
		for range 2 {
			c.want(t, "Get", 0, get(t, s))
			c.want(t, "Set", 0, again(s).Set(t.Context(), "other", temp))
			// The next one need not derive the key again.
			data, err := os.ReadFile(s.backend.(*file).path)
			if k, keptErr := s.backend.(*file).kept(); err != nil || keptErr != nil || !strings.Contains(string(data), stanzaEncoding().EncodeToString(k.Salt)) {
				t.Errorf("what is kept is not of the file that was written: %v, %v", err, keptErr)
			}
		}
		told, ok, err := again(s).Unlocked(t.Context())
		if diff := until.Sub(told).Abs(); !ok || err != nil || diff > time.Second {
			t.Errorf("Unlocked() = %v, %t, %v, want %v", told, ok, err, until)
		}
		// A program that wrote the file anew under the same passphrase opened it for nobody else.
		data, err := os.ReadFile(s.backend.(*file).path)
		if err != nil {
			t.Fatal(err)
		}
		plain := decrypted(t, string(data), "correct")
		put(t, s.backend.(*file).path, seal(t, plain, under(t, "correct", 4)))
		c.want(t, "Get from what another program wrote", 0, get(t, s))
		put(t, s.backend.(*file).path, seal(t, plain, under(t, "another", 4)))
		c.pass = "another"
		c.want(t, "Get from one under another passphrase", 1, get(t, s))
		if k, err := again(s).backend.(*file).kept(); err != nil || len(k.Passphrase) > 0 && keep > 0 {
			t.Errorf("the passphrase of the file of before is kept: %v", err)
		}
		if _, err := again(s).Unlock(t.Context(), -time.Second); !errors.Is(err, ErrNoKernelKeyring) {
			t.Errorf("Unlock for less than no time = %v", err)
		}
		wrong := again(s)
		wrong.backend.(*file).Passphrase = passphrase("wrong")
		if _, err := wrong.Unlock(t.Context(), time.Minute); !errors.Is(err, ErrPassphrase) {
			t.Errorf("Unlock with a wrong passphrase, after reading = %v", err)
		}
	}
}

// What was locked stays so, though a process that has read before writes after.
func TestLockedMeanwhile(t *testing.T) {
	s, c := keeping(t, 0)
	_, err := again(s).Unlock(t.Context(), time.Minute)
	c.want(t, "Unlock", 1, err)
	a := again(s)
	if _, err := a.Get(t.Context(), "main"); err != nil {
		t.Fatal(err)
	}
	if was, err := again(s).Lock(t.Context()); !was || err != nil {
		t.Errorf("Lock = %t, %v", was, err)
	}
	if err := a.Set(t.Context(), "main", temp); err != nil {
		t.Error(err)
	}
	if k, err := a.backend.(*file).kept(); err != nil || k.Until != 0 {
		t.Errorf("it is open again, %v", err)
	}
}

// A process that has read with what is kept does not unlock without the passphrase.
func TestUnlockProvesThePassphrase(t *testing.T) {
	s, c := keeping(t, time.Minute)
	c.want(t, "Get", 1, get(t, s))
	a := again(s)
	a.backend.(*file).Passphrase = passphrase("wrong")
	if _, err := a.Get(t.Context(), "main"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Unlock(t.Context(), time.Hour); !errors.Is(err, ErrPassphrase) {
		t.Errorf("Unlock = %v", err)
	}
	if err := a.Set(t.Context(), "main", temp); !errors.Is(err, ErrPassphrase) {
		t.Errorf("Set = %v", err)
	}
}

func decrypted(t *testing.T, data, pass string) string {
	t.Helper()
	f := &file{path: "k", FileOptions: FileOptions{Passphrase: passphrase(pass)}}
	keys, err := f.decrypt(t.Context(), []byte(data), need{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// An identity under a passphrase stays open as the derived key does; one without is
// always open, and nothing is kept.
func TestIdentityThatIsKept(t *testing.T) {
	keeping(t, 0) // whether anything can be
	c := &counting{pass: "correct"}
	id := x25519(t)
	sshFile, _, _ := sshKey(t, "")
	for _, text := range []string{id.String(), sshFile} {
		s := by(t, seal(t, text, under(t, "correct", 4)), c.ask)
		f := s.backend.(*file)
		t.Cleanup(func() { again(s).Lock(context.Background()) })
		c.want(t, "Set", 1, s.Set(t.Context(), "main", long))
		c.want(t, "Get, not kept", 1, get(t, s))
		until, err := again(s).Unlock(t.Context(), time.Minute)
		c.want(t, "Unlock", 1, err)
		c.want(t, "Get", 0, get(t, s))
		c.want(t, "Set, unlocked", 0, again(s).Set(t.Context(), "main", temp))
		if told, ok, err := again(s).Unlocked(t.Context()); !ok || err != nil || until.Sub(told).Abs() > time.Second {
			t.Errorf("Unlocked() = %v, %t, %v", told, ok, err)
		}
		put(t, f.Identity, seal(t, text, under(t, "correct", 4)))
		if _, ok, err := again(s).Unlocked(t.Context()); ok || err != nil {
			t.Errorf("Unlocked() with another file of the identity = %t, %v", ok, err)
		}
		c.want(t, "Get with another file of the identity", 1, get(t, s))
		if k, err := f.kept(); err != nil || len(k.Passphrase) > 0 {
			t.Errorf("the identity's passphrase is kept, %v", err)
		}
	}
	open := by(t, id.String(), askNobody(t))
	if _, err := open.Make(t.Context()); err != nil {
		t.Fatal(err)
	}
	if until, err := open.Unlock(t.Context(), time.Hour); err != nil || !until.IsZero() {
		t.Errorf("Unlock of what is always open = %v, %v", until, err)
	}
	if until, ok, err := open.Unlocked(t.Context()); err != nil || !ok || !until.IsZero() {
		t.Errorf("Unlocked() of what is always open = %v, %t, %v", until, ok, err)
	}
	if was, err := open.Lock(t.Context()); was || err != nil {
		t.Errorf("Lock of what is always open = %t, %v", was, err)
	}
}

// What is kept is of one file, and over in time, though a clock be set back.
func TestEndOfWhatIsKept(t *testing.T) {
	s, c := keeping(t, 0)
	f := s.backend.(*file)
	_, err := again(s).Unlock(t.Context(), time.Hour)
	c.want(t, "Unlock", 1, err)
	good, err := f.kept()
	if err != nil {
		t.Fatal(err)
	}
	store := func(change func(*kept)) {
		t.Helper()
		k := good
		change(&k)
		payload, err := json.Marshal(k)
		if err == nil {
			err = writeKernelKey(description(f.path), payload, time.Hour)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	now := question.Now()
	for what, change := range map[string]func(*kept){
		"its time is over":            func(k *kept) { k.Until = now - 1 },
		"written in the future":       func(k *kept) { k.Written, k.Until = now+int64(2*time.Hour), now+int64(3*time.Hour) },
		"over by the clock from boot": func(k *kept) { k.Boot = question.SinceBoot() - int64(2*time.Hour) },
		"of nothing":                  func(k *kept) { *k = kept{} },
	} {
		store(change)
		if question.SinceBoot() < int64(2*time.Hour) && strings.Contains(what, "boot") {
			continue // the machine has not been up for so long
		}
		if _, ok, err := again(s).Unlocked(t.Context()); ok || err != nil {
			t.Errorf("%s: Unlocked() = %t, %v", what, ok, err)
		}
		c.want(t, what, 1, get(t, s))
	}
	store(func(*kept) {})
	c.want(t, "as it was", 0, get(t, s))
	if err := writeKernelKey(description(f.path), []byte("no JSON"), time.Hour); err != nil {
		t.Fatal(err)
	}
	c.want(t, "no JSON", 1, get(t, s))
	// The kernel drops it by itself.
	if err := writeKernelKey(description(f.path), []byte("x"), time.Nanosecond); err != nil {
		t.Fatal(err)
	}
	id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, kernelKeyType, description(f.path), 0)
	if err != nil {
		t.Fatal(err)
	}
	text, err := unix.KeyctlString(unix.KEYCTL_DESCRIBE, id)
	if err != nil || !strings.Contains(text, ";3b0b0000;") || strings.ContainsAny(text, "/.") {
		t.Errorf("the kernel describes the key as %q, %v; want that others may do nothing with it, and no path", text, err)
	}
	other := again(s)
	other.backend.(*file).path += "2"
	if k, err := other.backend.(*file).kept(); err != nil || k.Until != 0 {
		t.Errorf("another file is kept open, %v", err)
	}
}

// What the kernel says of a key that is gone is no failure; all else is none to keep
// anything in.
func TestKernelErrors(t *testing.T) {
	for _, gone := range []error{nil, unix.ENOKEY, unix.EKEYEXPIRED, unix.EKEYREVOKED} {
		if err := reading(gone); err != nil {
			t.Errorf("reading(%v) = %v", gone, err)
		}
	}
	for _, none := range []error{unix.EPERM, unix.ENOSYS, unix.EACCES, unix.EOPNOTSUPP} {
		if err := reading(none); !errors.Is(err, ErrNoKernelKeyring) || !errors.Is(err, none) {
			t.Errorf("reading(%v) = %v", none, err)
		}
	}
	for _, none := range []error{unix.EPERM, unix.ENOSYS, unix.EDQUOT} {
		if err := writing(none); !errors.Is(err, ErrNoKernelKeyring) {
			t.Errorf("writing(%v) = %v", none, err)
		}
	}
	if err := writeKernelKey(keptPrefix+"test", make([]byte, maxKept+1), time.Hour); !errors.Is(err, ErrNoKernelKeyring) {
		t.Errorf("a key that is too large: %v", err)
	}
}
