package cli

import (
	"errors"
	"os/user"
	"path/filepath"
	"runtime"
	"testing"

	"aws-connector/internal/connector"
)

func TestPathVariable(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // the script has Windows' forms
	}
	t.Setenv("HOME", "/home/alice")
	for value, want := range map[string]string{
		"": "", "/x": "/x", "/": "/", "/x/../y": "/x/../y", "~": "/home/alice", "~/": "/home/alice", "~/x": "/home/alice/x", "~/../x": "/home/x", "~//x": "/home/alice/x",
	} {
		t.Setenv("X_PATH", value)
		if got, err := pathVariable("X_PATH"); got != want || err != nil {
			t.Errorf("pathVariable with %q = %q, %v, want %q", value, got, err, want)
		}
	}
	for _, value := range []string{"x", ".", "..", "./x", "../x", "~x", "~x/y", "~root/x", `~\x`, " /x", "x/~/y", "$HOME/x", "file:///x"} {
		t.Setenv("X_PATH", value)
		if got, err := pathVariable("X_PATH"); got != "" || !isUsage(err) {
			t.Errorf("pathVariable with %q = %q, %v, want an error", value, got, err)
		}
	}
}

// Whatever HOME is, no path leads from the working directory.
func TestHome(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // USERPROFILE is always set
	}
	for _, name := range []string{"AWS_CONNECTOR_CONFIG", "AWS_CONNECTOR_CACHE_DIR", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "DOCKER_CONFIG", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
		t.Setenv(name, "")
	}
	for _, value := range []string{"", ".", "x", "~", "../x", "/home/alice"} {
		t.Setenv("HOME", value)
		config, configErr := configPath()
		cache, cacheErr := cacheDir()
		docker, dockerErr := dockerConfigPath()
		where := ambient()
		for _, path := range []string{config, cache, docker, where.ConfigFile, where.CredentialsFile} {
			if path != "" && !filepath.IsAbs(path) {
				t.Errorf("with HOME=%q there is the path %q", value, path)
			}
		}
		for _, err := range []error{configErr, cacheErr, dockerErr, where.Err} {
			if relative := value != "" && value[0] != '/'; relative && !isUsage(err) || value == "/home/alice" && err != nil {
				t.Errorf("with HOME=%q: %v", value, err)
			}
		}
		if value == "/home/alice" && auditPath(connector.File{Audit: "~/x"}) != "/home/alice/x" {
			t.Errorf("the audit trail is %s", auditPath(connector.File{Audit: "~/x"}))
		}
	}
}

// A service has no HOME, but a line in the list of users.
func TestHomeOfAService(t *testing.T) {
	if runtime.GOOS == "windows" {
		return
	}
	t.Setenv("HOME", "")
	got, err := home()
	u, unknown := user.Current()
	switch {
	case unknown != nil || !filepath.IsAbs(u.HomeDir):
		if !errors.Is(err, errNoHome) {
			t.Errorf("home() of a user that nobody knows = %q, %v", got, err)
		}
	case got != u.HomeDir || err != nil:
		t.Errorf("home() = %q, %v, want %q", got, err, u.HomeDir)
	}
}
