//go:build !windows

package keystore

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"aws-connector/internal/owned"
)

// place of a file that a chain of links leads to: home/keys.age, a relative link to
// a link in another directory, which leads by an absolute one to cloud/real.age.
func chain(t *testing.T) (link, middle, target string) {
	t.Helper()
	root := t.TempDir()
	for _, dir := range []string{"home", "dotfiles", "cloud"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	link, middle, target = filepath.Join(root, "home", "keys.age"), filepath.Join(root, "dotfiles", "keys.age"), filepath.Join(root, "cloud", "real.age")
	if err := errors.Join(os.Symlink("../dotfiles/./keys.age", link), os.Symlink(target, middle)); err != nil {
		t.Fatal(err)
	}
	return link, middle, target
}

func isLink(t *testing.T, path string) {
	t.Helper()
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("%s is no link any more: %v", path, err)
	}
}

// The target is made and replaced, and the links stay; lock and temporary files are
// beside the target.
func TestFileThatIsALink(t *testing.T) {
	link, middle, target := chain(t)
	s := quick(link, passphrase("p"))
	if _, err := s.Get(t.Context(), "main"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Get where the link leads to nothing = %v", err)
	}
	absent := version(t, s, "main")
	for _, name := range []string{"main", "other"} {
		if err := s.Set(t.Context(), name, long); err != nil {
			t.Fatal(err)
		}
	}
	if version(t, s, "main") == absent {
		t.Error("a file has the generation of none")
	}
	isLink(t, link)
	isLink(t, middle)
	if info, err := os.Lstat(target); err != nil || !info.Mode().IsRegular() || info.Mode().Perm() != 0o600 {
		t.Errorf("the target is %v, %v", info, err)
	}
	for dir, want := range map[string]int{filepath.Dir(link): 1, filepath.Dir(middle): 1, filepath.Dir(target): 2} {
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != want {
			t.Errorf("in %s are %v, %v", dir, entries, err)
		}
	}
	for _, path := range []string{link, middle, target} {
		if names, err := quick(path, passphrase("p")).Names(t.Context()); err != nil || len(names) != 2 {
			t.Errorf("through %s: %q, %v", path, names, err)
		}
	}
	if err := os.Chmod(target, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := again(s).Get(t.Context(), "main"); err == nil || !strings.Contains(err.Error(), target+" has mode 0640") {
		t.Errorf("Get through a link to a loose file = %v", err)
	}
}

// Every change of where the links lead, and of what is there, is another generation.
func TestGenerationThroughLinks(t *testing.T) {
	link, middle, target := chain(t)
	s := quick(link, passphrase("p"))
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := put(t, target+"2", string(data))
	seen := map[string]string{version(t, s, "main"): "at first"}
	for _, change := range []struct {
		what string
		do   func() error
	}{
		{"the first link leads elsewhere", func() error { return errors.Join(os.Remove(link), os.Symlink(elsewhere, link)) }},
		{"the second link leads to nothing", func() error {
			return errors.Join(os.Remove(link), os.Symlink(middle, link), os.Remove(middle), os.Symlink(target+"3", middle))
		}},
		{"it leads to another nothing", func() error { return errors.Join(os.Remove(middle), os.Symlink(target+"4", middle)) }},
		{"a copy takes the target's place", func() error {
			return errors.Join(os.Remove(middle), os.Symlink(target, middle), os.Rename(elsewhere, target))
		}},
		{"a file takes the link's place", func() error { return errors.Join(os.Remove(link), os.WriteFile(link, data, 0o600)) }},
	} {
		if err := change.do(); err != nil {
			t.Fatal(err)
		}
		g := version(t, s, "main")
		if before, ok := seen[g]; ok {
			t.Errorf("%s: the generation is that of %s", change.what, before)
		}
		seen[g] = change.what
	}
}

// A link that is changed while the file is edited: the keys go where it leads then.
func TestLinkThatMovesMeanwhile(t *testing.T) {
	link, middle, target := chain(t)
	s := quick(link, passphrase("p"))
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	was, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	other := put(t, filepath.Join(filepath.Dir(link), "other.age"), string(was))
	times := 0
	_, err = s.set(t.Context(), "mine", func([]byte) (Key, error) {
		if times++; times == 1 {
			return temp, errors.Join(os.Remove(middle), os.Symlink(other, middle))
		}
		return temp, nil
	})
	if err != nil || times != 2 {
		t.Errorf("set = %v after %d times", err, times)
	}
	if now, err := os.ReadFile(target); err != nil || string(now) != string(was) {
		t.Errorf("what the link led to before was changed, %v", err)
	}
	if names, err := quick(other, passphrase("p")).Names(t.Context()); err != nil || len(names) != 2 {
		t.Errorf("what it leads to has %q, %v", names, err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(target), ".keys-*")); len(left) > 0 || err != nil {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestLinksThatAreRefused(t *testing.T) {
	root := t.TempDir()
	good := filepath.Join(root, "good.age")
	if err := quick(good, passphrase("p")).Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	dir := func(name string, mode fs.FileMode) string {
		path := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(path, 0o700), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	link := func(to string, path ...string) string {
		p := filepath.Join(path...)
		if err := os.Symlink(to, p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	open := dir("open", 0o777)
	inOpen := filepath.Join(open, "keys.age")
	if err := quick(inOpen, passphrase("p")).Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	fifo := filepath.Join(root, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	type test struct{ path, want string }
	tests := []test{
		{link(good, open, "link"), "can be written by everybody"},
		{link(inOpen, root, "to open"), "can be written by everybody"},
		{link("loop", root, "loop"), "too many levels of symbolic links"},
		{link(filepath.Join(root, "none", "keys.age"), root, "nowhere"), "whose directory does not exist"},
		{link(root, root, "dir"), "is a directory"},
		{link(fifo, root, "to fifo"), "is a named pipe"},
		{link("/dev/zero", root, "device"), "is a device"},
		{link(good+"/x", root, "through a file"), "not a directory"},
	}
	sticky := dir("sticky", fs.ModeSticky|0o777)
	fine := []string{link(good, sticky, "mine"), link("../good.age", dir("group", 0o770), "mine")}
	if os.Geteuid() == 0 { // only root can give things away
		const alice = 65534
		theirs := dir("theirs", 0o755)
		planted := link(good, sticky, "planted")
		if err := errors.Join(os.Chown(theirs, alice, alice), os.Lchown(planted, alice, alice)); err != nil {
			t.Fatal(err)
		}
		toLink := link(theirs, root, "to theirs")
		tests = append(tests,
			test{planted, "the symbolic link " + planted},
			test{link(planted, root, "to planted"), "belongs to another user"},
			test{link(good, theirs, "link"), "the directory " + theirs},
			test{link(filepath.Join(theirs, "new.age"), root, "into theirs"), "belongs to another user"},
			test{link(filepath.Join(toLink, "new.age"), root, "into theirs by a link"), "belongs to another user"},
		)
	}
	for _, test := range tests {
		s := quick(test.path, passphrase("p"))
		_, getErr := s.Get(t.Context(), "main")
		setErr := s.Set(t.Context(), "main", temp)
		_, genErr := s.Generation(t.Context(), "main")
		for _, err := range []error{getErr, setErr, genErr} {
			if err == nil || !strings.Contains(err.Error(), test.want) && !errors.Is(err, owned.ErrForeign) || errors.Is(err, ErrNotFound) {
				t.Errorf("through %s: %v, want %q", test.path, err, test.want)
			}
		}
	}
	for _, path := range fine {
		if k, err := quick(path, passphrase("p")).Get(t.Context(), "main"); err != nil || !k.Equal(long) {
			t.Errorf("through %s: %q, %v", path, k.ID, err)
		}
	}
	for _, path := range []string{good, inOpen} {
		if k, err := quick(path, passphrase("p")).Get(t.Context(), "main"); err != nil || !k.Equal(long) {
			t.Errorf("%s was changed: %q, %v", path, k.ID, err)
		}
	}
}

// The identity is judged as the file of keys is, and found through links.
func TestIdentityThatIsALink(t *testing.T) {
	s := by(t, x25519(t).String(), askNobody(t))
	f := s.backend.(*file)
	real := f.Identity + ".real"
	if err := errors.Join(os.Rename(f.Identity, real), os.Symlink(filepath.Base(real), f.Identity)); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Errorf("Set = %v", err)
	}
	if err := os.Chmod(real, 0o604); err != nil {
		t.Fatal(err)
	}
	if _, err := again(s).Get(t.Context(), "main"); !errors.Is(err, ErrIdentity) || !strings.Contains(err.Error(), real+" has mode 0604") {
		t.Errorf("Get = %v", err)
	}
}
