package ambient

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Key changes with everything that decides who the credentials are: what the
// shared files say, every AWS_ variable that may matter, tokens, the endpoints
// that are asked, for a foreign process its command line, the files that it
// names and its environment.
//
// What a process reads beside that, whose role a container's endpoint or an
// instance tells, cannot be known without asking: a session of theirs is handed
// out until it has to be renewed.
func (p Plan) Key() string {
	d := &digest{hash: sha256.New(), finder: p.finder}
	f := p.finder
	d.add(p.profile, f.Profile, f.ConfigFile, string(f.texts[0]), f.CredentialsFile, string(f.texts[1]))
	d.variables(func(name string) bool {
		return strings.HasPrefix(name, "AWS_") && !strings.HasPrefix(name, "AWS_CONNECTOR_") && !strings.HasPrefix(name, "AWS_CLI_") && !slices.Contains(idle, name)
	})
	p.source.identity(d)
	return hex.EncodeToString(d.hash.Sum(nil))
}

// idle are AWS variables that shape no credentials, though callers differ in
// them: the AWS CLI gives its children AWS_DATA_PATH.
var idle = []string{"AWS_DATA_PATH", "AWS_EXECUTION_ENV", "AWS_PAGER", "AWS_DEFAULT_OUTPUT", "AWS_SDK_UA_APP_ID",
	"AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_DEFAULTS_MODE"}

// noise are variables that differ between the callers of one person, and say
// nothing of who that is.
const noise = "_ SHLVL PWD OLDPWD COLUMNS LINES TERM COLORTERM WINDOWID STY WINDOW WT_SESSION INVOCATION_ID JOURNAL_STREAM " +
	"SYSTEMD_EXEC_PID MAKELEVEL MAKEFLAGS MFLAGS PYTEST_CURRENT_TEST XDG_SESSION_ID"

var noisePrefixes = []string{"AWS_CONNECTOR_", "AWS_CLI_", "TERM_", "VSCODE_", "ITERM_", "KITTY_", "GNOME_TERMINAL_", "WEZTERM_", "TMUX", "SSH_", "npm_", "PLUGIN_", "TF_PLUGIN_", "BASH_FUNC_"}

type digest struct {
	hash   hash.Hash
	finder *finder
}

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
// can be seen: a script may read any variable and any file.
func (d *digest) process(argv []string) {
	d.add(argv...)
	noise := strings.Fields(noise)
	d.variables(func(name string) bool {
		return !slices.Contains(noise, name) && !slices.Contains(idle, name) && !slices.ContainsFunc(noisePrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
	})
	if program, err := exec.LookPath(argv[0]); err == nil {
		d.stamp(program)
	}
	for _, arg := range argv {
		for _, path := range []string{arg, arg[strings.IndexByte(arg, '=')+1:]} {
			if path != "" {
				d.stamp(path)
			}
		}
	}
}

// stamp adds which file lies at path, if one does; the working directory too if
// path starts from there.
func (d *digest) stamp(path string) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(d.finder.Dir, path)
	}
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return
	}
	d.add(path, fmt.Sprint(info.Size(), info.ModTime().UnixNano(), info.Mode()), inode(info))
}
