package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// groups returns what is measured, with everything that the rows need in place.
func (b *bench) groups() ([]*group, error) {
	var all []*group
	for _, g := range []struct {
		title  string
		rounds int
		rows   func(programs) ([]*row, error)
	}{
		{"Starts and hits", 200, b.hits},
		{"Misses", 60, b.misses},
		{"At once", 20, b.together},
		{"Beside others", 60, b.peers},
	} {
		made := &group{title: g.title, rounds: g.rounds, rows: []*row{b.hello("hello")}}
		if b.quick {
			made.rounds = max(g.rounds/10, 4)
		}
		for _, p := range b.programs {
			if p.mark != "" && g.title == "Beside others" {
				continue
			}
			rows, err := g.rows(p)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", g.title, err)
			}
			for _, r := range rows {
				if p.mark != "" && !b.shared(r.label) {
					r.of = r.label // what matters of the other is how it differs
					r.label += p.mark
				}
				if !slices.ContainsFunc(made.rows, func(o *row) bool { return o.label == r.label }) {
					made.rows = append(made.rows, r)
				}
			}
		}
		made.rows = b.chosen(made.rows)
		if len(made.rows) > 1 {
			all = append(all, made)
		}
	}
	return all, b.warmUp(all)
}

// shared tells the rows that are the same for every version of the program.
func (b *bench) shared(label string) bool {
	return strings.HasPrefix(label, "hello") || strings.HasPrefix(label, "SDK") || strings.HasSuffix(label, "hellos")
}

// chosen are the rows that the pattern matches, with those that they are told in.
func (b *bench) chosen(rows []*row) []*row {
	var keep []*row
	for i, r := range rows {
		wanted := func(o *row) bool { return b.pattern.MatchString(strings.TrimSuffix(o.label, otherMark)) }
		needed := func(o *row) bool { return o.of == r.label && wanted(o) }
		if i == 0 || wanted(r) || slices.ContainsFunc(rows, needed) {
			r.samples = map[int]sample{}
			keep = append(keep, r)
		}
	}
	return keep
}

func (b *bench) hello(label string) *row {
	return &row{label: label, program: b.helloProgram, args: []string{"hello"}}
}

// hits are answered from the cache; the others have none.
func (b *bench) hits(p programs) ([]*row, error) {
	var rows []*row
	for _, seal := range []string{"auto", "off"} {
		for _, n := range []int{1, 100, 500, 1000} {
			if seal == "off" && n > 1 {
				continue
			}
			w, err := b.world(p.path, shape{seal, "file", n, b.near.url})
			if err != nil {
				return nil, err
			}
			word := map[string]string{"auto": "sealed", "off": "plain"}[seal]
			if n > 1 {
				word += fmt.Sprintf(", %d connectors", n)
			}
			get, docker := w.get("get, "+word), w.docker("docker get, "+word, b.registryFile)
			if n > 1 {
				get.of, docker.of = "get, sealed", "docker get, sealed"
			}
			rows = append(rows, get, docker)
			if n > 1 || seal == "off" {
				continue
			}
			for _, other := range []*row{{label: "version", args: []string{"version"}}, {label: "help", args: []string{"help"}}, {label: "get of an unknown name", args: []string{"get", "unknown"}, status: 2}} {
				other.program, other.env, other.args = w.program, w.env, append([]string{"aws-connector"}, other.args...)
				rows = append(rows, other)
			}
		}
	}
	w, absent, err := b.keyringWorld(p.path)
	if err != nil {
		return nil, err
	}
	r := &row{label: "get, sealed, key in the keyring", absent: absent}
	if absent == "" {
		r = w.get(r.label)
	}
	return append(rows, r), nil
}

// keyringWorld is one whose key is in the OS keyring, or why there is none.
func (b *bench) keyringWorld(program string) (w *world, absent string, err error) {
	if b.noKeyring != "" {
		return nil, b.noKeyring, nil
	}
	w, err = b.world(program, shape{"auto", "system", 1, b.near.url})
	if err == nil {
		b.inKeyring = append(b.inKeyring, w)
	}
	return w, "", err
}

// sdk is a row of one call of AssumeRole by the SDK's client.
func (b *bench) sdk(label, url string, env ...string) *row {
	env = append(append(env, keyInEnvironment()...), "AWS_ENDPOINT_URL="+url, "AWS_REGION="+region)
	return &row{label: label, program: b.stsProgram, args: []string{"stscall", role}, env: env}
}

func (b *bench) misses(p programs) ([]*row, error) {
	rows := []*row{b.sdk("SDK's call, http, 0 ms", b.near.url), b.sdk("SDK's call, http, 80 ms", b.far.url), b.sdk("SDK's call, https, 0 ms", b.secure, b.trusted...)}
	for _, m := range []struct {
		label, url string
		every      int
		of         string
		env        []string
	}{
		{"miss, http, 0 ms", b.near.url, 0, "SDK's call, http, 0 ms", nil},
		{"miss, http, 80 ms", b.far.url, 4, "SDK's call, http, 80 ms", nil},
		{"miss, https (" + b.trustWord + "), 0 ms", b.secure, 0, "SDK's call, https, 0 ms", b.trusted},
		{"miss, 10,000 entries in the cache", b.near.url, 0, "miss, http, 0 ms", nil},
	} {
		seal := "auto"
		w, err := b.world(p.path, shape{seal, "ambient", 1, m.url})
		if err != nil {
			return nil, err
		}
		w.env = append(w.env, m.env...)
		r := w.get(m.label)
		r.of, r.every, r.clear = m.of, m.every, w.cache()
		if strings.Contains(m.label, "10,000") && b.pattern.MatchString(m.label) {
			if out, err := r.command().CombinedOutput(); err != nil {
				return nil, fmt.Errorf("%s: %w: %s", r.label, err, out)
			}
			if err := w.fill(seal, 10_000); err != nil {
				return nil, err
			}
		}
		rows = append(rows, r)
	}
	rows[1].every = 4
	age, err := b.world(p.path, shape{"auto", "file", 1, b.near.url})
	if err != nil {
		return nil, err
	}
	r := age.get("miss, key in keys.age")
	r.every, r.clear = 15, age.cache()
	ring, absent, err := b.keyringWorld(p.path)
	if err != nil {
		return nil, err
	}
	inRing := &row{label: "miss, key in the keyring", absent: absent}
	if absent == "" {
		inRing = ring.get(inRing.label)
		inRing.clear, inRing.of = ring.cache(), "SDK's call, http, 0 ms"
	}
	return append(rows, inRing, r), nil
}

// together are many processes that start at once.
func (b *bench) together(p programs) ([]*row, error) {
	hellos := b.hello("50 hellos")
	hellos.copies = 50
	warm, err := b.world(p.path, shape{"auto", "file", 1, b.near.url})
	if err != nil {
		return nil, err
	}
	hits := warm.get("50 hits")
	hits.copies, hits.of = 50, "50 hellos"
	cold, err := b.world(p.path, shape{"auto", "ambient", 1, b.slow.url})
	if err != nil {
		return nil, err
	}
	rows := []*row{hellos, hits}
	for _, n := range []int{1, 50, 300} {
		r := cold.get(fmt.Sprintf("%d cold, AWS takes 250 ms", n))
		r.clear, r.every = cold.cache(), 2
		if n > 1 {
			r.copies, r.of = n, rows[2].label
		}
		if n == 300 && b.pattern.MatchString(r.label) {
			if err := b.oneCall(r); err != nil {
				return nil, err
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// oneCall is an error unless all of r's processes have the same answer, of one
// call of AWS.
func (b *bench) oneCall(r *row) error {
	before, err := b.slow.calls("AssumeRole")
	if err != nil {
		return err
	}
	answers := make([]string, r.copies)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			out, _ := r.command().Output()
			answers[i] = string(out)
		})
	}
	all.Wait()
	after, err := b.slow.calls("AssumeRole")
	slices.Sort(answers)
	if different := len(slices.Compact(answers)); err == nil && (after-before != 1 || different != 1 || answers[0] == "") {
		err = fmt.Errorf("%s: %d calls of AWS and %d different answers, want one of each", r.label, after-before, different)
	}
	return err
}

// young is the age at which files are trusted: before, they could change without
// their times changing.
const young = 2200 * time.Millisecond

// warmUp makes what hits are answered from.
func (b *bench) warmUp(groups []*group) error {
	for range 2 {
		for _, g := range groups {
			for _, r := range g.rows {
				if r.clear != "" || r.absent != "" {
					continue
				}
				one := *r
				one.copies = 0
				if _, err := one.run(); err != nil {
					return err
				}
			}
		}
		time.Sleep(young)
	}
	return nil
}
