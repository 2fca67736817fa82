package helper

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"

	"aws-connector/internal/program"
	"aws-connector/internal/secret"
	"aws-connector/internal/totp"
)

// ErrNobody means that there is no way to ask a person.
var ErrNobody = errors.New("nobody to ask")

// ErrDismissed means that the person was asked and gave no answer.
var ErrDismissed = errors.New("no answer was given")

// Question is what a person is asked an MFA code for.
type Question struct {
	Connector, Device string
	// Problem is why the code of before was none; empty for the first.
	Problem string
}

// Person is whoever is at this machine.
type Person interface {
	// Code asks for the code. again says that the same person may be asked once more.
	// Its error is or wraps [ErrNobody], [ErrDismissed], or ctx's.
	Code(ctx context.Context, q Question) (code string, again bool, err error)
	// Tell says something, if somebody sees it.
	Tell(text string)
}

// codeSource is where codes come from.
type codeSource interface {
	// code returns one that was not sent yet, and the number of its step, 0 if that is not known.
	code(ctx context.Context, l *ledger, before *attempt) (code string, step int64, err error)
	// another reports whether there is a chance with the next one.
	another(before *attempt, tries int) bool
	// wrong is what to do about a code that AWS refuses.
	wrong(f factor) string
	person() bool
}

// codes returns where the codes of the factor's device come from.
func (h *Helper) codes(f factor, seed secret.Text) (codeSource, error) {
	switch {
	case !seed.Empty():
		s, err := totp.Parse(seed.Reveal())
		if err != nil {
			return nil, &Error{Reason: NeedsPerson, Text: fmt.Sprintf("key %q: what is stored as the seed of its MFA device is %v", f.key, err), Advice: h.otherSeed(f)}
		}
		return &seeded{h: h, seed: s}, nil
	case len(f.process) > 0:
		return &printed{h: h, f: f}, nil
	case h.Person == nil:
		return nil, needsLogin(f)
	}
	return &asker{h: h, f: f}, nil
}

// otherSeed says how to give the key of f another seed.
func (h *Helper) otherSeed(f factor) string {
	if k, ok := h.Connectors.KeyProgram(f.key); ok && k.Process != nil {
		return fmt.Sprintf("%s prints it as TOTP, see [keys.%s] in connectors.toml", programName(k.Process), f.key)
	}
	return "`aws-connector key add " + f.key + " --totp` stores another one"
}

// isCode reports whether s has the form of a code that AWS takes.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
func isCode(s string) bool {
	return len(s) == 6 && strings.Trim(s, "0123456789") == ""
}

// wait waits for the next code, and says so, if the call lasts so long.
func (h *Helper) wait(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d+toSend {
		return &Error{Reason: Temporary, Text: fmt.Sprintf("the MFA device's last code was used, and the next one comes in %d s, too late for this call", inSeconds(d)), Advice: "wait that long, then try again"}
	}
	h.tellPerson(fmt.Sprintf("waiting %d s for the next MFA code", inSeconds(d)))
	if h.sleep != nil {
		h.sleep(d)
	} else {
		pause(ctx, d)
	}
	if ctx.Err() != nil {
		return ended(ctx)
	}
	return nil
}

func inSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

func (h *Helper) tellPerson(text string) {
	h.log().Debug(text)
	if h.Person != nil {
		h.Person.Tell(text)
	}
}

// seeded makes codes itself.
type seeded struct {
	h    *Helper
	seed totp.Seed
	// corrected means that a code was made anew because a clock was off.
	corrected bool
}

func (s *seeded) code(ctx context.Context, l *ledger, _ *attempt) (string, int64, error) {
	const far = 2 // steps: what is noted is of another clock
	now := s.seed.Step(l.now())
	step := now
	if l.Step >= now && l.Step <= now+far {
		step = l.Step + 1
	}
	for ; ; step++ {
		code, err := s.seed.Code(step)
		if err != nil {
			return "", 0, &Error{Reason: NeedsPerson, Text: "the seed of the MFA device makes no code", Err: err}
		}
		if !isCode(code) {
			return "", 0, &Error{Reason: NeedsPerson, Text: fmt.Sprintf("the seed of the MFA device makes codes of %d digits, and AWS takes 6", len(code)), Advice: "store the seed of a device that AWS knows with `aws-connector key add NAME --totp`"}
		}
		if l.has(code) {
			continue
		}
		if d := s.seed.Begin(step).Sub(l.now()); d > 0 {
			if err := s.h.wait(ctx, d); err != nil {
				return "", 0, err
			}
		}
		return code, step, nil
	}
}

// another: a code that got lost, or that another process may have sent, is followed
// by that of the next step; one that was refused, by one of AWS's clock where that is
// another one.
func (s *seeded) another(before *attempt, _ int) bool {
	if before.lost || before.refused && before.unkept {
		return true
	}
	again := before.off > offClock && !s.corrected
	s.corrected = true
	return again
}

func (s *seeded) wrong(f factor) string {
	return fmt.Sprintf("the seed kept with key %q is not that of %s, or a clock is off: %s", f.key, Clean(f.device), s.h.otherSeed(f))
}

func (s *seeded) person() bool { return false }

// printed has a program print codes.
type printed struct {
	h *Helper
	f factor
}

// processWait is how long mfa_process may take: a key may have to be touched.
const processWait = 30 * time.Second

func (p *printed) code(ctx context.Context, l *ledger, _ *attempt) (string, int64, error) {
	for {
		code, err := p.run(ctx)
		if err != nil || !l.has(code) {
			return code, 0, err
		}
		now := l.now()
		if err := p.h.wait(ctx, now.Truncate(codeStep).Add(codeStep).Sub(now)); err != nil {
			return "", 0, err
		}
	}
}

func (p *printed) run(ctx context.Context) (string, error) {
	running, cancel := context.WithTimeout(ctx, processWait)
	defer cancel()
	if deadline, ok := ctx.Deadline(); ok {
		var sooner context.CancelFunc
		running, sooner = context.WithDeadline(running, deadline.Add(-toSend))
		defer sooner()
	}
	var env []string
	if environ := p.h.Env.Ambient.Environ; environ != nil {
		env = environ(p.f.chain)
	}
	out, err := program.Run(running, p.f.process, env)
	what := "mfa_process " + Clean(p.f.process[0])
	e := &Error{Reason: NeedsPerson, Text: what, Advice: "run it by itself: it must print the code, 6 digits, and nothing else", Err: err, costly: true}
	switch {
	case ctx.Err() != nil:
		return "", ended(ctx)
	case running.Err() != nil:
		e.Text += ": it did not end in time"
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, exec.ErrDot), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		e.Reason, e.costly, e.Text, e.Advice = Misconfigured, false, what+": "+Clean(innermost(err).Error()), "write the program's absolute path, and each argument as an element of the list: no shell reads them"
	case err != nil:
		e.Text += ": " + Clean(err.Error())
		if out.Said != "" {
			e.Text += ": " + Clean(withoutCodes(out.Said, string(out.Stdout)))
		}
	default:
		code := strings.TrimSuffix(strings.TrimSuffix(string(out.Stdout), "\n"), "\r")
		if isCode(code) {
			return code, nil
		}
		e.Text += ": it did not print a code"
	}
	return "", e
}

// withoutCodes takes what was printed, and whatever looks like a code, out of what a
// program says.
func withoutCodes(said, printed string) string {
	if printed = strings.TrimSpace(printed); printed != "" {
		said = strings.ReplaceAll(said, printed, secret.Redacted)
	}
	return digits().ReplaceAllString(said, secret.Redacted)
}

var digits = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b[0-9]{6,8}\b`) })

// another: it would print the same code again, or ask for another touch.
func (p *printed) another(*attempt, int) bool { return false }

func (p *printed) wrong(f factor) string {
	return "check that mfa_process prints the code of " + Clean(f.device) + ", and that this machine's clock is right"
}

func (p *printed) person() bool { return false }
