package helper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aws-connector/internal/fakeaws"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

const (
	device = "arn:aws:iam::123456789012:mfa/alice"
	seed   = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	mfa    = "mfa_serial = \"" + device + "\"\n"
)

// people is a person who reads codes off a device, and remembers what was asked.
type people struct {
	mu       sync.Mutex
	answer   func(q Question) (string, error)
	terminal bool
	asked    []Question
	told     []string
}

func (p *people) Code(ctx context.Context, q Question) (string, bool, error) {
	p.mu.Lock()
	p.asked = append(p.asked, q)
	answer := p.answer
	p.mu.Unlock()
	code, err := answer(q)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return code, p.terminal, err
}

func (p *people) Tell(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, text)
}

// mfaWorld has a user with a device, roles that want it, and nobody to ask. What
// waits for the next code finds it come.
func mfaWorld(t *testing.T, connectors string) *world {
	t.Helper()
	w := newWorld(t, connectors)
	w.aws.SetClock(w.clock)
	w.aws.AddMFA("arn:aws:iam::123456789012:user/alice", device, seed)
	w.aws.AddRole(fakeaws.Role{ARN: roleARN, MFA: true})
	w.sleep = w.later
	return w
}

// seeded stores the device's seed beside the key.
func (w *world) seeded() { w.seed(seed) }

func (w *world) seed(text string) {
	key := w.Keys.(keys)["main"]
	key.TOTP = secret.New(text)
	w.Keys.(keys)["main"] = key
}

func (w *world) person(terminal bool, answer func(Question) (string, error)) *people {
	p := &people{answer: answer, terminal: terminal}
	w.Person = p
	return p
}

// reading answers with what the device shows.
func (w *world) reading(Question) (string, error) { return w.aws.MFACode(device), nil }

// sent are the codes that AWS was sent, in order.
func (w *world) sent() []string {
	var all []string
	for _, r := range w.aws.Requests() {
		if code := r.Params.Get("TokenCode"); code != "" {
			all = append(all, code)
		}
	}
	return all
}

// each checks that no code was sent twice, and how many were.
func (w *world) each(t *testing.T, want int) {
	t.Helper()
	codes := w.sent()
	if got := len(codes); got != want {
		t.Errorf("%d codes were sent, want %d", got, want)
	}
	slices.Sort(codes)
	if len(slices.Compact(slices.Clone(codes))) != len(codes) {
		t.Errorf("a code was sent twice: %q", codes)
	}
}

func roles(n int, more string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "[connectors.r%d]\nauth_method = \"iam-role\"\nrole_arn = \"%s\"\n%s%s", i, roleARN, mfa, more)
	}
	return b.String()
}

func TestOneCodeForTenRoles(t *testing.T) {
	for name, prepare := range map[string]func(*world){
		"person": func(w *world) { w.person(true, w.reading) },
		"seed":   func(w *world) { w.seeded() },
	} {
		t.Run(name, func(t *testing.T) {
			w := mfaWorld(t, roles(10, "")+"[connectors.us]\nauth_method = \"iam-role\"\nregion = \"us-east-1\"\nrole_arn = \""+roleARN+"\"\n"+mfa+
				"[connectors.s]\nauth_method = \"session-token\"\n"+mfa)
			prepare(w)
			var all sync.WaitGroup
			for i := range 50 {
				all.Go(func() {
					if _, err := w.Credentials(t.Context(), fmt.Sprintf("r%d", i%10)); err != nil {
						t.Errorf("r%d: %v", i%10, err)
					}
				})
			}
			all.Wait()
			w.get(t, "us") // a session is good in every region
			s := w.get(t, "s")
			if id, _ := w.aws.Identity(s.AccessKeyID); !id.MFA {
				t.Error("session-token's session is not the MFA session")
			}
			w.each(t, 1)
			if n := w.aws.Calls("GetSessionToken"); n != 1 {
				t.Errorf("%d calls of GetSessionToken, want 1", n)
			}
			if n := w.aws.Calls("AssumeRole"); n != 11 {
				t.Errorf("%d calls of AssumeRole, want 11", n)
			}
		})
	}
}

// Whatever tells one MFA session from another is in its name.
func TestMFASessionsThatAreNotOne(t *testing.T) {
	const other = "arn:aws:iam::123456789012:mfa/other"
	w := mfaWorld(t, roles(1, "")+
		"[connectors.short]\nauth_method = \"iam-role\"\nrole_arn = \""+roleARN+"\"\nmfa_session_seconds = 3600\n"+mfa+
		"[connectors.other]\nauth_method = \"iam-role\"\nrole_arn = \""+roleARN+"\"\nmfa_serial = \""+other+"\"\n")
	w.seeded()
	w.aws.AddMFA("arn:aws:iam::123456789012:user/alice", other, seed)
	for _, name := range []string{"r0", "short", "other"} {
		w.get(t, name)
	}
	if n := w.aws.Calls("GetSessionToken"); n != 3 {
		t.Errorf("%d calls of GetSessionToken, want 3", n)
	}
	if n, err := w.Clear(t.Context(), "r0", "short", "other"); n != 3 || err != nil {
		t.Errorf("Clear = %d, %v", n, err)
	}
	for _, name := range []string{"r0", "short", "other"} {
		w.get(t, name)
	}
	if n := w.aws.Calls("GetSessionToken"); n != 3 {
		t.Errorf("%d calls of GetSessionToken for roles whose sessions were dropped, want 3", n)
	}
	w.aws.AddUser("arn:aws:iam::123456789012:user/alice", "AKIANEWNEWNEWNEWNEWN", "new")
	w.Keys.(keys)["main"] = keystore.Key{ID: "AKIANEWNEWNEWNEWNEWN", Secret: secret.New("new"), TOTP: secret.New(seed)}
	w.get(t, "r0")
	if n := w.aws.Calls("GetSessionToken"); n != 4 {
		t.Errorf("after the key was replaced: %d calls of GetSessionToken, want 4", n)
	}
	w.later(12*time.Hour - 30*time.Second) // too little is left for a role
	w.get(t, "r0")
	if n := w.aws.Calls("GetSessionToken"); n != 5 {
		t.Errorf("after the MFA session's life: %d calls of GetSessionToken, want 5", n)
	}
}

func TestACodeForEachRole(t *testing.T) {
	w := mfaWorld(t, roles(3, "mfa = \"role\"\n"))
	w.seeded()
	p := w.person(true, nil) // who is not asked, but told
	for i := range 3 {
		w.get(t, fmt.Sprintf("r%d", i))
	}
	w.each(t, 3)
	if len(p.told) != 2 || !strings.HasPrefix(p.told[0], "waiting ") || !strings.HasSuffix(p.told[0], " s for the next MFA code") {
		t.Errorf("told: %q", p.told)
	}
	if n := w.aws.Calls("GetSessionToken"); n != 0 {
		t.Errorf("%d calls of GetSessionToken", n)
	}
}

// AWS may have taken a code, whatever the answer was.
func TestNoCodeIsSentTwice(t *testing.T) {
	for name, fault := range map[string]fakeaws.Fault{
		"500":             {Status: 500, Code: "InternalFailure", After: true},
		"500 without XML": {Status: 502, Body: "bad gateway", After: true},
		"throttled":       {Status: 400, Code: "Throttling", After: true},
		"reset":           {CloseConnection: true, After: true},
		"not a word":      {CloseConnection: true},
	} {
		for _, mode := range []string{"session", "role"} {
			action := map[string]string{"session": "GetSessionToken", "role": "AssumeRole"}[mode]
			t.Run(name+" "+mode, func(t *testing.T) {
				w := mfaWorld(t, roles(1, "mfa = \""+mode+"\"\n"))
				fault.Action, fault.Times = action, 1
				w.aws.Fail(fault)
				w.seeded()
				w.get(t, "r0")
				w.each(t, 2)

				// A person is asked for another one, and told why.
				w = mfaWorld(t, roles(1, "mfa = \""+mode+"\"\n"))
				w.aws.Fail(fault)
				p := w.person(true, func(q Question) (string, error) {
					if q.Problem != "" {
						w.later(codeStep)
					}
					return w.reading(q)
				})
				w.get(t, "r0")
				w.each(t, 2)
				if len(p.asked) != 2 || !strings.Contains(p.asked[1].Problem, "may be used up") {
					t.Errorf("asked %+v", p.asked)
				}

				// A program is not run again.
				w = mfaWorld(t, roles(1, "mfa = \""+mode+"\"\nmfa_process = [\"sh\", \"-c\", \"echo "+w.aws.MFACode(device)+"\"]\n"))
				w.aws.Fail(fault)
				var e *Error
				if _, err := w.Credentials(t.Context(), "r0"); !errors.As(err, &e) || e.Reason != Temporary || !strings.Contains(e.Advice, "used up") {
					t.Errorf("with a program: %v", err)
				}
				w.each(t, 1)
			})
		}
	}
}

// Where no connection comes about nothing was sent, and the code is as good as before.
func TestACodeThatWasNotSent(t *testing.T) {
	w := mfaWorld(t, roles(1, ""))
	dead := httptest.NewServer(nil)
	dead.Close()
	w.edit(t, strings.Replace(roles(1, ""), "auth_method", "endpoint_url = \""+dead.URL+"\"\nauth_method", 1))
	p := w.person(true, w.reading)
	var e *Error
	if _, err := w.Credentials(t.Context(), "r0"); !errors.As(err, &e) || e.Reason != Temporary || strings.Contains(e.Advice, "used up") {
		t.Errorf("Credentials = %v, %+v", err, e)
	}
	if len(p.asked) != 1 {
		t.Errorf("asked %d times, want once", len(p.asked))
	}
}

func TestAWrongCode(t *testing.T) {
	wrong := func(w *world, first int) func(Question) (string, error) {
		n := first
		return func(Question) (string, error) { n++; return fmt.Sprintf("%06d", n), nil }
	}
	for _, test := range []struct {
		name     string
		terminal bool
		times    int // asked
	}{{"terminal", true, 3}, {"dialog", false, 1}} {
		w := mfaWorld(t, roles(1, ""))
		p := w.person(test.terminal, wrong(w, 0))
		var e *Error
		if _, err := w.Credentials(t.Context(), "r0"); !errors.As(err, &e) || e.Reason != NeedsPerson || !strings.Contains(e.Advice, "login r0") {
			t.Errorf("%s: %v", test.name, err)
		}
		if len(p.asked) != test.times {
			t.Errorf("%s: asked %d times, want %d", test.name, len(p.asked), test.times)
		}
		w.each(t, test.times)
	}

	// What was typed before, and what is no code, is not sent.
	w := mfaWorld(t, roles(2, "mfa = \"role\"\n"))
	p := w.person(true, w.reading)
	w.get(t, "r0")
	answers := []string{"12 34", w.aws.MFACode(device)}
	p.answer = func(q Question) (string, error) {
		if len(answers) == 0 {
			w.later(codeStep)
			return w.aws.MFACode(device)[:3] + " " + w.aws.MFACode(device)[3:], nil
		}
		next := answers[0]
		answers = answers[1:]
		return next, nil
	}
	w.get(t, "r1")
	w.each(t, 2)
	if len(p.asked) != 4 || !strings.Contains(p.asked[2].Problem, "6 digits") || !strings.Contains(p.asked[3].Problem, "used already") {
		t.Errorf("asked %+v", p.asked)
	}

	w = mfaWorld(t, roles(1, ""))
	w.seed("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
	var e *Error
	if _, err := w.Credentials(t.Context(), "r0"); !errors.As(err, &e) || e.Reason != NeedsPerson || !strings.Contains(e.Advice, `key "main"`) {
		t.Errorf("with another device's seed: %v", err)
	}
	w.each(t, 1)
}

func TestNobodyToAsk(t *testing.T) {
	w := mfaWorld(t, roles(1, ""))
	check := func(what string) {
		t.Helper()
		var e *Error
		_, err := w.Credentials(t.Context(), "r0")
		if !errors.As(err, &e) || e.Reason != NeedsPerson || !strings.Contains(e.Advice, "`aws-connector login r0`") {
			t.Errorf("%s: %v", what, err)
		}
	}
	check("nobody")
	w.person(false, func(Question) (string, error) { return "", ErrNobody })
	check("no terminal")
	// That is no failure of who has one.
	w.person(true, w.reading)
	w.get(t, "r0")

	w = mfaWorld(t, roles(1, ""))
	p := w.person(true, func(Question) (string, error) { return "", io.EOF })
	check("dismissed")
	check("dismissed a moment ago")
	if len(p.asked) != 1 {
		t.Errorf("asked %d times, want once: others share it", len(p.asked))
	}
	// A person who logs in means it.
	p.answer = w.reading
	if _, err := w.Login(Insist(t.Context(), false), "r0"); err != nil {
		t.Errorf("Login: %v", err)
	}
}

// A session that is still good is handed out where nobody is there to give a code.
func TestAnOldSessionAndNobody(t *testing.T) {
	w := mfaWorld(t, roles(1, "mfa_session_seconds = 3600\n"))
	w.seeded()
	first := w.get(t, "r0")
	w.seed("")
	w.later(50 * time.Minute)
	if got := w.get(t, "r0"); got.AccessKeyID == first.AccessKeyID {
		t.Error("the role was not assumed anew from the MFA session")
	}
	w.later(9*time.Minute + 30*time.Second)
	last := w.get(t, "r0")
	w.later(45 * time.Minute) // the MFA session is gone, 5 minutes of the role's are left
	if got := w.get(t, "r0"); got.AccessKeyID != last.AccessKeyID {
		t.Error("the old session was not handed out")
	}
}

func TestClockOfAWSAndCodes(t *testing.T) {
	for _, off := range []time.Duration{-10 * time.Minute, -2 * time.Minute, 2 * time.Minute, 10 * time.Minute} {
		w := mfaWorld(t, roles(2, "mfa = \"role\"\n"))
		w.aws.SetClock(func() time.Time { return w.clock().Add(off) })
		w.seeded()
		w.get(t, "r0")
		w.each(t, 2) // one by this machine's clock, one by AWS's
		w.get(t, "r1")
		w.each(t, 3)
	}
}

func TestTemporaryCredentialsAndACode(t *testing.T) {
	w := mfaWorld(t, roles(1, ""))
	w.Keys.(keys)["main"] = keystore.Key{ID: "ASIAIOSFODNN7EXAMPLE", Secret: secret.New(canary), SessionToken: secret.New("t")}
	p := w.person(true, w.reading)
	var e *Error
	if _, err := w.Credentials(t.Context(), "r0"); !errors.As(err, &e) || e.Reason != Misconfigured || len(p.asked) > 0 {
		t.Errorf("Credentials = %v, asked %d times", err, len(p.asked))
	}
}

// Implicit connectors and profiles share the MFA session of the access key.
func TestMFAOfTheEnvironment(t *testing.T) {
	w := mfaWorld(t, "[connectors.i]\nauth_method = \"implicit\"\nallow_implicit_auth_methods = true\nprofile_name = \"k\"\nrole_arn = \""+roleARN+"\"\n"+mfa+
		"[connectors.p]\nauth_method = \"implicit\"\nallow_implicit_auth_methods = true\nprofile_name = \"p\"\n")
	config := filepath.Join(t.TempDir(), "config")
	text := "[profile k]\naws_access_key_id = " + accessKeyID + "\naws_secret_access_key = " + canary + "\n[profile p]\nsource_profile = k\nrole_arn = " + roleARN + "\nmfa_serial = " + device + "\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.Env.Ambient = Ambient{ConfigFile: config}
	p := w.person(true, w.reading)
	w.get(t, "p")
	w.get(t, "i")
	w.each(t, 1)
	if len(p.asked) != 1 || p.asked[0].Connector != "p" || p.asked[0].Device != device {
		t.Errorf("asked %+v", p.asked)
	}
	if l, err := w.Login(Insist(t.Context(), false), "p"); err != nil || !l.Kept || l.Until.Sub(w.clock()) < 11*time.Hour {
		t.Errorf("Login = %+v, %v", l, err)
	}
	w.each(t, 1)
	w.later(50 * time.Minute)
	w.aws.Fail(fakeaws.Fault{Action: "AssumeRole", Code: "InvalidClientTokenId", Status: 403, Times: 1})
	w.get(t, "p") // the MFA session was revoked
	w.each(t, 2)
}

func TestLogin(t *testing.T) {
	w := mfaWorld(t, roles(2, "")+"[connectors.e]\nauth_method = \"iam-role\"\nrole_arn = \""+roleARN+"\"\nmfa = \"role\"\n"+mfa+
		"[connectors.s]\nauth_method = \"session-token\"\n"+mfa+"[connectors.plain]\nauth_method = \"session-token\"\n")
	w.seeded()
	login := func(ctx context.Context, name string, kept bool, least time.Duration) {
		t.Helper()
		l, err := w.Login(ctx, name)
		if err != nil || l.Kept != kept || l.Until.Sub(w.clock()) < least {
			t.Errorf("Login(%s) = %v, %t, %v", name, l.Until.Sub(w.clock()), l.Kept, err)
		}
	}
	ctx := Insist(t.Context(), false)
	login(ctx, "r0", false, 11*time.Hour)
	login(ctx, "r1", true, 11*time.Hour)
	login(ctx, "s", true, 11*time.Hour)
	login(ctx, "plain", false, 11*time.Hour)
	login(ctx, "e", false, 20*time.Minute)
	w.each(t, 2)
	w.later(time.Hour)
	login(Insist(t.Context(), false), "r0", true, 10*time.Hour)
	w.each(t, 2)
	ctx = Insist(t.Context(), true)
	login(ctx, "r0", false, 11*time.Hour)
	login(ctx, "r1", true, 11*time.Hour) // by the same code
	w.each(t, 3)
	w.seed("") // and nobody: later calls are silent
	w.get(t, "r0")
}

// An MFA session that AWS no longer knows is made anew.
func TestAnMFASessionThatWasRevoked(t *testing.T) {
	w := mfaWorld(t, roles(2, ""))
	w.seeded()
	w.get(t, "r0")
	w.aws.Fail(fakeaws.Fault{Action: "AssumeRole", Code: "InvalidClientTokenId", Status: 403, Times: 1})
	w.get(t, "r1")
	w.each(t, 2)
}

// What tells which codes were sent outlasts the sessions.
func TestClearKeepsTheCodes(t *testing.T) {
	w := mfaWorld(t, roles(1, ""))
	w.seeded()
	w.get(t, "r0")
	all, err := w.Sessions(t.Context())
	if err != nil || len(all) != 2 || !slices.ContainsFunc(all, func(s Session) bool { return s.Device == device && s.Key == "main" && s.Current && s.Connector == "" }) {
		t.Errorf("Sessions = %+v, %v", all, err)
	}
	if n, err := w.Clear(t.Context(), "r0"); n != 1 || err != nil {
		t.Errorf("Clear(r0) = %d, %v, want the role's session alone", n, err)
	}
	w.get(t, "r0")
	w.each(t, 1)
	if n, err := w.Clear(t.Context()); n != 2 || err != nil {
		t.Errorf("Clear = %d, %v", n, err)
	}
	w.get(t, "r0")
	w.each(t, 2)
	if n, err := w.Forget(t.Context(), "main"); n != 2 || err != nil {
		t.Errorf("Forget = %d, %v", n, err)
	}
}
