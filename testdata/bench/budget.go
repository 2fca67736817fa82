package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What a hit may cost, by measures that no other load of the machine changes.
const (
	mostInstructions = 1_200_000
	mostOfHello      = 3.6 // times hello's instructions
	// mostOfOne is times those with one connector, where there are 500: what the Go
	// runtime itself does differs by two in a hundred from run to run.
	mostOfOne = 1.04
)

// kinds are the system calls that are counted: those of the program's own, for
// what the Go runtime does beside differs from run to run. Each has the most that
// a hit may make beyond hello's.
var kinds = []struct {
	name, calls string
	most        int
}{
	{"open", "open,openat,openat2", 5},
	{"read", "read,pread64,readv,getdents64,readlink,readlinkat", 6},
	{"stat", "stat,fstat,lstat,newfstatat,statx,access,faccessat,faccessat2", 12},
	{"keyctl", "keyctl,add_key,request_key", 3},
	{"write", "write,writev,pwrite64", 0},
	{"change", "unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,chmod,fchmod,fchmodat,flock,fsync,ftruncate", 0},
	{"network, process", "socket,connect,execve,execveat", 0},
}

// budget counts, for each kind of hit, instructions under callgrind and system
// calls under strace, and returns what is above the bounds.
func (b *bench) budget() error {
	for _, tool := range []string{"valgrind", "strace"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("--budget counts with %s, which is not here: install it", tool)
		}
	}
	var problems []error
	hello := b.hello("hello")
	base, err := b.instructions(hello)
	if err != nil {
		return err
	}
	baseCalls, err := b.systemCalls(hello)
	if err != nil {
		return err
	}
	fmt.Printf("%-32s %10d instructions; %s\n", hello.label, base, told(baseCalls))
	for _, of := range []func(w *world, label string) *row{
		(*world).get,
		func(w *world, label string) *row { return w.docker("docker "+label, b.registryFile) },
	} {
		one := 0
		for _, n := range []int{1, 500} {
			w, err := b.world(b.programs[0].path, shape{"auto", "file", n, b.near.url})
			if err != nil {
				return err
			}
			r := of(w, fmt.Sprintf("get, %d connectors", n))
			count, err := b.instructions(r)
			if err != nil {
				return err
			}
			calls, err := b.systemCalls(r)
			if err != nil {
				return err
			}
			fmt.Printf("%-32s %10d instructions, %.2f × hello's; %s\n", r.label, count, float64(count)/float64(base), told(calls))
			if n == 1 {
				one = count
			}
			problems = append(problems, judge(r.label, count, one, base), judgeCalls(r.label, calls, baseCalls))
		}
	}
	return errors.Join(problems...)
}

func judge(label string, count, one, hello int) error {
	const what = "see what runs before the answer: valgrind --tool=callgrind with a program that is not stripped, then callgrind_annotate"
	switch {
	case count > mostInstructions || float64(count) > mostOfHello*float64(hello):
		return fmt.Errorf("%s: %d instructions, want %d and %.1f times hello's %d at most: %s", label, count, mostInstructions, mostOfHello, hello, what)
	case math.Abs(float64(count)/float64(one)-1) > mostOfOne-1:
		return fmt.Errorf("%s: %d instructions where one connector takes %d: a hit must not read connectors.toml: %s", label, count, one, what)
	}
	return nil
}

func judgeCalls(label string, calls, hello map[string]int) error {
	var errs []error
	for _, k := range kinds {
		if more := calls[k.name] - hello[k.name]; more > k.most {
			errs = append(errs, fmt.Errorf("%s: %d system calls of the kind %q beyond hello's, want %d at most: strace -f shows what they are for; raise the bound in testdata/bench/budget.go if an answer needs them",
				label, more, k.name, k.most))
		}
	}
	return errors.Join(errs...)
}

func told(calls map[string]int) string {
	var all []string
	for _, k := range kinds {
		all = append(all, fmt.Sprintf("%s %d", k.name, calls[k.name]))
	}
	return strings.Join(all, ", ")
}

// collected is callgrind's last word.
var collected = regexp.MustCompile(`Collected : (\d+)`)

// instructions counts those of r under callgrind: the fewest of several runs. Under
// valgrind /proc/self/exe is valgrind's, so what is kept by a run without it is of
// another program: the runs that make a hit warm are under it too.
func (b *bench) instructions(r *row) (least int, err error) {
	err = warmed(r, func() error {
		cmd := r.command()
		cmd.Env = append(cmd.Env[:len(cmd.Env):len(cmd.Env)], "GODEBUG=asyncpreemptoff=1", "GOMAXPROCS=1") // callgrind fails over signals between threads, and each processor costs some
		cmd.Path, cmd.Args = "", append([]string{"valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", r.named(b.dir)}, r.args[1:]...)
		if cmd.Path, err = exec.LookPath("valgrind"); err != nil {
			return err
		}
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s under valgrind: %w: %.2000s", r.label, err, said.String())
		}
		m := collected.FindStringSubmatch(said.String())
		if m == nil {
			return fmt.Errorf("%s: callgrind does not tell what it collected: %.2000s", r.label, said.String())
		}
		n, err := strconv.Atoi(m[1])
		if least == 0 || n < least {
			least = n
		}
		return err
	})
	return least, err
}

// named is a link to r's program with the name that it is called by, which
// valgrind and strace take from the path.
func (r *row) named(dir string) string {
	path := filepath.Join(dir, "bin", r.args[0])
	if _, err := os.Lstat(path); err != nil {
		if err := os.Symlink(r.program, path); err != nil {
			return r.program
		}
	}
	return path
}

// systemCalls counts those of r by kind: the fewest of several runs.
func (b *bench) systemCalls(r *row) (map[string]int, error) {
	least := map[string]int{}
	log := filepath.Join(b.dir, "strace")
	strace, err := exec.LookPath("strace")
	if err != nil {
		return nil, err
	}
	err = warmed(r, func() error {
		cmd := r.command()
		cmd.Path, cmd.Args = strace, append([]string{"strace", "-f", "-qq", "-o", log, r.named(b.dir)}, r.args[1:]...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s under strace: %w: %.2000s", r.label, err, out)
		}
		text, err := os.ReadFile(log)
		if err != nil {
			return err
		}
		for _, k := range kinds {
			n := count(string(text), k.calls)
			if old, ok := least[k.name]; !ok || n < old {
				least[k.name] = n
			}
		}
		return nil
	})
	return least, err
}

// count tells how many lines of strace's are of one of the calls, which are
// separated by commas. One that another thread interrupts has two lines, of which
// one is a call.
func count(trace, calls string) (n int) {
	for line := range strings.Lines(trace) {
		_, call, ok := strings.Cut(strings.TrimSpace(line), " ")
		name, _, opened := strings.Cut(strings.TrimSpace(call), "(")
		if ok && opened && strings.Contains(","+calls+",", ","+name+",") {
			n++
		}
	}
	return n
}

// warmed calls run so often that the last of its runs are hits: files of the last
// two seconds are not trusted.
func warmed(r *row, run func() error) error {
	if _, err := r.run(); err != nil {
		return err
	}
	if r.args[0] != "hello" {
		time.Sleep(young)
	}
	for range 10 {
		if err := run(); err != nil {
			return err
		}
	}
	return nil
}
