// Package doctor finds what is wrong with a machine on which aws-connector is
// to answer: program, configuration, keystore, cache, network, clock, and the
// clients' own files. It changes nothing, asks nobody and mints no session.
package doctor

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/keystore"
)

// Severity says what a [Finding] means for the person.
type Severity string

const (
	// Broken means that something does not work.
	Broken Severity = "broken"
	// Warning means that something works, but not as it should or not always.
	Warning Severity = "warning"
	// Note means that something could be better.
	Note Severity = "note"

	// well is of a check that found something to be as it should be.
	well Severity = "ok"
)

// Finding is one thing that is wrong.
type Finding struct {
	Severity Severity `json:"severity"`
	// About is what it concerns: a file, a connector, a variable. It, Text and Fix
	// hold what stands in files, which is not fit for a terminal.
	About string `json:"about"`
	// Text says what is wrong, and Fix what to do about it, without any secret.
	Text string `json:"text"`
	Fix  string `json:"fix"`
}

// Fact is one thing that is as it should be. About and Text are as those of a
// [Finding].
type Fact struct {
	About string `json:"about"`
	Text  string `json:"text"`
}

// Report is the outcome of an examination.
type Report struct {
	// Findings are broken things first. It is never nil.
	Findings []Finding `json:"findings"`
	// Well is what is worth telling of what is in order, in the order of a person's setup.
	Well []Fact `json:"well"`
	// Keystore says which keystore it is, how it is opened, and until when it is open.
	Keystore string `json:"keystore,omitempty"`
	// Checked is how many things were looked at.
	Checked int `json:"checked"`
}

// Count returns how many findings are of the severity.
func (r Report) Count(s Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Machine is what is examined, and how. All fields but those that say so are required.
type Machine struct {
	// GOOS is the operating system, as runtime has it.
	GOOS string
	// UID is the user, -1 where files have no owners and modes, on Windows.
	UID int
	// Self is the path of the running program, Version its version.
	Self, Version string
	// Getenv reads a variable of the environment.
	Getenv func(string) string
	// EnvironmentErr is what is wrong with the environment, nil for nothing.
	EnvironmentErr error
	Now            func() time.Time

	// Connectors is connectors.toml, and ConnectorsErr why there is none; its path is set in either case.
	Connectors    connector.File
	ConnectorsErr error
	// CacheDir is where sessions are kept, empty where there is no place; CacheErr
	// is why, nil where there is no home.
	CacheDir string
	CacheErr error
	// AWSConfig, AWSCredentials and DockerConfig are the paths of the clients'
	// files, and AWSErr and DockerErr why there are none, nil for nothing.
	AWSConfig, AWSCredentials, DockerConfig string
	AWSErr, DockerErr                       error

	// Helper answers for the connectors; only what it knows of them is asked. It is
	// nil where nothing does.
	Helper *helper.Helper
	// Keys is the keystore, and KeysFile its path if it is an encrypted file. Where
	// a person would have to open it its error wraps [ErrAsks]. Hint
	// says what to do about an error of it, "" for nothing.
	Keys     Keys
	KeysFile string
	Hint     func(error) string
	// Keystore says in words which keystore it is and how it is opened, for the report.
	Keystore string
	// Key reads a key of the keystore once that was opened; nil where it might ask a person.
	Key func(ctx context.Context, name string) (keystore.Key, error)
	// CanAsk says that there is a terminal on which a passphrase can be asked
	// for, and Display that a keyring can open a dialog.
	CanAsk, Display bool
	// Sealing tells how cached sessions are protected, as cache.Dir does.
	Sealing func() string
	// Trail reports why nothing can be appended to the audit trail; nil where none is kept.
	Trail func() error
	// TryLock locks a directory and unlocks it at once, and Writable reports why
	// no file can be made in one.
	TryLock, Writable func(dir string) error
	// Fetch asks a URL, unsigned; FetchErr is why none can be asked, nil for nothing.
	Fetch    func(ctx context.Context, url string) (Answer, error)
	FetchErr error
	// Proxy returns the proxy for a URL as scheme and host, empty for none.
	Proxy func(url string) (string, error)
	// Run runs a program and returns its standard output.
	Run func(ctx context.Context, program string, args ...string) (string, error)
	// DockerHelper finds and runs the Docker credential helper, and returns its version.
	DockerHelper func(ctx context.Context) (version string, err error)
}

// Keys tells about a keystore; *keystore.Store is one.
type Keys interface {
	Probe(ctx context.Context) (keystore.State, error)
	String() string
}

const (
	// patience is what each check has, and whole what all have together.
	patience = 8 * time.Second
	whole    = 12 * time.Second
)

// check looks at some things, of which there are more than one where they have
// something in common.
type check struct {
	about  string
	things int
	run    func(context.Context) []Finding
	// fact is what can be told where run found nothing; nil, or "", for nothing.
	fact func() string
}

// findings runs the check; a panic, whose text may quote a secret, is a finding too.
func (c check) findings(ctx context.Context) (found []Finding) {
	defer func() {
		if recover() != nil {
			found = list(Finding{Warning, c.about, "checking it failed with an internal error", "please report this, with the output of `aws-connector version`"})
		}
	}()
	if found = c.run(ctx); len(found) == 0 && c.fact != nil {
		if text := c.fact(); text != "" {
			return list(Finding{well, c.about, text, ""})
		}
	}
	return found
}

// Examine runs all checks at once. It ends within 12 s, or with ctx.
func (m *Machine) Examine(ctx context.Context) Report {
	r := examine(ctx, slices.Concat(m.programs(), m.environment(), m.connectors(), m.keystore(), m.cache(), m.network(), m.awsFiles(), m.docker()))
	r.Keystore = m.Keystore
	return r
}

func examine(ctx context.Context, checks []check) Report {
	ctx, cancel := context.WithTimeout(ctx, whole)
	defer cancel()
	results := make([]chan []Finding, len(checks))
	for i, c := range checks {
		results[i] = make(chan []Finding, 1)
		go func() {
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			results[i] <- c.findings(ctx)
		}()
	}
	r := Report{Findings: []Finding{}, Well: []Fact{}}
	for i, c := range checks {
		r.Checked += c.things
		select {
		case found := <-results[i]:
			r.add(found)
		case <-ctx.Done():
			r.Findings = append(r.Findings, Finding{Warning, c.about, "checking it took too long", "check whether its file system, D-Bus or the network hangs"})
		}
	}
	rank := map[Severity]int{Broken: 0, Warning: 1, Note: 2}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return rank[a.Severity] - rank[b.Severity] })
	return r
}

func (r *Report) add(found []Finding) {
	for _, f := range found {
		if f.Severity == well {
			r.Well = append(r.Well, Fact{f.About, f.Text})
		} else {
			r.Findings = append(r.Findings, f)
		}
	}
}

// one is a check of one thing that takes no time.
func one(about string, run func() []Finding) check {
	return check{about: about, things: 1, run: func(context.Context) []Finding { return run() }}
}

func list(f ...Finding) []Finding { return f }

// fromError turns an error that may have a hint into a finding.
func fromError(s Severity, about string, err error, otherwise string) Finding {
	var hint interface{ Hint() string }
	if errors.As(err, &hint) && hint.Hint() != "" {
		otherwise = hint.Hint()
	}
	return Finding{s, about, without(about, err.Error()), otherwise}
}

// without takes what a finding is about out of its text.
func without(about, text string) string {
	if rest, ok := strings.CutPrefix(text, about+": "); ok {
		return rest
	}
	return strings.Replace(text, ": "+about+": ", ": ", 1) // a path may end in it
}

var plainWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_/.:@%+=,~-]+$`) })

// word writes a path as one word for a POSIX shell.
func word(path string) string {
	if plainWord().MatchString(path) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
