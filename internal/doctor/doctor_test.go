package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/keystore"
)

// keys is a keystore that tells what it is told to.
type keys struct {
	state keystore.State
	err   error
	wait  func()
}

func (k keys) Probe(context.Context) (keystore.State, error) {
	if k.wait != nil {
		k.wait()
	}
	return k.state, k.err
}

func (keys) String() string { return "OS keyring" }

// planted is a machine in a directory of the test's, with its faults.
type planted struct {
	*Machine
	t    *testing.T
	home string
	env  map[string]string
	// sts is the environment that the helper has.
	sts helper.Environment
}

const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"

const connectors = `
keystore = "system"

[connectors.deploy]
auth_method = "session-token"
region = "eu-central-1"
key = "main"
registries = ["` + registry + `"]
`

// healthy is a machine on which all is well.
func healthy(t *testing.T) *planted {
	home := t.TempDir()
	p := &planted{t: t, home: home, env: map[string]string{"PATH": filepath.Join(home, "bin")}}
	p.write("bin/"+exe("aws-connector"), "program", 0o755)
	p.write("bin/"+exe("docker"), "docker", 0o755)
	p.write(".aws/config", "[profile deploy]\ncredential_process = aws-connector get deploy\n", 0o600)
	p.write(".docker/config.json", `{"credHelpers":{"`+registry+`":"ecr"}}`, 0o600)
	must(t, os.MkdirAll(filepath.Join(home, "cache"), 0o700))
	p.Machine = &Machine{
		GOOS: runtime.GOOS, UID: os.Getuid(), Self: p.path("bin/" + exe("aws-connector")), Version: "v1.2.3",
		Getenv: func(name string) string { return p.env[name] }, Now: time.Now,
		CacheDir: p.path("cache"), AWSConfig: p.path(".aws/config"), AWSCredentials: p.path(".aws/credentials"), DockerConfig: p.path(".docker/config.json"),
		Keys:     keys{state: keystore.State{Names: []string{"main"}, Listed: true}},
		Hint:     func(err error) string { return "about " + err.Error() },
		Sealing:  func() string { return "sealed by the test" },
		TryLock:  TryLock,
		Writable: func(string) error { return nil },
		Fetch: func(context.Context, string) (Answer, error) {
			return Answer{Status: 302, Dated: true, Drift: 2 * time.Second}, nil
		},
		Proxy: func(string) (string, error) { return "", nil },
		Run: func(context.Context, string, ...string) (string, error) {
			return "Docker version 29.1.0, build 1\n", nil
		},
		DockerHelper: func(context.Context) (string, error) { return "v1.2.3", nil },
	}
	p.toml(connectors)
	return p
}

func exe(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

func (p *planted) path(name string) string { return filepath.Join(p.home, filepath.FromSlash(name)) }

func (p *planted) write(name, text string, mode os.FileMode) {
	p.t.Helper()
	must(p.t, os.MkdirAll(filepath.Dir(p.path(name)), 0o700))
	must(p.t, os.WriteFile(p.path(name), []byte(text), mode))
	must(p.t, os.Chmod(p.path(name), mode))
}

// toml makes text the connectors of the machine.
func (p *planted) toml(text string) {
	p.t.Helper()
	p.write("connectors.toml", text, 0o600)
	p.load()
}

func (p *planted) load() {
	p.Connectors, p.ConnectorsErr = connector.Load(p.path("connectors.toml"))
	p.Connectors.Path = p.path("connectors.toml")
	p.Helper = &helper.Helper{Connectors: p.Connectors, Env: p.sts}
}

// field adds a line to the connector.
func (p *planted) field(line string) { p.toml(connectors + line + "\n") }

// ambient makes the environment's profile what implicit connectors start from.
func (p *planted) ambient(profile string) {
	p.sts.Ambient = helper.Ambient{ConfigFile: p.AWSConfig, CredentialsFile: p.AWSCredentials, Self: p.Self,
		Environ: func(helper.Chain) []string { return []string{"AWS_PROFILE=" + profile} }}
	p.load()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r Report) String() string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s: %s: %s\n  fix: %s\n", f.Severity, f.About, f.Text, f.Fix)
	}
	return b.String()
}

func TestHealthyMachineIsSilent(t *testing.T) {
	r := healthy(t).Examine(t.Context())
	if len(r.Findings) > 0 || r.Checked < 20 {
		t.Errorf("Examine() of a healthy machine = %d checked,\n%s", r.Checked, r)
	}
}

// Each fault is planted alone, and found by its own message and nothing else.
func TestPlantedFaults(t *testing.T) {
	seen := map[string]string{}
	for _, fault := range faults {
		if fault.unix && runtime.GOOS == "windows" {
			continue
		}
		t.Run(fault.name, func(t *testing.T) {
			p := healthy(t)
			fault.plant(p)
			r := p.Examine(t.Context())
			if len(r.Findings) != 1 {
				t.Fatalf("%d findings, want 1:\n%s", len(r.Findings), r)
			}
			f := r.Findings[0]
			if f.Severity != fault.severity || !strings.Contains(f.Text, fault.text) || !strings.Contains(f.Fix, fault.fix) || f.Fix == "" || f.About == "" {
				t.Errorf("Examine() =\n%swant %s: …%s…\n  fix: …%s…", r, fault.severity, fault.text, fault.fix)
			}
			if strings.Contains(r.String(), "CANARY") {
				t.Errorf("Examine() shows a secret:\n%s", r)
			}
			if other := seen[f.Text]; other != "" {
				t.Errorf("%q is the message of %q too", f.Text, other)
			}
			seen[f.Text] = fault.name
		})
	}
}

// Root may give files away; others are taken for somebody else.
func TestFilesOfOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		return
	}
	p := healthy(t)
	if os.Getuid() == 0 {
		must(t, os.Chown(p.CacheDir, 1234, -1))
		must(t, os.Chown(p.Connectors.Path, 1234, -1))
	} else {
		p.UID++
	}
	for _, f := range slices.Concat(p.cacheDir(), p.connectorsMode()) {
		if !strings.Contains(f.Text, "belongs to another user") {
			t.Errorf("finding %q", f)
		}
	}
	if n := len(p.cacheDir()) + len(p.connectorsMode()); n != 2 {
		t.Errorf("%d findings, want 2", n)
	}
}

// Root keeps no sessions in another user's home, as under sudo -E.
func TestCacheInAnotherUsersHome(t *testing.T) {
	if runtime.GOOS == "windows" || os.Getuid() != 0 {
		return // nobody else is kept out so
	}
	p := healthy(t)
	theirs := p.path("theirs")
	must(t, os.MkdirAll(filepath.Join(theirs, "made", "aws-connector"), 0o700))
	must(t, os.Chown(theirs, 1234, -1))
	for _, dir := range []string{"made", "absent"} {
		p.CacheDir = filepath.Join(theirs, dir, "aws-connector")
		if r := p.Examine(t.Context()); len(r.Findings) != 1 || !strings.Contains(r.Findings[0].Text, theirs+" belongs to another user, and this is root") {
			t.Errorf("Examine() with %s =\n%s", dir, r)
		}
	}
}

// Programs that run ours are somebody's own; what stands in them may be secret.
func TestWrappersAreNotJudged(t *testing.T) {
	p := healthy(t)
	p.write("bin/"+exe("env"), "env", 0o755)
	p.write(".aws/config", "[profile a]\ncredential_process = env X=CANARY aws-connector get deploy\n[profile b]\ncredential_process = "+p.path("bin/"+exe("env"))+" "+p.Self+" get deploy\n[profile c]\ncredential_process = X=CANARY /opt/aws-connector get deploy\n", 0o600)
	if r := p.Examine(t.Context()); len(r.Findings) > 0 {
		t.Errorf("Examine() =\n%s", r)
	}
}

func TestWord(t *testing.T) {
	for in, want := range map[string]string{"/a/b-c.d": "/a/b-c.d", "/a b": "'/a b'", "/it's": `'/it'\''s'`, "": "''"} {
		if got := word(in); got != want {
			t.Errorf("word(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestBrokenFirst(t *testing.T) {
	p := healthy(t)
	p.Sealing = func() string { return "plain files: no" }
	p.Keys = keys{err: keystore.ErrLocked}
	p.env["AWS_SESSION_TOKEN"] = "CANARY"
	r := p.Examine(t.Context())
	if len(r.Findings) != 3 || r.Findings[0].Severity != Broken || r.Findings[1].Severity != Warning || r.Findings[2].Severity != Note {
		t.Errorf("Examine() =\n%s", r)
	}
}

// A check that hangs is told, and the others are heard.
func TestCheckThatHangs(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	started := make(chan struct{})
	r := examine(ctx, []check{
		{about: "hanging", things: 1, run: func(context.Context) []Finding { close(started); <-release; return nil }},
	})
	<-started
	if len(r.Findings) != 1 || r.Findings[0].About != "hanging" || !strings.Contains(r.Findings[0].Text, "took too long") {
		t.Errorf("examine() =\n%s", r)
	}
}

// A check that panics is told, and the others are heard.
func TestCheckThatPanics(t *testing.T) {
	r := examine(t.Context(), []check{
		one("mad", func() []Finding { panic("CANARY") }),
		one("well", func() []Finding { return list(Finding{Note, "well", "heard", ""}) }),
	})
	if len(r.Findings) != 2 || r.Findings[0].About != "mad" || !strings.Contains(r.Findings[0].Text, "internal error") || strings.Contains(r.Findings[0].Text, "CANARY") || r.Findings[1].Text != "heard" {
		t.Errorf("examine() = %+v", r)
	}
}

// Nothing of what was looked at is changed, and nothing is added.
func TestExamineWritesNothing(t *testing.T) {
	p := healthy(t)
	must(t, os.Remove(p.CacheDir))
	before := tree(t, p.home)
	p.Examine(t.Context())
	if after := tree(t, p.home); after != before {
		t.Errorf("before:\n%safter:\n%s", before, after)
	}
}

func tree(t *testing.T, root string) string {
	var b strings.Builder
	must(t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(&b, path, info.Mode(), info.ModTime(), info.Size())
		return nil
	}))
	return b.String()
}
