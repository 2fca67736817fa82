package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// row is one thing that is measured: a program, or several at once.
type row struct {
	label string
	// of is the label of the row that this one is told in ratios to; the first of
	// the group where it is empty.
	of      string
	program string
	// args begin with the name that the program is called by.
	args, env []string
	// stdin is a file.
	stdin string
	// clear is a directory in which, before each run, every file is removed but
	// those of [filler].
	clear  string
	copies int // how many run at once, 1 where it is 0
	status int // the exit status that is right
	every  int // measured in one round of so many, in each where it is 0
	// absent is why the row cannot be measured here.
	absent string

	samples map[int]sample // by round
	peak    int            // KiB; 0 where it was not measured
}

// sample is what one run cost, in milliseconds.
type sample struct{ wall, cpu float64 }

// group are rows that are measured in the same rounds.
type group struct {
	title  string
	rounds int
	rows   []*row
}

// measure runs every row once in each round, after rounds that only warm up. The
// order is another one in each, for what ran just before leaves a processor's
// caches to the next.
func (g *group) measure(peakProgram string) error {
	const warmUp = 3
	shuffled := rand.New(rand.NewPCG(1, 2))
	for round := -warmUp; round < g.rounds; round++ {
		for _, i := range shuffled.Perm(len(g.rows)) {
			r := g.rows[i]
			if r.absent != "" || r.every > 0 && (round < 0 || round%r.every != 0) {
				continue
			}
			s, err := r.run()
			if err != nil {
				return err
			}
			if round >= 0 {
				r.samples[round] = s
			}
		}
	}
	for _, r := range g.rows {
		if r.absent == "" && r.copies == 0 {
			if err := r.measurePeak(peakProgram); err != nil {
				return err
			}
		}
	}
	return nil
}

// run does what is between the start of the first process and the end of the last.
func (r *row) run() (sample, error) {
	if err := r.empty(); err != nil {
		return sample{}, err
	}
	// Opened for reading too, it would look as a standard output that was closed: the
	// Go runtime puts that in its place.
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return sample{}, err
	}
	defer null.Close()
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		return sample{}, err
	}
	defer nothing.Close()
	n := max(r.copies, 1)
	pids, inputs := make([]int, 0, n), make([]uintptr, n)
	for i := range inputs {
		inputs[i] = nothing.Fd()
		if r.stdin != "" {
			f, err := os.Open(r.stdin)
			if err != nil {
				return sample{}, err
			}
			defer f.Close()
			inputs[i] = f.Fd()
		}
	}
	begun := time.Now()
	for _, in := range inputs {
		pid, err := syscall.ForkExec(r.program, r.args, &syscall.ProcAttr{Env: r.env, Files: []uintptr{in, null.Fd(), null.Fd()}})
		if err != nil {
			return sample{}, fmt.Errorf("%s: %w", r.label, err)
		}
		pids = append(pids, pid)
	}
	var cpu time.Duration
	wrong := 0
	for _, pid := range pids {
		var status syscall.WaitStatus
		var used syscall.Rusage
		for {
			if _, err := syscall.Wait4(pid, &status, 0, &used); err != syscall.EINTR {
				break
			}
		}
		cpu += time.Duration(used.Utime.Nano() + used.Stime.Nano())
		if !status.Exited() || status.ExitStatus() != r.status {
			wrong++
		}
	}
	wall := time.Since(begun)
	if wrong > 0 {
		return sample{}, r.explain(wrong)
	}
	return sample{wall.Seconds() * 1e3, cpu.Seconds() * 1e3}, nil
}

// explain runs the program once more to tell what it says.
func (r *row) explain(wrong int) error {
	cmd := r.command()
	out, err := cmd.CombinedOutput()
	return fmt.Errorf("%s: %d of %d ended with another status than %d; once more: %v: %.300s", r.label, wrong, max(r.copies, 1), r.status, err, out)
}

// command is the row's program for os/exec.
func (r *row) command() *exec.Cmd {
	cmd := &exec.Cmd{Path: r.program, Args: r.args, Env: r.env}
	if r.stdin != "" {
		// Children have files of their own; this one ends with the process.
		if f, err := os.Open(r.stdin); err == nil {
			cmd.Stdin = f
		}
	}
	return cmd
}

// filler begins the names of entries that are only there to be many.
const filler = "fill-"

func (r *row) empty() error {
	if r.clear == "" {
		return nil
	}
	files, err := os.ReadDir(r.clear)
	if os.IsNotExist(err) {
		return nil
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), filler) {
			err = os.RemoveAll(filepath.Join(r.clear, f.Name()))
		}
		if err != nil {
			return err
		}
	}
	return err
}

// measurePeak takes the least of several runs: what the kernel has not yet given
// back makes some of them larger.
func (r *row) measurePeak(program string) error {
	runs := 5
	if r.every > 0 {
		runs = 1
	}
	for range runs {
		if err := r.empty(); err != nil {
			return err
		}
		cmd := r.command()
		cmd.Args = slices.Concat([]string{program, r.program}, r.args)
		cmd.Path = program
		out, err := cmd.Output()
		var status, peak int
		if err == nil {
			_, err = fmt.Sscan(string(out), &status, &peak)
		}
		if err != nil || status != r.status {
			return fmt.Errorf("%s: peak memory: status %d, %v", r.label, status, err)
		}
		if r.peak == 0 || peak < r.peak {
			r.peak = peak
		}
	}
	return nil
}
