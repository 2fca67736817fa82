package keystore

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aws-connector/internal/secret"
)

// What is configured and what the file is encrypted to differ: each has a sentence
// of its own, and the file stays.
func TestWhatDoesNotOpenIt(t *testing.T) {
	id, other := x25519(t), x25519(t)
	const keys = `{"main":{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"CANARY"}}`
	good := seal(t, keys, under(t, "p", 4))
	big := string(make([]byte, maxKeysFile+1))
	for name, test := range map[string]struct {
		file, identity, want string
	}{
		"recipient, no identity":   {seal(t, keys, id.Recipient()), "", "is encrypted to recipients (X25519), and no keystore_identity is set"},
		"passphrase, identity":     {good, id.String(), "is encrypted under a passphrase, and keystore_identity is"},
		"another recipient":        {seal(t, keys, other.Recipient(), other.Recipient()), id.String(), "is encrypted to other recipients (X25519)"},
		"wrong passphrase":         {seal(t, keys, under(t, "q", 4)), "", "wrong passphrase for"},
		"work factor":              {strings.Replace(good, " 4\n", " 30\n", 1), "", "work factor of 2^30"},
		"work factor, one more":    {strings.Replace(good, " 4\n", " 21\n", 1), "", "work factor of 2^21"},
		"work factor, huge":        {strings.Replace(good, " 4\n", " 18446744073709551620\n", 1), "", "work factor of 2^18446744073709551620"},
		"work factor, not one":     {strings.Replace(good, " 4\n", " 4x\n", 1), "", "is damaged: its header was changed"},
		"changed work factor":      {strings.Replace(good, " 4\n", " 5\n", 1), "", "wrong passphrase for"},
		"empty":                    {"", "", "is damaged: it is empty"},
		"torn":                     {good[:10], "", "is damaged: its header is incomplete"},
		"torn payload":             {good[:len(good)-1], "", "is damaged: it is cut or was changed"},
		"more than age wrote":      {good + "x", "", "is damaged: it is cut or was changed"},
		"text":                     {"hello\n", "", "is not a file that age encrypted"},
		"keys in plain text":       {keys, "", "is not a file that age encrypted"},
		"armor":                    {armored(t, good), "", "in armor"},
		"too large":                {big, "", "is larger than 4194304 bytes"},
		"no JSON":                  {seal(t, "hello", under(t, "p", 4)), "", "is not a JSON object of keys"},
		"null":                     {seal(t, "null", under(t, "p", 4)), "", "is not a JSON object of keys"},
		"identity, no JSON":        {seal(t, "[]", id.Recipient()), id.String(), "is not a JSON object of keys"},
		"identity, torn":           {seal(t, keys, id.Recipient())[:190], id.String(), "is damaged"},
		"passphrase and recipient": {strings.Replace(good, "-> scrypt", "-> X25519 x\n\n-> scrypt", 1), "", "under a passphrase and to somebody else"},
	} {
		s := quick(put(t, filepath.Join(t.TempDir(), "keys.age"), test.file), passphrase("p"))
		f := s.backend.(*file)
		if test.identity != "" {
			f.Identity = put(t, f.path+"2", test.identity)
		}
		_, getErr := s.Get(t.Context(), "main")
		setErr := again(s).Set(t.Context(), "main", long)
		_, probeErr := again(s).Probe(t.Context())
		for _, err := range []error{getErr, setErr, probeErr} {
			var hint interface{ Hint() string }
			switch {
			case err == nil || !strings.Contains(err.Error(), test.want) || errors.Is(err, ErrNotFound):
				t.Errorf("%s: %v, want %q", name, err, test.want)
			case !errors.Is(err, ErrPassphrase) && (!errors.As(err, &hint) || hint.Hint() == ""):
				t.Errorf("%s: %v has no cure", name, err)
			case errors.Is(err, ErrPassphrase) != strings.HasPrefix(test.want, "wrong"):
				t.Errorf("%s: %v, is a wrong passphrase: %t", name, err, errors.Is(err, ErrPassphrase))
			}
		}
		if data, err := os.ReadFile(f.path); err != nil || string(data) != test.file {
			t.Errorf("%s: the file was changed, %v", name, err)
		}
		if left, err := filepath.Glob(filepath.Join(filepath.Dir(f.path), ".keys-*")); len(left) > 0 || err != nil {
			t.Errorf("%s: left behind: %q, %v", name, left, err)
		}
	}
}

// A file that ends anywhere is damaged, never a wrong passphrase or no key, and stays.
func TestTornAnywhere(t *testing.T) {
	id := x25519(t)
	for name, s := range map[string]*Store{"passphrase": fileStore(t), "identity": by(t, id.String(), askNobody(t))} {
		f := s.backend.(*file)
		if err := s.Set(t.Context(), "main", long); err != nil {
			t.Fatal(err)
		}
		whole, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		for n := range whole {
			put(t, f.path, string(whole[:n]))
			torn := again(s)
			_, err := torn.Get(t.Context(), "main")
			if err == nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrPassphrase) || !strings.Contains(err.Error(), "is damaged") {
				t.Errorf("%s: Get from the first %d bytes = %v", name, n, err)
			}
			if n%16 == 0 {
				if err := torn.Set(t.Context(), "main", temp); err == nil {
					t.Errorf("%s: Set wrote over the first %d bytes", name, n)
				}
			}
		}
		put(t, f.path, string(whole))
		if k, err := again(s).Get(t.Context(), "main"); err != nil || !k.Equal(long) {
			t.Errorf("%s: Get = %q, %v", name, k.ID, err)
		}
	}
}

// A person has three tries; a source that has but one answer is not asked for it again.
func TestPassphrasesThatAreAskedFor(t *testing.T) {
	s := fileStore(t)
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	eof := errors.New("end of input")
	for _, test := range []struct {
		answers []string
		then    error // what comes after those
		want    error
		asked   int
	}{
		{[]string{"correct"}, eof, nil, 1},
		{[]string{"wrong", "", "correct"}, eof, nil, 3},
		{[]string{"wrong", "wrong", "wrong", "correct"}, eof, ErrPassphrase, 3},
		{[]string{"", "", ""}, eof, ErrPassphrase, 3},
		{[]string{"wrong"}, eof, eof, 2},
		{[]string{"wrong"}, ErrPassphrase, ErrPassphrase, 2},
		{nil, eof, eof, 1},
	} {
		for _, change := range []bool{false, true} {
			var asked []bool
			a := again(s)
			f := a.backend.(*file)
			f.Passphrase = func(_ context.Context, how Asked) (secret.Text, error) {
				if how.New || how.Path != f.path {
					t.Errorf("asked for %+v", how)
				}
				if asked = append(asked, how.Again); len(asked) > len(test.answers) {
					return secret.Text{}, test.then
				}
				return secret.New(test.answers[len(asked)-1]), nil
			}
			_, err := a.Get(t.Context(), "main")
			if change {
				asked, f.pass = nil, nil
				err = a.Set(t.Context(), "main", long)
			}
			if !errors.Is(err, test.want) || len(asked) != test.asked || slices.Contains(asked[1:], false) || asked[0] {
				t.Errorf("%q, change: %t: %v, asked again: %v; want %v after %d", test.answers, change, err, asked, test.want, test.asked)
			}
			if errors.Is(err, ErrPassphrase) && !strings.Contains(err.Error(), f.path) {
				t.Errorf("%v does not name the file", err)
			}
		}
	}
	empty := quick(filepath.Join(t.TempDir(), "keys.age"), passphrase(""))
	if err := empty.Set(t.Context(), "main", long); !errors.Is(err, ErrPassphrase) || !strings.Contains(err.Error(), "empty") {
		t.Errorf("Set under an empty passphrase = %v", err)
	}
}

func TestMake(t *testing.T) {
	for _, s := range []*Store{fileStore(t), by(t, x25519(t).String(), askNobody(t))} {
		if made, err := s.Make(t.Context()); !made || err != nil {
			t.Errorf("Make = %t, %v", made, err)
		}
		if made, err := again(s).Make(t.Context()); made || err != nil {
			t.Errorf("Make once more = %t, %v", made, err)
		}
		if names, err := again(s).Names(t.Context()); err != nil || len(names) > 0 {
			t.Errorf("Names() = %q, %v", names, err)
		}
	}
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte(seal(f, "{}", under(f, "p", 4))))
	f.Add([]byte(seal(f, "{}", x25519(f).Recipient())))
	f.Add([]byte(ageHeader + "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\n\n--- AAAA\n"))
	id := x25519(f)
	path := put(f, filepath.Join(f.TempDir(), "identity"), id.String())
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.Contains(data, []byte("scrypt")) && !bytes.Contains(data, []byte(" 4\n")) {
			return // work that is taken, and takes long
		}
		for _, o := range []FileOptions{{Path: "k", Passphrase: passphrase("p")}, {Path: "k", Identity: path}} {
			s := &file{FileOptions: o, path: "k"}
			if keys, err := s.decrypt(t.Context(), data, need{}); err == nil && keys == nil {
				t.Error("neither keys nor an error")
			}
		}
	})
}
