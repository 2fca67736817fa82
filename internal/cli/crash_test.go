package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/tty"
)

func TestAPanicIsAFailure(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "connectors.toml")
	const host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
	if err := os.WriteFile(config, []byte("[connectors.c]\nauth_method = \"session-token\"\nregion = \"eu-central-1\"\nregistries = [\""+host+"\"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONNECTOR_CONFIG", config)
	t.Setenv("AWS_CONNECTOR_CACHE_DIR", filepath.Join(dir, "cache"))
	const want = "aws-connector: internal error; please report the command, and what it prints with AWS_CONNECTOR_LOG=1\n"
	for _, test := range []struct {
		args   []string
		stdout string
	}{
		{[]string{"aws-connector", "get", "c"}, ""},
		{[]string{"docker-credential-ecr", "get"}, want},
		{[]string{"aws-connector", "docker", "get"}, want},
	} {
		var stdout, stderr bytes.Buffer
		a := App{Stdin: strings.NewReader(host), Stdout: &stdout, Stderr: &stderr,
			Now: func() time.Time { panic("CANARY") }, Terminal: func() (*tty.Terminal, error) { return nil, tty.ErrNone }}
		if status := a.Run(t.Context(), test.args); status != 1 || stderr.String() != want || stdout.String() != test.stdout {
			t.Errorf("%q ended with %d, %q and %q on standard error", test.args, status, &stdout, &stderr)
		}
	}
}
