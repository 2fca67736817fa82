package cache

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"aws-connector/internal/warm"
)

func names(t *testing.T, d *Dir) []string {
	t.Helper()
	files, err := os.ReadDir(d.Path())
	check(t, err)
	var all []string
	for _, f := range files {
		all = append(all, f.Name())
	}
	return all
}

// write puts a file into the cache that is as old at now.
func write(t *testing.T, d *Dir, name, text string, age time.Duration) {
	t.Helper()
	path := filepath.Join(d.Path(), name)
	check(t, os.WriteFile(path, []byte(text), 0o600))
	check(t, os.Chtimes(path, now, now.Add(-age)))
}

func TestSweep(t *testing.T) {
	d, live := filled(t)
	for name, life := range map[string]time.Duration{"dead": time.Hour, "unwanted": 2 * time.Hour, "held": time.Hour} {
		check(t, d.Slot(name).Put(now.Add(-time.Hour), Entry{Expires: now.Add(life - time.Hour)}))
	}
	for _, name := range []string{"a-1", "dead", "gone"} {
		unlock, err := d.Slot(name).Lock(t.Context())
		check(t, err)
		unlock()
	}
	for _, name := range []string{"held", "minting"} {
		unlock, err := d.Slot(name).Lock(t.Context())
		check(t, err)
		defer unlock()
	}
	torn, writing := tempPrefix+"a-1."+rand.Text(), tempPrefix+"a-1."+rand.Text()
	foreign := tempPrefix + "a-1." + rand.Text()
	write(t, d, torn, product[:5], time.Minute+time.Second)
	write(t, d, tempPrefix+"a-1."+rand.Text(), warm.Magic+"a-1\n", time.Minute+time.Second)
	write(t, d, tempPrefix+"a-1."+rand.Text(), "\x00\x00", time.Minute+time.Second)
	write(t, d, tempPrefix+"a-1."+rand.Text(), "", time.Minute+time.Second)
	write(t, d, writing, product[:5], time.Minute)
	write(t, d, foreign, "x", 1000*time.Hour)
	// An empty lock file may be anybody's.
	check(t, d.Slot("dead-2").Put(now.Add(-time.Hour), Entry{Expires: now}))
	write(t, d, "dead-2.lock", "", 1000*time.Hour)
	write(t, d, "old-version", "aws-connector cache 1\n", 48*time.Hour+time.Second)
	write(t, d, "next-version", "aws-connector cache 3\n", 48*time.Hour)
	write(t, d, "letter", "Dear Alice", 1000*time.Hour)
	write(t, d, ".profile", "", 1000*time.Hour)
	write(t, d, "Cargo.lock", "[[package]]", 1000*time.Hour)
	write(t, d, "yarn.lock", "", 1000*time.Hour)
	check(t, os.Mkdir(filepath.Join(d.Path(), "directory"), 0o700))

	check(t, d.Sweep(now, func(s Slot) bool { return s.Name() != "unwanted" }))
	want := []string{writing, foreign, ".profile", "yarn.lock", tagName, "Cargo.lock", "a-1", "a-1.lock", "dead-2.lock", "directory", "held", "held.lock", "letter", "minting.lock", "next-version"}
	slices.Sort(want)
	if got := names(t, d); !slices.Equal(got, want) {
		t.Errorf("after Sweep there are %q, want %q", got, want)
	}
	if _, ok := live.Get(now); !ok {
		t.Error("Get of the live entry = false")
	}
}

// An entry that nobody can open, for its key is gone, stays for its life only.
func TestSweepOfWhatCannotBeOpened(t *testing.T) {
	d, _ := filled(t)
	d.sealer = memory{2}
	keep := func(s Slot) bool {
		if e, ok := s.Peek(); ok {
			t.Errorf("Peek = %v, true", e)
		}
		return true
	}
	check(t, d.Sweep(entry.Expires.Add(-time.Second), keep))
	if got, want := names(t, d), []string{tagName, "a-1"}; !slices.Equal(got, want) {
		t.Errorf("a second before its expiry there are %q, want %q", got, want)
	}
	check(t, d.Sweep(entry.Expires, keep))
	if got, want := names(t, d), []string{tagName}; !slices.Equal(got, want) {
		t.Errorf("at its expiry there are %q, want %q", got, want)
	}
}

func TestSweepIsBounded(t *testing.T) {
	const many = 3 * sweepFiles
	d, s := filled(t)
	check(t, s.Remove())
	check(t, os.Remove(filepath.Join(d.Path(), tagName)))
	for i := range many {
		write(t, d, strconv.Itoa(i), string(encoded(t, sealed, strconv.Itoa(i), Entry{Expires: now})), 0)
	}
	check(t, d.Sweep(now, nil))
	if got := len(names(t, d)); got != many-sweepFiles {
		t.Errorf("after one Sweep there are %d, want %d", got, many-sweepFiles)
	}
	check(t, d.Sweep(now, nil))
	check(t, d.Sweep(now, nil))
	if got := len(names(t, d)); got != 0 {
		t.Errorf("after three there are %d, want none", got)
	}
}

func TestSweepOfNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none")
	check(t, Open(path, Off).Sweep(now, nil))
	if _, err := os.Lstat(path); err == nil {
		t.Error("Sweep made the directory")
	}
}

// Another process may have put an entry while the sweep took the lock.
func TestSweepLooksAgainUnderTheLock(t *testing.T) {
	d, s := filled(t)
	looks := 0
	check(t, d.Sweep(now, func(Slot) bool {
		looks++
		return looks > 1
	}))
	if _, ok := s.Get(now); !ok || looks != 2 {
		t.Errorf("after %d looks, of which the second finds an entry that is kept, Get = %t", looks, ok)
	}
}

// What stays does not keep a sweep from the rest.
func TestSweepComesToAll(t *testing.T) {
	const live, dead = 3 * sweepFiles, 20
	d, _ := filled(t)
	d.boot = func() time.Duration { return time.Hour } // as encoded has it
	for i := range live {
		write(t, d, "live"+strconv.Itoa(i), string(encoded(t, sealed, "live"+strconv.Itoa(i), entry)), 0)
	}
	for i := range dead {
		write(t, d, "dead"+strconv.Itoa(i), string(encoded(t, sealed, "dead"+strconv.Itoa(i), Entry{Expires: now})), 0)
	}
	want := live + 2
	for range 1000 {
		check(t, d.Sweep(now, nil))
		if len(names(t, d)) == want {
			return
		}
	}
	t.Errorf("there are %d, want %d", len(names(t, d)), want)
}

// A temporary file is known by the whole of its name.
func TestWhatIsNoTemporaryFile(t *testing.T) {
	d, _ := filled(t)
	text := rand.Text()
	live := d.Slot("a." + text)
	check(t, live.Put(now, entry))
	past := now.Add(-time.Hour)
	check(t, os.Chtimes(live.path(), past, past))
	for _, name := range []string{".a-1." + text[1:], ".a-1.x" + text, ".a b." + text, ".." + text, "." + text, "a b", "a-1.lock.lock"} {
		write(t, d, name, string(encoded(t, sealed, name, Entry{Expires: now})), 1000*time.Hour)
	}
	check(t, os.Symlink("nowhere", filepath.Join(d.Path(), ".b."+text)))
	before := names(t, d)
	check(t, d.Sweep(now, nil))
	if after := names(t, d); !slices.Equal(after, before) {
		t.Errorf("after Sweep there are %q, want %q", after, before)
	}
}
