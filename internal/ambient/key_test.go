package ambient

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

func TestKey(t *testing.T) {
	config := "[profile static]\n" + keysOf("S") + "[profile p]\ncredential_process = sh -c \"cat $WHO.json <within.json\" ~/cp.sh rel.json\n[profile web]\nrole_arn = arn:aws:iam::123456789012:role/R\nweb_identity_token_file = token\n" + ssoConfig
	for _, c := range []struct {
		name, profile string
		env           []string
		change        func(w *world)
		same          bool
	}{
		{"nothing", "static", nil, func(*world) {}, true},
		{"config file", "static", nil, func(w *world) { w.write(".aws/config", config+"# x\n") }, false},
		{"credentials file", "static", nil, func(w *world) { w.write(".aws/credentials", "[other]\n") }, false},
		{"AWS variable", "static", nil, func(w *world) { w.Environ = append(w.Environ, "AWS_ACCOUNT_ID=1") }, false},
		{"idle AWS variable", "static", nil, func(w *world) { w.Environ = append(w.Environ, "AWS_DATA_PATH=/x") }, true},
		{"other variable, no process", "static", nil, func(w *world) { w.Environ = append(w.Environ, "WHO=bob") }, true},
		{"variable, process", "p", []string{"WHO=alice"}, func(w *world) { w.Environ[0] = "WHO=bob" }, false},
		{"noise, process", "p", nil, func(w *world) { w.Environ = append(w.Environ, "SHLVL=7", "TERM=x", "_=y") }, true},
		{"file that the process names", "p", nil, func(w *world) {
			if err := os.WriteFile(filepath.Join(w.Dir, "rel.json"), []byte("longer"), 0o600); err != nil {
				w.t.Fatal(err)
			}
		}, false},
		{"file that the process names, its time and size as before", "p", nil, func(w *world) { w.overwrite("rel.json", "y") }, false},
		{"file within a word", "p", nil, func(w *world) { w.overwrite("within.json", "y") }, false},
		{"file whose name a variable ends", "p", []string{"WHO=alice"}, func(w *world) { w.overwrite("alice.json", "y") }, false},
		{"file that a variable names", "p", nil, func(w *world) { w.write("token", "bobs") }, false},
		{"working directory, process", "p", nil, func(w *world) { w.Dir = w.t.TempDir() }, false},
		{"connectors, process", "p", nil, func(w *world) { w.Connectors = "edited" }, false},
		{"connectors, no process", "static", nil, func(w *world) { w.Connectors = "edited" }, true},
		{"other connectors.toml, process", "p", nil, func(w *world) { w.Environ = append(w.Environ, "AWS_CONNECTOR_CONFIG=/x") }, false},
		{"agent of another person, process", "p", nil, func(w *world) { w.Environ = append(w.Environ, "SSH_AUTH_SOCK=/x") }, false},
		{"function of the shell, process", "p", nil, func(w *world) { w.Environ = append(w.Environ, "BASH_FUNC_cat%%=() { x; }") }, false},
		{"started by this program, process", "p", nil, func(w *world) { w.Environ = append(w.Environ, "AWS_CONNECTOR_RUN=1.2", "AWS_CONNECTOR_CHAIN=x") }, true},
		{"signed in as another, process", "p", nil, func(w *world) { w.write(cacheFile("My Corp"), ssoToken("bob", "2026-07-01T20:00:00Z")) }, false},
		{"web identity token", "web", nil, func(w *world) {
			if err := os.WriteFile(filepath.Join(w.Dir, "token"), []byte("other"), 0o600); err != nil {
				w.t.Fatal(err)
			}
		}, false},
		{"working directory, relative token", "web", nil, func(w *world) { w.Dir = w.t.TempDir() }, false},
		{"working directory, no matter", "static", nil, func(w *world) { w.Dir = w.t.TempDir() }, true},
		{"signed out", "dev", nil, func(w *world) {
			if err := os.Remove(filepath.Join(w.Home, cacheFile("My Corp"))); err != nil {
				w.t.Fatal(err)
			}
		}, false},
		{"signed in as another", "dev", nil, func(w *world) { w.write(cacheFile("My Corp"), ssoToken("bob", "2026-07-01T20:00:00Z")) }, false},
		{"time passes", "dev", nil, func(w *world) { w.Now = func() time.Time { return now.Add(24 * time.Hour) } }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, config, "", c.env...)
			w.Profile = c.profile
			w.write(cacheFile("My Corp"), ssoToken("alice", "2026-07-01T20:00:00Z"))
			w.Environ = append(w.Environ, "CI_TOKEN_FILE="+w.write("token", "alices"))
			for name, text := range map[string]string{"rel.json": "x", "within.json": "x", "alice.json": "x", "token": "jwt"} {
				if err := os.WriteFile(filepath.Join(w.Dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			before := w.plan().Key()
			c.change(w)
			if after := w.plan().Key(); (before == after) != c.same {
				t.Errorf("key %s, then %s", before, after)
			}
		})
	}
}

func TestContainerTokenIsPartOfTheKey(t *testing.T) {
	w := newWorld(t, "", "", "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:1/", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=~/token")
	w.write("token", "a")
	before := w.plan().Key()
	w.write("token", "b")
	if w.plan().Key() == before {
		t.Error("another token, the same key")
	}
}

// overwrite writes a file of the working directory again, in the same place, as
// long as before, and sets its time back.
func (w *world) overwrite(name, text string) {
	w.t.Helper()
	if runtime.GOOS == "windows" {
		w.t.Skip("there no file's last change is known")
	}
	path := filepath.Join(w.Dir, name)
	info, err := os.Stat(path)
	if err != nil {
		w.t.Fatal(err)
	}
	// Until the file system's clock has gone on.
	before := Stamp(path)
	for n := 0; Stamp(path) == before; n++ {
		if n > 1000 {
			w.t.Fatal("the stamp stays the same")
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			w.t.Fatal(err)
		}
		if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
			w.t.Fatal(err)
		}
	}
}
