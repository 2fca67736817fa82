//go:build !windows

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fakeGo builds a program that does what install.sh asks of it, unless $BUILT says
// otherwise, and writes down what it was told.
const fakeGo = `#!/bin/sh
case "$1 $2" in
"env GOHOSTOS") echo hostos; exit ;;
"env GOHOSTARCH") echo hostarch; exit ;;
esac
echo "in $PWD: GOOS=$GOOS GOARCH=$GOARCH GOFLAGS=${GOFLAGS-} GOWORK=$GOWORK GO111MODULE=$GO111MODULE CGO_ENABLED=$CGO_ENABLED $1" >>"$TOLD"
while [ "$1" != -o ]; do shift; done
[ "${BUILT-}" != nothing ] || exit 0
cat >"$2" <<END
#!/bin/sh
case "\$1 \$2 \$3 \$4" in
"version"*) echo "${BUILT-aws-connector v1}" ;;
"configure aws --remove --dry-run") grep aws-connector "\$HOME/.aws/config" ;;
"configure aws --remove ") sed -i /aws-connector/d "\$HOME/.aws/config" ;;
esac
END
chmod +x "$2"
`

// site is a copy of the source and a prefix to install it in.
type site struct {
	t                         *testing.T
	dir, source, prefix, told string
	script, workDir           string
	env                       []string
}

func newSite(t *testing.T) *site {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, dir: dir, source: filepath.Join(dir, "source"), prefix: filepath.Join(dir, "a prefix"), told: filepath.Join(dir, "told")}
	script, err := os.ReadFile("install.sh")
	if err != nil {
		t.Fatal(err)
	}
	s.write("source/install.sh", string(script), 0o755)
	s.write("source/go.mod", "module aws-connector\n", 0o644)
	s.write("tools/go", fakeGo, 0o755)
	s.script, s.workDir = filepath.Join(s.source, "install.sh"), dir
	path := slices.DeleteFunc(filepath.SplitList(os.Getenv("PATH")), func(dir string) bool {
		_, err := os.Stat(filepath.Join(dir, "aws-connector"))
		return err == nil
	})
	s.env = []string{"PATH=" + filepath.Join(dir, "tools") + ":" + strings.Join(path, ":"), "TOLD=" + s.told, "HOME=" + dir, "PREFIX=" + s.prefix}
	return s
}

func (s *site) write(name, text string, mode os.FileMode) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) link(to, name string) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Symlink(to, path); err != nil {
		s.t.Fatal(err)
	}
}

// run runs install.sh and returns its output and whether it succeeded.
func (s *site) run(args ...string) (string, bool) {
	s.t.Helper()
	cmd := exec.Command("sh", append([]string{s.script}, args...)...)
	cmd.Dir, cmd.Env = s.workDir, s.env
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// is checks what is in the prefix: each is "path" or "link -> target".
func (s *site) is(want ...string) {
	s.t.Helper()
	var got []string
	err := filepath.WalkDir(s.prefix, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(s.prefix, path)
		if to, err := os.Readlink(path); err == nil {
			name += " -> " + to
		}
		got = append(got, name)
		return nil
	})
	if err != nil && len(want) > 0 {
		s.t.Fatal(err)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		s.t.Errorf("installed is %q, want %q", got, want)
	}
}

var installed = []string{"bin/aws-connector", "bin/docker-credential-ecr -> aws-connector", "share/man/man1/aws-connector.1"}

func TestInstall(t *testing.T) {
	s := newSite(t)
	for range 2 { // again over the old one
		out, ok := s.run()
		if !ok || !strings.Contains(out, "installed "+s.prefix+"/bin/aws-connector (aws-connector v1)\n") {
			t.Errorf("install.sh = %t: %s", ok, out)
		}
		s.is(installed...)
	}
	for range 2 {
		if out, ok := s.run("--uninstall"); !ok {
			t.Errorf("install.sh --uninstall: %s", out)
		}
		s.is()
	}
	for _, args := range [][]string{{"--unknown"}, {"--yes"}, {"--ecr-login", "--uninstall"}, {"", "x"}} {
		if out, ok := s.run(args...); ok {
			t.Errorf("install.sh %q: %s", args, out)
		}
	}
	s.is()
}

// What is set for other work, and where one stands, change nothing.
func TestInstallElsewhere(t *testing.T) {
	for name, change := range map[string]func(*site){
		"as it is": func(*site) {},
		"go's variables": func(s *site) {
			s.env = append(s.env, "GOOS=plan9", "GOARCH=arm", "GOFLAGS=-n", "GOBIN=/nowhere", "GOWORK=/nowhere/go.work", "GO111MODULE=off", "CGO_ENABLED=1")
		},
		"CDPATH": func(s *site) {
			s.write("elsewhere/source/go.mod", "module aws-connector\n", 0o644)
			s.env = append(s.env, "CDPATH="+filepath.Join(s.dir, "elsewhere"))
			s.script = "source/install.sh"
		},
		"in it":  func(s *site) { s.workDir, s.script = s.source, "install.sh" },
		"a link": func(s *site) { s.link("../source/install.sh", "links/one"); s.script = "links/one" },
		"a link's link": func(s *site) {
			s.link("../source", "links/dir")
			s.link("dir/install.sh", "links/two")
			s.script = filepath.Join(s.dir, "links/two")
		},
		"a slash":   func(s *site) { s.env = append(s.env, "PREFIX="+s.prefix+"//") },
		"no HOME":   func(s *site) { s.env = append(s.env, "HOME=") },
		"no PREFIX": func(s *site) { s.prefix = filepath.Join(s.dir, ".local"); s.env = append(s.env, "PREFIX=") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			change(s)
			if out, ok := s.run(); !ok || strings.Contains(out, "//") && !strings.Contains(out, "https://") {
				t.Errorf("install.sh = %t: %s", ok, out)
			}
			s.is(installed...)
			told, _ := os.ReadFile(s.told)
			if want := "in " + s.source + ": GOOS=hostos GOARCH=hostarch GOFLAGS= GOWORK=off GO111MODULE=on CGO_ENABLED=0 build\n"; string(told) != want && !strings.Contains(name, "link") {
				t.Errorf("go was told %q, want %q", told, want)
			}
		})
	}
}

// Nothing is said to be installed that is not, and nothing else is touched.
func TestInstallRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*site)
		said   string
		left   []string
	}{
		"a directory": {func(s *site) { s.write("a prefix/bin/aws-connector/theirs", "", 0o644) }, "bin/aws-connector is a directory", []string{"bin/aws-connector/theirs"}},
		"a link to a directory": {func(s *site) { s.write("theirs/x", "", 0o644); s.link("../../theirs", "a prefix/bin/aws-connector") },
			"bin/aws-connector is a directory", []string{"bin/aws-connector -> ../../theirs"}},
		"a file for bin":     {func(s *site) { s.write("a prefix/bin", "theirs", 0o644) }, "bin cannot be made", []string{"bin"}},
		"nothing is built":   {func(s *site) { s.env = append(s.env, "BUILT=nothing") }, "does not run here", nil},
		"it says nothing":    {func(s *site) { s.env = append(s.env, "BUILT=") }, "does not run here", nil},
		"a relative prefix":  {func(s *site) { s.env = append(s.env, "PREFIX=a prefix") }, "PREFIX must be an absolute path", nil},
		"a tilde":            {func(s *site) { s.env = append(s.env, "PREFIX=~/a") }, "PREFIX must be an absolute path", nil},
		"a relative home":    {func(s *site) { s.env = append(s.env, "PREFIX=", "HOME=.") }, "PREFIX must be an absolute path", nil},
		"no home, no prefix": {func(s *site) { s.env = append(s.env, "PREFIX=", "HOME=") }, "neither HOME nor PREFIX", nil},
		"another source":     {func(s *site) { s.write("source/go.mod", "module other\n", 0o644) }, "is not the source of aws-connector", nil},
		"no source":          {func(s *site) { s.link("install.sh", "source/x"); _ = os.Remove(filepath.Join(s.source, "go.mod")) }, "is not the source of aws-connector", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			tt.change(s)
			out, ok := s.run()
			if ok || !strings.Contains(out, tt.said) || strings.Contains(out, "installed /") {
				t.Errorf("install.sh = %t: %s, want %q", ok, out, tt.said)
			}
			s.is(tt.left...)
		})
	}
}

// Docker's helper may be another program's, there or not.
func TestInstallBesideAnother(t *testing.T) {
	for name, put := range map[string]func(*site) string{
		"a program": func(s *site) string {
			s.write("a prefix/bin/docker-credential-ecr", "theirs", 0o755)
			return "bin/docker-credential-ecr"
		},
		"a link": func(s *site) string {
			s.write("a prefix/bin/amazon", "", 0o755)
			s.link("amazon", "a prefix/bin/docker-credential-ecr")
			return "bin/docker-credential-ecr -> amazon"
		},
		"a dangling link": func(s *site) string {
			s.link("/nowhere/amazon", "a prefix/bin/docker-credential-ecr")
			return "bin/docker-credential-ecr -> /nowhere/amazon"
		},
		"a directory": func(s *site) string {
			s.write("a prefix/bin/docker-credential-ecr/x", "", 0o644)
			return "bin/docker-credential-ecr/x"
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			left := []string{put(s)}
			if name == "a link" {
				left = append(left, "bin/amazon")
			}
			out, ok := s.run()
			if !ok || !strings.Contains(out, "as it is: another program's") {
				t.Errorf("install.sh = %t: %s", ok, out)
			}
			s.is(append(left, "bin/aws-connector", "share/man/man1/aws-connector.1")...)
			if out, ok := s.run("--uninstall"); !ok {
				t.Errorf("install.sh --uninstall: %s", out)
			}
			s.is(left...)
		})
	}
}

func TestUninstallRefuses(t *testing.T) {
	s := newSite(t)
	s.workDir = s.dir
	if out, ok := s.run(); !ok {
		t.Fatal(out)
	}
	s.env = append(s.env, "PREFIX=a prefix")
	if out, ok := s.run("--uninstall"); ok || !strings.Contains(out, "absolute path") {
		t.Errorf("install.sh --uninstall with a relative PREFIX = %t: %s", ok, out)
	}
	s.is(installed...)

	s = newSite(t)
	s.write("a prefix/bin/aws-connector/theirs", "", 0o644)
	if out, ok := s.run("--uninstall"); ok || !strings.Contains(out, "is a directory") {
		t.Errorf("install.sh --uninstall of a directory = %t: %s", ok, out)
	}
	s.is("bin/aws-connector/theirs")
}

func TestInstallInAnothersHome(t *testing.T) {
	s := newSite(t)
	s.env = append(s.env, "PREFIX=")
	root := os.Geteuid() == 0
	if root {
		const nobody = 65534
		if err := os.Chown(s.dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	if out, ok := s.run(); ok == root || root && !strings.Contains(out, "HOME is another user's") {
		t.Errorf("install.sh as root: %t, in the home of nobody or one's own = %t: %s", root, ok, out)
	}
}

// The incumbent's name is linked on request alone, and never taken from another
// program; only what was linked is removed.
func TestInstallIncumbentsName(t *testing.T) {
	const name = "docker-credential-ecr-login"
	s := newSite(t)
	s.env = append(s.env, "PATH="+filepath.Join(s.prefix, "bin")+":"+filepath.Join(s.dir, "tools")+":"+os.Getenv("PATH"))
	for range 2 {
		if out, ok := s.run("--ecr-login"); !ok || !strings.Contains(out, "linked "+s.prefix+"/bin/"+name+"\n") || strings.Contains(out, "another") {
			t.Errorf("install.sh --ecr-login = %t: %s", ok, out)
		}
		s.is(append([]string{"bin/" + name + " -> aws-connector"}, installed...)...)
	}
	if out, ok := s.run(); !ok { // an update
		t.Errorf("install.sh: %s", out)
	}
	s.is(append([]string{"bin/" + name + " -> aws-connector"}, installed...)...)
	if out, ok := s.run("--uninstall"); !ok || !strings.Contains(out, "removed "+s.prefix+"/bin/"+name+"\n") {
		t.Errorf("install.sh --uninstall = %t: %s", ok, out)
	}
	s.is()

	for left, put := range map[string]func(s *site){
		"bin/" + name:                         func(s *site) { s.write("a prefix/bin/"+name, "theirs", 0o755) },
		"bin/" + name + " -> /nowhere/amazon": func(s *site) { s.link("/nowhere/amazon", "a prefix/bin/"+name) },
		"bin/" + name + "/x":                  func(s *site) { s.write("a prefix/bin/"+name+"/x", "", 0o644) },
	} {
		s := newSite(t)
		put(s)
		if out, ok := s.run("--ecr-login"); !ok || !strings.Contains(out, "left "+s.prefix+"/bin/"+name+" as it is: another program's") {
			t.Errorf("%s: install.sh --ecr-login = %t: %s", left, ok, out)
		}
		s.is(append([]string{left}, installed...)...)
		if out, ok := s.run("--uninstall"); !ok {
			t.Errorf("%s: install.sh --uninstall: %s", left, out)
		}
		s.is(left)
	}

	s = newSite(t)
	s.write("tools/"+name, "#!/bin/sh\n", 0o755)
	if out, ok := s.run("--ecr-login"); !ok || !strings.Contains(out, "PATH leads to another "+name+" first: "+filepath.Join(s.dir, "tools", name)+"\n") {
		t.Errorf("install.sh --ecr-login = %t: %s", ok, out)
	}
	if out, ok := s.run("--ecr-login", "--uninstall"); ok {
		t.Errorf("install.sh --ecr-login --uninstall: %s", out)
	}
}

// Clients that would run a program that is gone fail: what names it is taken out,
// if the person agrees, and what is left is named.
func TestUninstallLooksAtClients(t *testing.T) {
	const profile = "[profile mine]\nregion = eu-central-1\n"
	for name, c := range map[string]struct {
		args []string
		left bool
	}{"nobody to ask": {nil, true}, "yes": {[]string{"--yes"}, false}} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			if out, ok := s.run(); !ok {
				t.Fatal(out)
			}
			s.write(".aws/config", profile+"credential_process = aws-connector get x\n", 0o600)
			s.write(".bashrc", "true\n", 0o600)
			s.write(".docker/config.json", `{"credHelpers":{"public.ecr.aws":"ecr-login"}}`, 0o600)
			out, ok := s.run(append(c.args, "--uninstall")...)
			if !ok || !strings.Contains(out, "credential_process = aws-connector get x\n") {
				t.Errorf("--uninstall = %t: %s", ok, out)
			}
			s.is()
			config := filepath.Join(s.dir, ".aws/config")
			text, err := os.ReadFile(config)
			if err != nil || (string(text) == profile) == c.left {
				t.Errorf("the profiles are %q, %v", text, err)
			}
			if strings.Contains(out, "  "+config+"\n") != c.left {
				t.Errorf("names %s: want %t: %s", config, c.left, out)
			}
			if strings.Contains(out, ".docker") || strings.Contains(out, ".bashrc") {
				t.Errorf("names files that do not name it: %s", out)
			}
		})
	}
}

func TestUninstallOfAnotherPrefix(t *testing.T) {
	s := newSite(t)
	if out, ok := s.run(); !ok {
		t.Fatal(out)
	}
	right := s.prefix
	s.env = append(s.env, "PREFIX="+filepath.Join(s.dir, "wrong"))
	if out, ok := s.run("--uninstall"); ok || !strings.Contains(out, "there is no directory "+s.dir+"/wrong/bin: set PREFIX") {
		t.Errorf("--uninstall of a PREFIX that is not there = %t: %s", ok, out)
	}
	s.write("wrong/bin/x", "", 0o644)
	s.env = append(s.env, "PATH="+right+"/bin:"+strings.TrimPrefix(s.env[0], "PATH="))
	if out, ok := s.run("--uninstall"); ok || !strings.Contains(out, "Run PREFIX="+right+" ./install.sh --uninstall") {
		t.Errorf("--uninstall of another PREFIX = %t: %s", ok, out)
	}
	s.is(installed...)
}

func TestInstallTellsHow(t *testing.T) {
	s := newSite(t)
	out, ok := s.run("--help")
	if !ok || !strings.HasPrefix(out, "usage: ./install.sh") {
		t.Errorf("--help = %t: %s", ok, out)
	}
	s.is()
	for shell, want := range map[string]string{"/bin/bash": `  echo 'export PATH="` + s.prefix + `/bin:$PATH"' >>~/.bashrc`, "/usr/bin/zsh": ">>~/.zshrc\n", "/usr/bin/fish": "  fish_add_path '" + s.prefix + "/bin'\n", "": ">>~/.profile\n"} {
		s.env = append(s.env, "SHELL="+shell)
		if out, ok := s.run(); !ok || !strings.Contains(out, want) || !strings.Contains(out, "building aws-connector") {
			t.Errorf("with shell %q: %s", shell, out)
		}
	}
}
