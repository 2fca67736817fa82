//go:build !windows

package keystore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	nobody   = 65534
	stranger = 65533 // a group that no test is run in
)

type passphrases struct {
	t   *testing.T
	dir string
}

func (p passphrases) do(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p passphrases) file(name, content string, mode os.FileMode) string {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	p.do(os.WriteFile(path, []byte(content), 0o600))
	p.do(os.Chmod(path, mode))
	return path
}

func (p passphrases) link(name, to string) string {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	p.do(os.Symlink(to, path))
	return path
}

// open returns the name of this process's descriptor of f.
func open(f *os.File) string { return fmt.Sprintf("/dev/fd/%d", f.Fd()) }

func (p passphrases) takes(what, path, want string) {
	p.t.Helper()
	if got, err := PassphraseFile(p.t.Context(), path); err != nil || got.Reveal() != want {
		p.t.Errorf("%s: PassphraseFile = %q, %v, want %q", what, got.Reveal(), err, want)
	}
}

func (p passphrases) refuses(what, path, because string) {
	p.t.Helper()
	got, err := PassphraseFile(p.t.Context(), path)
	var e *PassphraseFileError
	if !errors.As(err, &e) || !errors.Is(err, ErrPassphraseFile) || e.Path != path || !strings.Contains(e.Problem, because) || e.Hint() == "" || !got.Empty() {
		p.t.Errorf("%s: PassphraseFile = %q, %v, want one that says %q, with what to do", what, got.Reveal(), err, because)
	}
	if err != nil && strings.Contains(err.Error()+e.Hint(), "CANARY") {
		p.t.Errorf("%s: the error shows what is in the file: %v", what, err)
	}
}

func TestPassphraseFileContent(t *testing.T) {
	p := passphrases{t, t.TempDir()}
	for content, want := range map[string]string{
		"correct horse":                                   "correct horse",
		" correct horse \n":                               " correct horse ",
		"correct horse\r\n":                               "correct horse",
		"\ufeffcorrect horse\r\n":                         "correct horse",
		strings.Repeat("x", longestPassphrase):            strings.Repeat("x", longestPassphrase),
		"\ufeff" + strings.Repeat("ü", 9) + "\n":          strings.Repeat("ü", 9),
		strings.Repeat("x", longestPassphrase-1) + "\r\n": strings.Repeat("x", longestPassphrase-1),
	} {
		p.takes("content", p.file("good", content, 0o600), want)
	}
	for content, because := range map[string]string{
		"": "empty", "\n": "empty", "\r\n": "empty", "\ufeff": "empty", "\ufeff\r\n": "empty",
		"CANARY\nb\n": "more than one line", "CANARY\n\n": "more than one line", "CANARY\rb": "more than one line",
		"CANARY\x00": "NUL", "\xff\xfeC\x00A\x00": "UTF-16", strings.Repeat("x", 5000): "longer",
		strings.Repeat("x", 1<<20): "longer", strings.Repeat("x", longestPassphrase+1): "longer", "\ufeff" + strings.Repeat("x", longestPassphrase+1) + "\n": "longer",
	} {
		p.refuses(fmt.Sprintf("%.10q", content), p.file("bad", content, 0o600), because)
	}
}

func TestPassphraseFileMode(t *testing.T) {
	p := passphrases{t, t.TempDir()}
	for _, mode := range []os.FileMode{0o400, 0o600, 0o700, 0o440, 0o640} {
		path := p.file("file", "correct horse\n", 0o600)
		p.do(os.Chown(path, -1, os.Getegid()))
		p.do(os.Chmod(path, mode))
		p.takes(mode.String(), path, "correct horse")
		p.do(os.Chmod(path, 0o600))
	}
	for mode, because := range map[os.FileMode]string{
		0o444: "read by everybody (mode 0444)", 0o644: "read by everybody", 0o604: "read by everybody",
		0o660: "changed by others", 0o602: "changed by others", 0o666: "changed by others",
	} {
		p.refuses(mode.String(), p.file("file", "CANARY\n", mode), because)
		p.do(os.Chmod(filepath.Join(p.dir, "file"), 0o600))
	}
	p.refuses("absent", filepath.Join(p.dir, "absent"), "does not exist")
	p.refuses("below a file", filepath.Join(p.file("file", "CANARY", 0o600), "x"), "")
	p.refuses("a directory", p.dir, "is a directory")
	for _, device := range []string{"/dev/zero", "/dev/null"} {
		p.refuses(device, device, "is a device")
	}
	l, err := net.Listen("unix", filepath.Join(p.dir, "socket"))
	p.do(err)
	defer l.Close()
	p.refuses("a socket", filepath.Join(p.dir, "socket"), "is a socket")
}

// A secret of Kubernetes is a link to a link, and changes by a rename of the middle one.
func TestPassphraseFileIsJudgedAndNotItsLink(t *testing.T) {
	p := passphrases{t, t.TempDir()}
	p.do(os.Mkdir(filepath.Join(p.dir, "..2026_01_02"), 0o755))
	p.file("..2026_01_02/pw", "correct horse", 0o400)
	p.link("..data", "..2026_01_02")
	p.takes("a secret mount", p.link("pw", "..data/pw"), "correct horse")
	p.takes("an absolute link to a link", p.link("abs", filepath.Join(p.dir, "pw")), "correct horse")
	p.file("..2026_01_02/loose", "CANARY", 0o444)
	p.refuses("a link to a loose file", p.link("loose", "..data/loose"), "read by everybody")
	p.refuses("a link to nothing", p.link("dangling", "..data/none"), "does not exist")
	p.refuses("a link to itself", p.link("loop", "loop"), "")
	p.refuses("a link to a device", p.link("zero", "/dev/zero"), "is a device")
}

// Only root can make what is another user's.
func TestPassphraseFileOfOthers(t *testing.T) {
	if os.Geteuid() != 0 {
		return // root of CI does
	}
	p := passphrases{t, t.TempDir()}
	path := p.file("theirs", "CANARY\n", 0o600)
	p.do(os.Chown(path, nobody, -1))
	p.refuses("another user's file", path, "belongs to another user (id 65534)")
	path = p.file("group", "CANARY\n", 0o600)
	p.do(os.Chown(path, 0, stranger))
	p.do(os.Chmod(path, 0o440))
	p.refuses("another group's file", path, "group 65533")
	good := p.file("good", "correct horse\n", 0o600)
	planted := p.link("planted", good)
	p.do(os.Lchown(planted, nobody, nobody))
	p.refuses("another user's link", planted, "a symbolic link of another user's")
	p.do(os.Mkdir(filepath.Join(p.dir, "real"), 0o755))
	p.file("real/pw", "correct horse", 0o400)
	p.do(os.Lchown(p.link("way", "real"), nobody, nobody))
	p.refuses("a path over another user's link", filepath.Join(p.dir, "way", "pw"), "a symbolic link of another user's")
	fifo := filepath.Join(p.dir, "fifo")
	p.do(unix.Mkfifo(fifo, 0o600))
	p.do(os.Chown(fifo, nobody, -1))
	p.refuses("another user's pipe", fifo, "belongs to another user")
}

func pipe(t *testing.T, content string) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err == nil {
		_, err = w.WriteString(content)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

func TestPassphraseFromAPipe(t *testing.T) {
	p := passphrases{t, t.TempDir()}
	r, w := pipe(t, "correct horse\n")
	w.Close()
	p.takes("process substitution", open(r), "correct horse")
	r, w = pipe(t, "")
	w.Close()
	p.refuses("an empty pipe", open(r), "empty")
	r, w = pipe(t, strings.Repeat("x", 9000))
	p.refuses("a pipe that brings too much", open(r), "longer")
	w.Close()

	// In pieces, and by way of a FIFO that nobody has opened yet.
	fifo := filepath.Join(p.dir, "fifo")
	p.do(unix.Mkfifo(fifo, 0o600))
	go func() {
		w, err := os.OpenFile(fifo, os.O_WRONLY, 0)
		if err != nil {
			return
		}
		defer w.Close()
		for _, piece := range []string{"correct ", "horse", "\n"} {
			w.WriteString(piece)
		}
	}()
	p.takes("a FIFO", fifo, "correct horse")
	p.do(os.Chmod(fifo, 0o644))
	p.refuses("a FIFO that everybody can read", fifo, "read by everybody")

	// A here-document of bash's has no name any more.
	path := p.file("gone", "correct horse\n", 0o644)
	f, err := os.Open(path)
	p.do(err)
	defer f.Close()
	p.do(os.Remove(path))
	if _, err := os.Stat("/proc/self/fd"); err == nil {
		p.takes("a file without a name", fmt.Sprintf("/proc/self/fd/%d", f.Fd()), "correct horse")
	}
}

func TestPassphrasePipeThatStaysOpen(t *testing.T) {
	r, _ := pipe(t, "CANARY\n")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := PassphraseFile(ctx, open(r)); err == nil || !strings.Contains(err.Error(), "did not end in time") {
		t.Errorf("PassphraseFile = %v, want that it did not end", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	if _, err := PassphraseFile(ctx, open(r)); !errors.Is(err, context.Canceled) {
		t.Errorf("PassphraseFile = %v, want %v", err, context.Canceled)
	}
}
