package ambient

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Key changes with everything that decides who the credentials are: what the
// shared files say, every AWS_ variable that may matter, tokens, the endpoints
// that are asked, for a foreign process its command line, the files that this
// and its environment name, that environment, the working directory, the sign-ins
// of the AWS CLI, and the connectors of this program, which it may start.
//
// What a process reads beside that, whose role a container's endpoint or an
// instance tells, cannot be known without asking: a session of theirs is handed
// out until it has to be renewed.
func (p Plan) Key() string {
	return p.finder.keyOf(func(d *digest) {
		d.add(p.profile)
		p.source.identity(d)
	})
}

// keyOf is the key of what identity adds.
func (f *finder) keyOf(identity func(*digest)) string {
	d := newDigest(f)
	d.add(f.Profile, f.ConfigFile, string(f.texts[0]), f.CredentialsFile, string(f.texts[1]))
	d.variables(func(name string) bool {
		return strings.HasPrefix(name, "AWS_") && !strings.HasPrefix(name, "AWS_CONNECTOR_") && !strings.HasPrefix(name, "AWS_CLI_") && !slices.Contains(idle, name)
	})
	identity(d)
	return d.sum()
}

// idle are AWS variables that shape no credentials, though callers differ in
// them: the AWS CLI gives its children AWS_DATA_PATH.
var idle = []string{"AWS_DATA_PATH", "AWS_EXECUTION_ENV", "AWS_PAGER", "AWS_DEFAULT_OUTPUT", "AWS_SDK_UA_APP_ID",
	"AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_DEFAULTS_MODE"}

// noise are variables that differ between the callers of one person, and say
// nothing of who that is.
const noise = "_ SHLVL PWD OLDPWD COLUMNS LINES TERM COLORTERM WINDOWID STY WINDOW WT_SESSION INVOCATION_ID JOURNAL_STREAM " +
	"SYSTEMD_EXEC_PID MAKELEVEL MAKEFLAGS MFLAGS PYTEST_CURRENT_TEST XDG_SESSION_ID AWS_CONNECTOR_CHAIN AWS_CONNECTOR_RUN SSH_CLIENT SSH_CONNECTION SSH_TTY"

var noisePrefixes = []string{"AWS_CLI_", "TERM_", "VSCODE_", "ITERM_", "KITTY_", "GNOME_TERMINAL_", "WEZTERM_", "TMUX", "npm_", "PLUGIN_", "TF_PLUGIN_"}

type digest struct {
	hash   hash.Hash
	finder *finder
}

func newDigest(f *finder) *digest { return &digest{hash: sha256.New(), finder: f} }

func (d *digest) sum() string { return hex.EncodeToString(d.hash.Sum(nil)) }

// add adds parts, unambiguously joined.
func (d *digest) add(parts ...string) {
	for _, p := range parts {
		fmt.Fprintf(d.hash, "%d:%s", len(p), p)
	}
}

func (d *digest) variables(wanted func(name string) bool) {
	var all []string
	for name, value := range d.finder.env {
		if wanted(name) {
			all = append(all, name+"="+value)
		}
	}
	slices.Sort(all)
	d.add(all...)
}

// process adds what decides about the answer of a foreign program, as far as that
// can be seen: a script may read any variable and any file, also one that it finds
// in the working directory, and may start the AWS CLI or this program.
func (d *digest) process(argv []string) {
	d.add(argv...)
	noise := strings.Fields(noise)
	matters := func(name string) bool {
		return !slices.Contains(noise, name) && !slices.Contains(idle, name) && !slices.ContainsFunc(noisePrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
	}
	d.variables(matters)
	d.add(d.finder.Dir, d.finder.Connectors)
	if program, err := exec.LookPath(argv[0]); err == nil {
		d.stamp(program)
	}
	for _, arg := range argv {
		d.stamp(arg)
		for _, word := range strings.FieldsFunc(arg, separates) {
			d.stamp(word)
			if path := d.finder.path(d.finder.expand(word)); path != word {
				d.stamp(path)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.finder.env)) {
		if value := d.finder.env[name]; matters(name) && (strings.HasPrefix(name, "AWS_") || strings.HasSuffix(name, "_FILE")) && filepath.IsAbs(value) {
			d.stamp(value)
		}
	}
	d.add(d.finder.signedIn()...)
}

// signedIn returns the stamps of the AWS CLI's sign-ins. They are taken once: a
// program that renews one while it runs answers as the same person.
func (f *finder) signedIn() []string {
	if f.signIns == nil {
		f.signIns = []string{""}
		for _, place := range []string{"sso", "login"} {
			paths, _ := filepath.Glob(f.inHome(".aws", place, "cache", "*.json"))
			for _, path := range paths {
				f.signIns = append(f.signIns, path, Stamp(path))
			}
		}
	}
	return f.signIns
}

// separates tells what stands between the words of a line for a shell, or before
// the value of an option.
func separates(r rune) bool { return strings.ContainsRune(" \t\n\"'`=:,;|&<>()", r) }

// stamp adds which file lies at path, if one does; the working directory too if
// path starts from there.
func (d *digest) stamp(path string) {
	if path == "" {
		return
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(d.finder.Dir, path)
	}
	if stamp := Stamp(path); stamp != "" {
		d.add(path, stamp)
	}
}
