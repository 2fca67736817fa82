// Command bench measures what aws-connector costs its callers, in ratios to a Go
// program that prints one word. BENCHMARKS.md tells how; the script run starts it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// programs is a version of aws-connector; mark ends the labels of its rows.
type programs struct{ path, mark string }

const otherMark = " (the other)"

type bench struct {
	dir     string
	quick   bool
	pattern *regexp.Regexp

	programs                              []programs
	helloProgram, stsProgram, peakProgram string
	registryFile                          string
	near, far, slow                       *fake  // that take 0, 80 and 250 ms
	secure                                string // near, by https
	trustWord                             string
	trusted                               []string
	noKeyring                             string
	inKeyring                             []*world
	worlds                                int
}

func main() {
	debug.SetGCPercent(-1) // which would run beside what is measured
	runtime.LockOSThread() // the one that has the mount
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

func run() (err error) {
	quick := flag.Bool("quick", false, "a tenth of the rounds: to see that all rows work")
	rows := flag.String("rows", "", "measure the rows that match `PATTERN`, and what they are told in")
	write := flag.Bool("write", false, "put the table into BENCHMARKS.md")
	budget := flag.Bool("budget", false, "count instructions and system calls of a hit instead, and fail above the bounds")
	against := flag.String("against", "", "measure another `PROGRAM` too, in the same rounds")
	flag.Parse()
	b := &bench{quick: *quick}
	if b.pattern, err = regexp.Compile(*rows); err != nil {
		return err
	}
	if *write && (*rows != "" || *quick) {
		return errors.New("--write needs a whole table: give neither --rows nor --quick")
	}
	if b.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if err := b.build(*against); err != nil {
		return err
	}
	defer b.stop()
	if err := b.serve(); err != nil {
		return err
	}
	if *budget {
		return b.budget()
	}
	groups, err := b.groups()
	if err != nil {
		return err
	}
	text := b.machine()
	for _, g := range groups {
		if err := g.measure(b.peakProgram); err != nil {
			return err
		}
		table := g.table()
		fmt.Print(table, "\n")
		text += "\n" + table
	}
	if *write {
		return replaceTable("BENCHMARKS.md", text)
	}
	return nil
}

// build builds what is measured and what measures.
func (b *bench) build(against string) error {
	built := filepath.Join(b.dir, "built")
	build := func(dir, pkg string, flags ...string) error {
		args := append([]string{"build", "-trimpath", "-tags=nethttpomithttp2", "-buildvcs=false"}, flags...)
		cmd := exec.Command("go", append(args, "-o", dir+"/", pkg)...)
		cmd.Env, cmd.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
		return cmd.Run()
	}
	names := []string{"aws-connector", "hello", "peak", "stscall", "fakeawsd"}
	for i, pkg := range []string{".", "./testdata/bench/hello", "./testdata/bench/peak", "./testdata/bench/stscall", "./internal/fakeaws/fakeawsd"} {
		if err := build(built, pkg, "-ldflags=-s -w"); err != nil {
			return fmt.Errorf("%s: %w", names[i], err)
		}
	}
	paths := map[string]string{}
	for _, name := range names {
		path, err := b.copied(filepath.Join(built, name), name)
		if err != nil {
			return err
		}
		paths[name] = path
	}
	b.helloProgram, b.stsProgram, b.peakProgram = paths["hello"], paths["stscall"], paths["peak"]
	b.programs = []programs{{paths["aws-connector"], ""}}
	if against != "" {
		path, err := b.copied(against, "against")
		if err != nil {
			return err
		}
		b.programs = append(b.programs, programs{path, otherMark})
	}
	b.registryFile = filepath.Join(b.dir, "registry")
	return os.WriteFile(b.registryFile, []byte(registry), 0o600)
}

// copied copies a program, for one as the linker wrote it starts up to 8 % slower.
func (b *bench) copied(from, name string) (string, error) {
	dir := filepath.Join(b.dir, "bin")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	to := filepath.Join(dir, name)
	out, err := exec.Command("cp", from, to).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return to, nil
}

// serve starts the fake AWS in three kinds and says what there is of a keyring.
func (b *bench) serve() (err error) {
	fakes := filepath.Join(b.dir, "bin", "fakeawsd")
	for delay, to := range map[time.Duration]**fake{0: &b.near, 80 * time.Millisecond: &b.far, 250 * time.Millisecond: &b.slow} {
		if *to, err = startFake(fakes, delay); err != nil {
			return err
		}
	}
	cert, certificate, err := authority()
	if err != nil {
		return err
	}
	if b.secure, err = encrypt(b.near.url, cert); err != nil {
		return err
	}
	var variable string
	if b.trustWord, variable, err = trust(b.dir, certificate); err != nil {
		return err
	}
	if variable != "" {
		b.trusted = []string{variable}
	}
	if os.Getenv("KEYRING_PID") == "" {
		b.noKeyring = "no gnome-keyring here"
	}
	return nil
}

// stop ends what was started and takes the keys out of the keyring again.
func (b *bench) stop() {
	for _, w := range b.inKeyring {
		w.command("aws-connector", "key", "remove", w.key, "--force").Run()
	}
	for _, f := range []*fake{b.near, b.far, b.slow} {
		if f != nil {
			f.stop()
		}
	}
}

// machine says where the numbers are from.
func (b *bench) machine() string {
	kernel, _ := exec.Command("uname", "-srm").Output()
	var sizes []string
	for _, p := range b.programs {
		if info, err := os.Stat(p.path); err == nil {
			sizes = append(sizes, fmt.Sprintf("%.1f MB", float64(info.Size())/1e6))
		}
	}
	given := ""
	for _, name := range []string{"ECR_LOGIN", "AWS_VAULT", "AWS_CLI"} {
		if os.Getenv(name) != "" {
			given += "; " + name + " given"
		}
	}
	commit, _ := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	return fmt.Sprintf("%s, %d processors, %s; commit %s, stripped %s%s.\n", strings.TrimSpace(string(kernel)), runtime.NumCPU(), runtime.Version(), strings.TrimSpace(string(commit)), strings.Join(sizes, " and "), given)
}
