package cache

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// tidied puts an entry into the cache at the time given and reports whether Tidy
// then swept: whether an entry that had died is gone.
func tidied(t *testing.T, d *Dir, at time.Time) bool {
	t.Helper()
	write(t, d, "dead", string(encoded(t, sealed, "dead", Entry{Expires: now.Add(-1000 * time.Hour)})), 0)
	check(t, d.Slot("a-1").Put(at, Entry{Expires: at.Add(time.Hour)}))
	check(t, d.Tidy(at, nil))
	_, err := os.Lstat(filepath.Join(d.Path(), "dead"))
	return os.IsNotExist(err)
}

// made makes the directory as old as if it was made at the time given.
func made(t *testing.T, d *Dir, at time.Time) {
	t.Helper()
	check(t, os.Chtimes(filepath.Join(d.Path(), tagName), at, at))
}

// Now and then means once a minute, whichever way the clock is set.
func TestTidy(t *testing.T) {
	d, _ := filled(t)
	made(t, d, now)
	for i, step := range []struct {
		at   time.Time
		want bool
	}{
		{now, false},
		{now.Add(turnEvery - time.Second), false},
		{now.Add(turnEvery), true},
		{now.Add(turnEvery), false},
		{now.Add(turnEvery - time.Second), false},
		{now.Add(-time.Hour), true},
		{now.Add(-time.Hour), false},
		{now.Add(1000 * time.Hour), true},
	} {
		if got := tidied(t, d, step.at); got != step.want {
			t.Errorf("step %d: Tidy at %v swept: %t, want %t", i, step.at.Sub(now), got, step.want)
		}
	}
	// Another process has the same time to go by, and no sweep takes it away.
	other := Open(d.Path(), Auto)
	other.sealer = d.sealer
	if tidied(t, other, now.Add(1000*time.Hour)) {
		t.Error("Tidy of another process swept within a minute")
	}
	check(t, d.Sweep(now.Add(100_000*time.Hour), nil))
	if text, err := os.ReadFile(filepath.Join(d.Path(), tagName)); string(text) != tag || err != nil {
		t.Errorf("the tag is %q, %v", text, err)
	}
}

// Who put nothing has nothing to tidy.
func TestTidyAfterNothing(t *testing.T) {
	d, _ := filled(t)
	reader := Open(d.Path(), Auto)
	if !d.Filled() || reader.Filled() {
		t.Errorf("Filled = %t, and of who put nothing %t", d.Filled(), reader.Filled())
	}
	made(t, d, now.Add(-time.Hour))
	check(t, reader.Tidy(now, func(Slot) bool { t.Error("Tidy looked at an entry"); return true }))
	if got, want := names(t, d), []string{tagName, "a-1"}; !slices.Equal(got, want) {
		t.Errorf("after Tidy there are %q, want %q", got, want)
	}
}

// While one process sweeps, the others do not, however late it is.
func TestTidyWhileAnotherSweeps(t *testing.T) {
	d, _ := filled(t)
	made(t, d, now)
	done, ok := d.turn(now.Add(turnEvery))
	if !ok {
		t.Fatal("the first has no turn")
	}
	late := now.Add(10 * turnEvery)
	if tidied(t, d, late) {
		t.Error("Tidy swept while another process does")
	}
	done()
	if !tidied(t, d, late) {
		t.Error("Tidy did not sweep after the other")
	}
}

// What somebody else put in the place of the tag stays as it is, and no more than
// a few calls sweep.
func TestTidyWithAnothersTag(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "file")
	for name, put := range map[string]func(path string) error{
		"text":      func(path string) error { return os.WriteFile(path, []byte("mine"), 0o600) },
		"empty":     func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"link":      func(path string) error { return os.Symlink(elsewhere, path) },
		"another's": func(path string) error { return os.WriteFile(path, []byte(tag+"\n"), 0o600) },
	} {
		d, _ := filled(t)
		path := filepath.Join(d.Path(), tagName)
		check(t, os.Remove(path))
		if err := put(path); err != nil {
			t.Log(err)
			continue
		}
		past := now.Add(-1000 * time.Hour)
		if name != "link" {
			check(t, os.Chtimes(path, past, past))
		}
		before, err := os.Lstat(path)
		check(t, err)
		swept := 0
		for range 100 {
			if tidied(t, d, now) {
				swept++
			}
		}
		after, err := os.Lstat(path)
		check(t, err)
		if before.Mode() != after.Mode() || before.Size() != after.Size() || !before.ModTime().Equal(after.ModTime()) {
			t.Errorf("%s: it was changed", name)
		}
		if swept == 0 || swept > 50 {
			t.Errorf("%s: %d of 100 calls swept, want a few", name, swept)
		}
		if _, err := os.Lstat(elsewhere); err == nil {
			t.Errorf("%s: a file was made where the link leads", name)
		}
	}
}

// However many there are, a bounded number of names is read.
func TestSampleIsBounded(t *testing.T) {
	d, _ := filled(t)
	for _, name := range []string{"b", "c", "d", "e"} {
		write(t, d, name, "", 0)
	}
	for most, want := range map[int]int{3: 3, 6: 6, 100: 6} {
		got, err := d.sample(most)
		check(t, err)
		slices.Sort(got)
		if len(slices.Compact(got)) != want {
			t.Errorf("sample(%d) = %q, want %d of them", most, got, want)
		}
	}
}
