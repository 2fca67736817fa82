package helper

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"aws-connector/internal/ambient"
	"aws-connector/internal/connector"
	"aws-connector/internal/program"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

// maxKey is how much a program may print as a key, in bytes.
const maxKey = 64 << 10

// keyChain stands before the name of a key in a [Chain]. No connector has such a name.
const keyChain = "key:"

// keyProgram is a key that another program keeps.
type keyProgram struct {
	connector.KeyProgram
	where      Ambient
	chain      Chain // what this process was started from
	connectors string
	now        func() time.Time
}

// KeyPrograms returns the keys of f that other programs keep, by name. The programs
// are run as those of a connector are, in the environment that where tells, by a
// process that chain started.
func KeyPrograms(f connector.File, where Ambient, chain Chain, now func() time.Time) map[string]keystore.Process {
	all := map[string]keystore.Process{}
	for _, k := range f.KeyPrograms() {
		p := keyProgram{k, where, chain, digest(f.Path, f.Digest), now}
		all[k.Name] = keystore.Process{
			Get:        p.get,
			Generation: func(context.Context) (string, error) { return p.generation(), nil },
			Refusal:    p.refusal,
		}
	}
	return all
}

func (p keyProgram) refusal() error {
	if p.Err != nil {
		return p.Err
	}
	return &Error{Reason: Misconfigured, Text: fmt.Sprintf("%s keeps it, as %s says", p.short(), Clean(p.Place())), Err: keystore.ErrElsewhere,
		Advice: fmt.Sprintf("change it there, or remove [keys.%s] from connectors.toml to keep the key here; nothing was changed", p.Name)}
}

// short is the program without its directory.
func (p keyProgram) short() string { return programName(p.Process) }

func programName(argv []string) string {
	name := argv[0]
	if i := strings.LastIndexAny(name, `/\`); i >= 0 && i+1 < len(name) {
		name = name[i+1:]
	}
	return Clean(name)
}

func (p keyProgram) environ(chain Chain) []string {
	if p.where.Environ == nil {
		return nil
	}
	return p.where.Environ(chain)
}

// generation changes with all that decides about the answer of a foreign program,
// as for credential_process. A key that is broken has one too: it is no reason to
// keep nothing of others.
func (p keyProgram) generation() string {
	if p.Err != nil {
		return ""
	}
	return ambient.Program(ambient.Settings{Environ: p.environ(p.chain), ConfigFile: p.where.ConfigFile, CredentialsFile: p.where.CredentialsFile,
		Home: p.where.Home, Dir: p.where.Dir, Now: p.now, Connectors: p.connectors}, p.Process).Key()
}

// get runs the program.
func (p keyProgram) get(ctx context.Context) (keystore.Key, error) {
	if p.Err != nil {
		return keystore.Key{}, p.Err
	}
	chain, asked := ctx.Value(chainKey{}).(Chain)
	if !asked {
		chain = p.chain
	}
	if err := p.cycle(chain, asked); err != nil {
		return keystore.Key{}, err
	}
	running, cancel := context.WithTimeout(ctx, processWait)
	defer cancel()
	if deadline, ok := ctx.Deadline(); ok {
		var sooner context.CancelFunc
		running, sooner = context.WithDeadline(running, deadline.Add(-min(toSend, time.Until(deadline)/2)))
		defer sooner()
	}
	out, err := program.Run(running, p.Process, p.environ(append(slices.Clone(chain), keyChain+p.Name)))
	if err != nil {
		return keystore.Key{}, p.failed(ctx, running, out, err)
	}
	key, err := p.read(out.Stdout)
	if err != nil {
		return keystore.Key{}, &Error{Text: p.words() + ": " + err.Error(), Err: err, costly: true,
			Advice: p.alone() + `: it must print one object, {"AccessKeyId":"…","SecretAccessKey":"…"}, and nothing beside it`}
	}
	return key, nil
}

// cycle refuses what would have this program wait for itself: the program of a key
// that wants the same key or, not for a connector, all of them.
func (p keyProgram) cycle(chain Chain, asked bool) error {
	const advice = `to start from what another connector gives, use source = "NAME" in the connector`
	ofKey := func(name string) bool {
		return name == keyChain+p.Name || !asked && strings.HasPrefix(name, keyChain)
	}
	if slices.ContainsFunc(chain, ofKey) {
		return &Error{Reason: Misconfigured, Text: "its program starts itself: " + strings.Join(append(slices.Clone(chain), keyChain+p.Name), " -> "), Advice: advice}
	}
	found, err := exec.LookPath(p.Process[0])
	if err == nil && p.where.Self != "" && sameFile(found, p.where.Self) {
		return &Error{Reason: Misconfigured, Text: fmt.Sprintf("%s is aws-connector itself, which leads back to itself: a cycle", p.words()), Advice: advice}
	}
	return nil
}

// CheckKeyProgram reports why the program of a key could not be run. It runs nothing.
func (h *Helper) CheckKeyProgram(k connector.KeyProgram) error {
	if k.Err != nil {
		return k.Err
	}
	p := keyProgram{KeyProgram: k, where: h.Env.Ambient}
	if _, err := exec.LookPath(k.Process[0]); err != nil {
		return p.unstarted(err)
	}
	return p.cycle(nil, true)
}

func (p keyProgram) words() string { return "process " + p.short() }

func (p keyProgram) alone() string {
	return fmt.Sprintf("run the program of [keys.%s] by itself", p.Name)
}

func (p keyProgram) read(out []byte) (keystore.Key, error) {
	switch {
	case len(out) > maxKey:
		return keystore.Key{}, errors.New("it printed more than 64 KiB, more than any key has")
	case strings.Trim(string(out), "\ufeff \t\r\n") == "":
		return keystore.Key{}, errors.New("it printed nothing")
	}
	key, err := keystore.ReadKey(out)
	if err != nil {
		return keystore.Key{}, fmt.Errorf("what it printed is no key: %w", err)
	}
	return key, nil
}

func (p keyProgram) failed(ctx, running context.Context, out program.Output, err error) error {
	e := &Error{Text: p.words(), Advice: p.alone() + " and see what it says", Err: err, costly: true}
	var exit *exec.ExitError
	ended := errors.As(err, &exit)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case running.Err() != nil:
		e.Reason, e.Text, e.Advice = Temporary, e.Text+": it did not end in time", p.alone()+" and see what it waits for"
	case errors.Is(err, program.ErrOutput):
		e.Text += ": it printed more than 64 KiB, more than any key has"
	case errors.Is(err, program.ErrNested):
		e.Reason, e.Text, e.Advice = Misconfigured, e.Text+": "+err.Error(), "take aws-connector out of what that program runs: it must get the key from somewhere else"
	case !ended:
		return p.unstarted(err)
	default:
		e.Text += ": " + Clean(err.Error())
		if said := Clean(withoutSecrets(out.Said, string(out.Stdout))); said != "" {
			e.Text += ": " + said
		}
	}
	return e
}

// unstarted is for a program that cannot be run at all.
func (p keyProgram) unstarted(err error) error {
	return &Error{Reason: Misconfigured, Text: p.words() + ": " + Clean(innermost(err).Error()), Err: err,
		Advice: fmt.Sprintf("install it, or write its absolute path into [keys.%s]: each argument is an element of the list, since no shell splits them", p.Name)}
}

// What a person is told of a program's complaint has neither what it printed as a
// key nor what has the look of a secret of AWS or of an MFA device's seed.
var (
	printedWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[A-Za-z0-9+/=_~.-]{8,}`) })
	secretWord  = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`[A-Za-z0-9+/=]{38,}|\b[A-Z2-7]{24,}\b`)
	})
	namedSecret = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)((?:secret|token|totp|seed|password|passphrase)[a-z_-]*["'\s]*[:=]["'\s]*)([^\s"',;}]{6,})`)
	})
)

func withoutSecrets(said, printed string) string {
	if rest, cut := strings.CutPrefix(said, "…"); cut {
		_, said, _ = strings.Cut(rest, " ") // its first word may be the end of a secret
	}
	words := printedWord().FindAllString(printed, -1)
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	for _, w := range words {
		said = strings.ReplaceAll(said, w, secret.Redacted)
	}
	said = namedSecret().ReplaceAllStringFunc(said, func(named string) string {
		m := namedSecret().FindStringSubmatch(named)
		if strings.ToLower(m[2]) == m[2] && !strings.ContainsAny(m[2], "0123456789+/=") {
			return named // a word of a sentence
		}
		return m[1] + secret.Redacted
	})
	return secretWord().ReplaceAllStringFunc(said, func(w string) string {
		if strings.HasPrefix(w, "/") || strings.Trim(w, "=-") == "" {
			return w // a path, a rule
		}
		return secret.Redacted
	})
}

// chainKey marks a context with the chain that what is started in it is of.
type chainKey struct{}

// keyFrom says in words where c's key is.
func keyFrom(c connector.Connector) string {
	if c.KeyProcess == nil {
		return "the stored key"
	}
	return "the key that " + programName(c.KeyProcess) + " prints"
}

// renewKey says how to give c other credentials.
func renewKey(c connector.Connector) string {
	if c.KeyProcess == nil {
		return "store new ones with `aws-connector key add " + c.Key + "`"
	}
	return fmt.Sprintf("have %s print new ones ([keys.%s] in connectors.toml)", programName(c.KeyProcess), c.Key)
}

// moved reports whether what tells the versions of r's key apart has changed since
// the call began, while the program was run.
func (h *Helper) moved(ctx context.Context, r *call) bool {
	if r.connector.KeyProcess == nil || r.cache == nil {
		return false
	}
	now, err := h.generation(ctx, r.connector, versions{})
	return err != nil || now != r.generation
}
