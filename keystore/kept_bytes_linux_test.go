package keystore

import (
	"testing"
	"time"
)

// A passphrase is bytes: one in Latin-1 is the same once it was kept, and what is
// written while the file is unlocked is opened by it after.
func TestKeptPassphraseIsTheSame(t *testing.T) {
	keeping(t, 0) // whether anything can be
	for _, pass := range []string{"gr\xfcn und l\xe4nger", "\xff", "grün\u2028<&>", "a\tb\x01\x7f"} {
		s, c := keeping(t, 0)
		c.pass = pass
		data := seal(t, "{}", under(t, pass, 4))
		put(t, s.backend.(*file).path, data)
		_, err := again(s).Unlock(t.Context(), time.Minute)
		c.want(t, "Unlock", 1, err)
		c.want(t, "Set", 0, again(s).Set(t.Context(), "main", long))
		if _, err := again(s).Lock(t.Context()); err != nil {
			t.Error(err)
		}
		c.want(t, "Get after Lock", 1, get(t, s))
	}
}
