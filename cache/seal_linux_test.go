package cache

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// testKey is a key of the kernel's that is the test's alone, and why the kernel
// refuses it, as in a sandbox.
func testKey(t *testing.T) (kernelKey, error) {
	t.Helper()
	k := kernelKey{"aws-connector:test:" + rand.Text()}
	t.Cleanup(func() {
		if id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, keyType, k.description, 0); err == nil {
			if _, err := unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0); err != nil {
				t.Errorf("%s stays behind: %v", k.description, err)
			}
		}
	})
	return k, k.ready()
}

func TestKernelKey(t *testing.T) {
	k, refused := testKey(t)
	d := Open(filepath.Join(t.TempDir(), "cache"), Auto)
	d.sealer = k
	strict := Open(d.Path(), Keyring)
	strict.sealer = k
	if refused != nil {
		fallback(t, d, strict, refused)
		return
	}
	check(t, strict.Slot("a").Put(now, entry))
	file, err := os.ReadFile(d.Slot("a").path())
	check(t, err)
	if strings.Contains(string(file), string(entry.Data)) || !strings.Contains(string(file), " sealed\n") {
		t.Errorf("the file is %q, which is not sealed", file)
	}
	if e, ok := d.Slot("a").Get(now); !ok || string(e.Data) != string(entry.Data) {
		t.Errorf("Get = %q, %t, want %q", e.Data, ok, entry.Data)
	}
	if got, want := d.Sealing(), "sealed by the Linux kernel keyring"; got != want {
		t.Errorf("Sealing() = %q, want %q", got, want)
	}
	// After the machine was shut down there is another key.
	id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, keyType, k.description, 0)
	check(t, err)
	_, err = unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
	check(t, err)
	for _, when := range []string{"without the key", "with another key"} {
		if _, ok := d.Slot("a").Get(now); ok {
			t.Errorf("Get %s = true", when)
		}
		check(t, k.ready())
	}
}

// fallback is what a kernel that refuses leads to.
func fallback(t *testing.T, d, strict *Dir, refused error) {
	t.Helper()
	check(t, d.Slot("a").Put(now, entry))
	if _, ok := d.Slot("a").Get(now); !ok {
		t.Error("Get of a plain file = false")
	}
	if got, want := d.Sealing(), "plain files: the kernel refused: "; !strings.HasPrefix(got, want) {
		t.Errorf("Sealing() = %q, want %q", got, want)
	}
	if err := strict.Slot("a").Put(now, entry); !errors.Is(err, errors.Unwrap(refused)) {
		t.Errorf("Put with %s = %v, want %v", Keyring, err, refused)
	}
	if _, ok := strict.Slot("a").Get(now); ok {
		t.Errorf("Get with %s of a plain file = true", Keyring)
	}
}

// A key of our name that is not ours is left alone, and used for nothing.
func TestForeignKernelKey(t *testing.T) {
	k, refused := testKey(t)
	if refused != nil {
		k.description += ":foreign"
	}
	id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, keyType, k.description, 0)
	if refused == nil {
		check(t, err)
		_, err = unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
		check(t, err)
		_, err = unix.AddKey(keyType, k.description, []byte("short"), unix.KEY_SPEC_USER_KEYRING)
		check(t, err)
	}
	if err := k.ready(); err == nil {
		t.Error("ready() with a short key = nil")
	}
}

// tell prints what a process finds, a digest or an error.
func tell(key []byte, err error) {
	if err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		return
	}
	digest := sha256.Sum256(key)
	os.Stdout.WriteString(hex.EncodeToString(digest[:]) + "\n")
}

// TestOtherProcess is the process that the tests below start, in a session of
// its own if told so.
func TestOtherProcess(t *testing.T) {
	name, found := os.LookupEnv("CACHE_TEST_KEY")
	if !found {
		if _, err := (kernelKey{"aws-connector:test:" + rand.Text()}).find(); err == nil {
			t.Error("find of a key that is nowhere = nil")
		}
		return
	}
	runtime.LockOSThread()
	if os.Getenv("CACHE_TEST_SESSION") != "" {
		_, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0)
		check(t, err)
	}
	os.Stdout.WriteString("ready\n")
	io.Copy(io.Discard, os.Stdin)
	k := kernelKey{name}
	if os.Getenv("CACHE_TEST_CREATE") != "" {
		tell(k.findOrCreate())
		return
	}
	tell(k.find())
}

// Of many processes that are the first one key is made, which those of every
// session and process group get, and no other user.
func TestKernelKeyAcrossProcesses(t *testing.T) {
	k, refused := testKey(t)
	if refused != nil {
		t.Logf("the kernel refuses: %v", refused)
	} else {
		id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, keyType, k.description, 0)
		check(t, err)
		_, err = unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
		check(t, err)
	}
	name := "CACHE_TEST_KEY=" + k.description
	var all []process
	for i := range 12 {
		env := []string{name, "CACHE_TEST_CREATE=1"}
		if refused == nil && i%2 == 1 {
			env = append(env, "CACHE_TEST_SESSION=1")
		}
		all = append(all, start(t, "TestOtherProcess", env...))
	}
	answers := ask(t, all)
	if refused != nil {
		if want := refused.Error() + "\n"; answers[0] != want {
			t.Errorf("another process: %q, want %q", answers[0], want)
		}
		return
	}
	for i, got := range answers {
		if got != answers[0] || len(got) != 2*sha256.Size+1 {
			t.Errorf("process %d finds %q, the first one %q", i, got, answers[0])
		}
	}
	daemon := exec.Command("/proc/self/exe", "-test.run=^TestOtherProcess$")
	daemon.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	late := ask(t, []process{startCommand(t, daemon, name, "CACHE_TEST_SESSION=1")})
	if late[0] != answers[0] {
		t.Errorf("a process of another session finds %q, want %q", late[0], answers[0])
	}
	if os.Getuid() != 0 {
		return // only root can be somebody else
	}
	nobody := exec.Command("/proc/self/exe", "-test.run=^TestOtherProcess$")
	nobody.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	nobody.Dir = "/"
	if got, want := ask(t, []process{startCommand(t, nobody, name)})[0], unix.ENOKEY.Error()+"\n"; got != want {
		t.Errorf("another user finds %q, want %q", got, want)
	}
}

// ask lets all processes go at once and returns what each of them says.
func ask(t *testing.T, all []process) []string {
	t.Helper()
	for _, p := range all {
		if got := p.line(t); got != "ready\n" {
			t.Fatalf("the process says %q", got)
		}
	}
	for _, p := range all {
		check(t, p.in.Close())
	}
	var said []string
	for _, p := range all {
		said = append(said, p.line(t))
	}
	return said
}
