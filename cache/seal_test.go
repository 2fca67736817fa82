package cache

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// Which of the files of one policy are hits under another.
func TestSealingPolicies(t *testing.T) {
	dirs := map[string]*Dir{}
	path := filepath.Join(t.TempDir(), "cache")
	for _, seal := range []Seal{Auto, Keyring, Off} {
		with, without := Open(path, seal), Open(path, seal)
		with.sealer, without.sealer = memory{1}, refusing{}
		dirs[string(seal)], dirs[string(seal)+", refused"] = with, without
	}
	dirs["another key"] = Open(path, Auto)
	dirs["another key"].sealer = memory{2}

	const plainHits = "auto, refused;off;off, refused"
	for writer, readers := range map[string]string{
		"auto": "auto;keyring", "keyring": "auto;keyring", "another key": "another key",
		"auto, refused": plainHits, "off": plainHits, "off, refused": plainHits,
	} {
		s := dirs[writer].Slot("a-1")
		check(t, s.Put(now, entry))
		for reader, d := range dirs {
			_, got := d.Slot("a-1").Get(now)
			want := false
			for _, name := range strings.Split(readers, ";") {
				want = want || name == reader
			}
			if got != want {
				t.Errorf("Get with %s of what was put with %s = %t, want %t", reader, writer, got, want)
			}
		}
		check(t, s.Remove())
	}
}

func TestKeyringRatherThanPlain(t *testing.T) {
	d := Open(filepath.Join(t.TempDir(), "cache"), Keyring)
	d.sealer = refusing{}
	err := d.Slot("a").Put(now, entry)
	if want := `cache: nothing is kept with seal "keyring": the test refused: operation not permitted`; err == nil || err.Error() != want || !errors.Is(err, errRefused) {
		t.Errorf("Put = %v, want %s", err, want)
	}
	if slots, err := d.Slots(); len(slots) != 0 || err != nil {
		t.Errorf("Slots() = %v, %v, want none", slots, err)
	}
}

func TestSealing(t *testing.T) {
	for _, test := range []struct {
		seal Seal
		by   sealer
		want string
	}{
		{"", memory{1}, "sealed by the test"},
		{Auto, memory{1}, "sealed by the test"},
		{Keyring, memory{1}, "sealed by the test"},
		{Off, memory{1}, "plain files: seal is off"},
		{"", refusing{}, "plain files: the test refused: operation not permitted"},
		{Auto, refusing{}, "plain files: the test refused: operation not permitted"},
		{Keyring, refusing{}, "nothing is kept: the test refused: operation not permitted"},
		{"none of them", refusing{}, "nothing is kept: the test refused: operation not permitted"},
	} {
		d := Open("/nowhere", test.seal)
		d.sealer = test.by
		if got := d.Sealing(); got != test.want {
			t.Errorf("Sealing() with %q = %q, want %q", test.seal, got, test.want)
		}
	}
}

// Whatever the operating system gives, a cache is opened with what there is.
func TestOpen(t *testing.T) {
	for seal, want := range map[Seal]Seal{"": Auto, Auto: Auto, Keyring: Keyring, Off: Off, "on": Keyring, "AUTO": Keyring} {
		d := Open(filepath.Join(t.TempDir(), "cache"), seal)
		if d.seal != want {
			t.Errorf("Open with seal %q has %q, want %q", seal, d.seal, want)
		}
		err := d.Slot("a").Put(now, entry)
		if _, ok := d.Slot("a").Get(now); ok != (err == nil) || err != nil && want != Keyring {
			t.Errorf("seal %q: Put = %v, Get = %t", seal, err, ok)
		}
	}
}
