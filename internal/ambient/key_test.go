package ambient

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestKey(t *testing.T) {
	config := "[profile static]\n" + keysOf("S") + "[profile p]\ncredential_process = sh -c \"cat $WHO.json\" ~/cp.sh rel.json\n[profile web]\nrole_arn = arn:aws:iam::123456789012:role/R\nweb_identity_token_file = token\n" + ssoConfig
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
			for name, text := range map[string]string{"rel.json": "x", "token": "jwt"} {
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
