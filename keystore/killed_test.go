package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// onDisk is a keyring that outlasts its process, which it kills at a call.
type onDisk struct {
	dir    string
	killAt int // counted down, twice a call: before and after it
}

func (d *onDisk) step() {
	if d.killAt--; d.killAt == 0 {
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		panic(fmt.Sprint("not killed: ", err))
	}
}

func (d *onDisk) path(user string) string { return filepath.Join(d.dir, "item"+user) }

func (d *onDisk) Get(_, user string) (string, error) {
	d.step()
	defer d.step()
	data, err := os.ReadFile(d.path(user))
	if errors.Is(err, fs.ErrNotExist) {
		err = keyring.ErrNotFound
	}
	return string(data), err
}

func (d *onDisk) Set(_, user, value string) error {
	d.step()
	defer d.step()
	return os.WriteFile(d.path(user), []byte(value), 0o600)
}

func (d *onDisk) Delete(_, user string) error {
	d.step()
	defer d.step()
	err := os.Remove(d.path(user))
	if errors.Is(err, fs.ErrNotExist) {
		err = keyring.ErrNotFound
	}
	return err
}

func storeOnDisk(dir string, killAt int) *Store {
	return &Store{newRing(SystemOptions{Timeout: time.Minute, StateDir: filepath.Join(dir, "state")}, &onDisk{dir, killAt}), "on disk"}
}

// TestKilledWriter is the process that is killed: KILLED has its directory, what
// it does, and at which step it ends.
func TestKilledWriter(t *testing.T) {
	args := strings.Split(os.Getenv("KILLED"), "\n")
	if len(args) != 3 {
		return // run by TestKilled alone
	}
	at, err := strconv.Atoi(args[2])
	if err != nil {
		t.Fatal(err)
	}
	s := storeOnDisk(args[0], at)
	if args[1] == "remove" {
		err = s.Remove(t.Context(), "main")
	} else {
		err = s.Set(t.Context(), "main", temp)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A writer that is killed before or after any call of the keyring leaves the key
// of before or the new one, listed, and never the new one under the old generation.
func TestKilled(t *testing.T) {
	for _, what := range []string{"replace", "store", "remove"} {
		killed := 0
		for at := 1; ; at++ {
			dir := t.TempDir()
			s := storeOnDisk(dir, 0)
			if what != "store" {
				if err := s.Set(t.Context(), "main", long); err != nil {
					t.Fatal(err)
				}
			}
			before := version(t, s, "main")
			p := exec.Command(os.Args[0], "-test.run=^TestKilledWriter$")
			p.Env = append(os.Environ(), "KILLED="+dir+"\n"+what+"\n"+strconv.Itoa(at))
			out, err := p.CombinedOutput()
			if err != nil && len(out) > 0 { // who is killed says nothing
				t.Fatalf("%s: %s", what, out)
			}
			after := version(t, s, "main")
			k, getErr := s.Get(t.Context(), "main")
			old := what == "store" && errors.Is(getErr, ErrNotFound) || getErr == nil && k.Equal(long)
			done := what == "remove" && errors.Is(getErr, ErrNotFound) || getErr == nil && k.Equal(temp)
			if !old && !done || what != "remove" && err == nil && !done {
				t.Errorf("%s, killed at step %d: Get = %q, %v", what, at, k.ID, getErr)
			}
			if done && after == before {
				t.Errorf("%s, killed at step %d: the new key has the generation of the old one", what, at)
			}
			if names, err := s.Names(t.Context()); getErr == nil && (err != nil || len(names) != 1) {
				t.Errorf("%s, killed at step %d: Names() = %q, %v", what, at, names, err)
			}
			if err := s.Set(t.Context(), "main", long); err != nil {
				t.Errorf("%s, killed at step %d: Set afterwards: %v", what, at, err)
			}
			if err == nil {
				break
			}
			killed++
		}
		if killed < 8 {
			t.Errorf("%s was killed %d times, want at each call of the keyring", what, killed)
		}
	}
}
