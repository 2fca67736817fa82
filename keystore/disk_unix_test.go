//go:build !windows

package keystore

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFileProcess is the process that writes to a file under a limit: FILEPROCESS
// has what it does, and the file.
func TestFileProcess(t *testing.T) {
	what, path, _ := strings.Cut(os.Getenv("FILEPROCESS"), " ")
	if what == "" {
		return // run by others alone
	}
	s := quick(path, passphrase("p"))
	if what == "full" {
		var limit syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		limit.Cur = 100
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		// The output of tests is a file too.
		if err := s.Set(t.Context(), "other", temp); !errors.Is(err, syscall.EFBIG) || !hints(err, "free some space") {
			t.Fatal("Set on a full disk: ", err)
		}
		return
	}
	_, getErr := s.Get(t.Context(), "main")
	_, unlockErr := s.Unlock(t.Context(), 1<<40)
	for _, err := range []error{getErr, s.Set(t.Context(), "main", temp), unlockErr} {
		if err == nil || errors.Is(err, ErrPassphrase) || errors.Is(err, ErrNoKernelKeyring) || !strings.Contains(err.Error(), "GODEBUG=fips140=only") {
			t.Errorf("under fips140=only: %v", err)
		}
	}
}

func hints(err error, want string) bool {
	var hint interface{ Hint() string }
	return errors.As(err, &hint) && strings.Contains(hint.Hint(), want)
}

func (p process) run(t *testing.T) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestFileProcess$")
	cmd.Env = append(append(os.Environ(), p.env...), "FILEPROCESS="+p.what+" "+p.path)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v: %s", p.what, err, out)
	}
}

type process struct {
	what, path string
	env        []string
}

// On a full disk, and where Go refuses what age needs, it is said so, and the keys
// are there.
func TestFullDiskAndFIPS(t *testing.T) {
	s := fileStore(t)
	path := s.backend.(*file).path
	s = quick(path, passphrase("p"))
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	process{"full", path, nil}.run(t)
	process{"fips", path, []string{"GODEBUG=fips140=only"}}.run(t)
	if k, err := again(s).Get(t.Context(), "main"); err != nil || !k.Equal(long) {
		t.Errorf("Get = %q, %v", k.ID, err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".keys-*")); len(left) > 0 || err != nil {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// What cannot be read back from its final place makes way for the file of before.
func TestFileThatIsNotReadBack(t *testing.T) {
	for _, exists := range []bool{true, false} {
		s := quick(filepath.Join(t.TempDir(), "keys.age"), passphrase("p"))
		f := s.backend.(*file)
		if exists {
			if err := s.Set(t.Context(), "main", long); err != nil {
				t.Fatal(err)
			}
		}
		_, version, err := f.load(t.Context(), need{})
		if err != nil {
			t.Fatal(err)
		}
		temp, err := writeKeys(f.path, []byte("what the disk made of it"))
		if err != nil {
			t.Fatal(err)
		}
		if err := f.replace(t.Context(), temp, f.path, version, []byte("what was written")); err == nil || !hints(err, "old keys") {
			t.Errorf("replace = %v", err)
		}
		k, err := again(s).Get(t.Context(), "main")
		if exists && !k.Equal(long) || !exists && !errors.Is(err, ErrNotFound) {
			t.Errorf("existed: %t; Get = %q, %v", exists, k.ID, err)
		}
		if left, err := filepath.Glob(filepath.Join(filepath.Dir(f.path), ".keys-*")); len(left) > 0 || err != nil {
			t.Errorf("left behind: %q, %v", left, err)
		}
	}
}

// The file of before is not taken for what a killed writer left.
func TestKeepBefore(t *testing.T) {
	path := put(t, filepath.Join(t.TempDir(), "keys.age"), ageHeader)
	name, release, err := keepBefore(path)
	if err != nil {
		t.Fatal(err)
	}
	removeTemps(filepath.Dir(path), tempOfKeys, func([]byte) bool { return true })
	if data, err := os.ReadFile(name); err != nil || string(data) != ageHeader {
		t.Errorf("the file of before is %q, %v", data, err)
	}
	release()
	if _, err := os.Lstat(name); !os.IsNotExist(err) {
		t.Errorf("it is left: %v", err)
	}
	if name, _, err := keepBefore(path + "2"); name != "" || err != nil {
		t.Errorf("keepBefore of nothing = %q, %v", name, err)
	}
}

// While keys are stored there is no moment without a whole file that has them.
func TestNeverWithoutAFile(t *testing.T) {
	s := by(t, x25519(t).String(), askNobody(t))
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for r := again(s); ; {
			select {
			case <-stop:
				return
			default:
			}
			if k, err := r.Get(t.Context(), "main"); err != nil || !k.Equal(long) {
				t.Errorf("Get meanwhile = %q, %v", k.ID, err)
				return
			}
		}
	}()
	for range 100 {
		if err := s.Set(t.Context(), "other", temp); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	<-stopped
}
