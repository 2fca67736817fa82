package ambient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/secret"
)

var now = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// world is a person's environment.
type world struct {
	t *testing.T
	Settings
	runs [][]string
	sts  *fakeSTS
}

func newWorld(t *testing.T, config, credentials string, env ...string) *world {
	t.Helper()
	w := &world{t: t, sts: &fakeSTS{}}
	w.Settings = Settings{Environ: append(env, "AWS_EC2_METADATA_DISABLED=true"), Home: t.TempDir(), Dir: t.TempDir(), HTTP: &http.Client{}, Direct: &http.Client{}, STS: w.sts,
		Now: func() time.Time { return now }, pause: func(context.Context, time.Duration) {}}
	w.ConfigFile = w.write(".aws/config", config)
	w.CredentialsFile = w.write(".aws/credentials", credentials)
	return w
}

// write puts a file into the home directory; an empty one is left out.
func (w *world) write(name, text string) string {
	w.t.Helper()
	path := filepath.Join(w.Home, name)
	if text == "" {
		return path
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// prints makes every process print that.
func (w *world) prints(stdout string) {
	w.Run = func(_ context.Context, argv []string) ([]byte, string, error) {
		w.runs = append(w.runs, argv)
		return []byte(stdout), "", nil
	}
}

func (w *world) plan() Plan {
	w.t.Helper()
	p, err := Find(w.Settings)
	if err != nil {
		w.t.Fatalf("Find: %v", err)
	}
	return p
}

func (w *world) get() (Credentials, error) {
	w.t.Helper()
	p, err := Find(w.Settings)
	if err != nil {
		return Credentials{}, err
	}
	c, err := p.Credentials(w.t.Context())
	return c, err
}

// fakeSTS writes down what it is asked for.
type fakeSTS struct{ calls []string }

func (s *fakeSTS) AssumeRole(_ context.Context, from Credentials, r Role) (Credentials, error) {
	s.calls = append(s.calls, fmt.Sprintf("%s: %s %q %q %v %s%s", from.AccessKeyID, r.ARN, r.SessionName, r.ExternalID, r.Duration, r.Endpoint, r.MFASerial))
	return Credentials{AccessKeyID: fmt.Sprintf("ASIA%d", len(s.calls)), Secret: secret.New("s"), Token: secret.New("t"), Expires: now.Add(time.Hour)}, nil
}

func (s *fakeSTS) AssumeRoleWithWebIdentity(_ context.Context, token secret.Text, r Role) (Credentials, error) {
	s.calls = append(s.calls, fmt.Sprintf("web %s: %s %q %s", token.Reveal(), r.ARN, r.SessionName, r.Endpoint))
	return Credentials{AccessKeyID: fmt.Sprintf("ASIAWEB%d", len(s.calls)), Secret: secret.New("s"), Token: secret.New("t"), Expires: now.Add(time.Hour)}, nil
}

const keys = "aws_access_key_id = AK%s\naws_secret_access_key = CANARY\n"

func keysOf(name string) string { return fmt.Sprintf(keys, name) }

func TestOrder(t *testing.T) {
	envKeys := []string{"AWS_ACCESS_KEY_ID=AKENV", "AWS_SECRET_ACCESS_KEY=CANARY"}
	for _, c := range []struct {
		name, config, credentials string
		profile                   string
		env                       []string
		want                      string // access key id
		words                     string
	}{
		{name: "keys in the environment", config: "[default]\n" + keysOf("D"), env: envKeys, want: "AKENV", words: "environment variables: static keys"},
		{name: "an explicit profile wins", config: "[default]\n" + keysOf("D"), profile: "default", env: envKeys, want: "AKD", words: `profile "default": static keys`},
		{name: "a profile in a variable does not", config: "[profile x]\n" + keysOf("X"), env: append(envKeys, "AWS_PROFILE=x"), want: "AKENV"},
		{name: "AWS_DEFAULT_PROFILE before AWS_PROFILE", config: "[profile x]\n" + keysOf("X") + "[profile y]\n" + keysOf("Y"), env: []string{"AWS_PROFILE=x", "AWS_DEFAULT_PROFILE=y"}, want: "AKY"},
		{name: "an empty variable is no profile", config: "[default]\n" + keysOf("D"), env: []string{"AWS_PROFILE="}, want: "AKD"},
		{name: "credentials before config", config: "[default]\n" + keysOf("C"), credentials: "[default]\n" + keysOf("S"), want: "AKS"},
		{name: "quoted profile", config: "[profile \"my x\"]\n" + keysOf("X"), profile: "my x", want: "AKX", words: `profile "my x": static keys`},
		{name: "process before keys of the config file", config: "[default]\ncredential_process = /bin/p\n" + keysOf("C"), want: "AKPROC", words: `profile "default": credential_process /bin/p`},
		{name: "keys of the credentials file before the process", config: "[default]\ncredential_process = /bin/p\n", credentials: "[default]\n" + keysOf("S"), want: "AKS"},
		{name: "role before keys of its own", config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/Dev\nsource_profile = default\n" + keysOf("C"), want: "ASIA1", words: `profile "default": role Dev from profile "default": static keys`},
		{name: "role options of the credentials file win", config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/A\nsource_profile = b\n[profile b]\n" + keysOf("B"), credentials: "[default]\nrole_arn = arn:aws:iam::123456789012:role/B\n", want: "ASIA1", words: `profile "default": role B from profile "b": static keys`},
		{name: "credential_source", config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/Dev\ncredential_source = Environment\n", profile: "default", env: envKeys, want: "ASIA1", words: `profile "default": role Dev from environment variables: static keys`},
		{name: "profile of the credentials file alone", credentials: "[x]\n" + keysOf("S"), profile: "x", want: "AKS"},
		{name: "byte order marks", config: "\ufeff[default]\nregion = x\n", credentials: "\ufeff[default]\n" + keysOf("S"), want: "AKS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.config, c.credentials, c.env...)
			w.Profile = c.profile
			w.prints(`{"Version":1,"AccessKeyId":"AKPROC","SecretAccessKey":"s"}`)
			got, err := w.get()
			if err != nil || got.AccessKeyID != c.want {
				t.Errorf("credentials %q, %v, want %q", got.AccessKeyID, err, c.want)
			}
			if words := w.plan().Source(); c.words != "" && words != c.words {
				t.Errorf("source %q, want %q", words, c.words)
			}
		})
	}
}

func TestChain(t *testing.T) {
	config := "[profile p1]\nrole_arn = arn:aws:iam::123456789012:role/R1\nsource_profile = p2\nexternal_id = e1\nrole_session_name = s1\nduration_seconds = 1800\n" +
		"[profile p2]\nrole_arn = arn:aws:iam::123456789012:role/R2\nsource_profile = p3\nduration_seconds = soon\n" +
		"[profile p3]\nrole_arn = arn:aws:iam::123456789012:role/R3\nsource_profile = p4\n[profile p4]\nrole_arn = arn:aws:iam::123456789012:role/R4\nsource_profile = p5\n" +
		"[profile p5]\nrole_arn = arn:aws:iam::123456789012:role/R5\nsource_profile = base\n[profile base]\n" + keysOf("BASE") +
		"[profile endpoints]\nservices = s\n[services s]\nsts =\n  endpoint_url = http://127.0.0.1:1\n"
	w := newWorld(t, config, "", "AWS_PROFILE=p1", "AWS_ENDPOINT_URL=http://127.0.0.1:9")
	if c, err := w.get(); err != nil || c.AccessKeyID != "ASIA5" {
		t.Fatalf("credentials %v, %v", c.AccessKeyID, err)
	}
	want := []string{
		`AKBASE: arn:aws:iam::123456789012:role/R5 "" "" 0s http://127.0.0.1:9`, `ASIA1: arn:aws:iam::123456789012:role/R4 "" "" 0s http://127.0.0.1:9`,
		`ASIA2: arn:aws:iam::123456789012:role/R3 "" "" 0s http://127.0.0.1:9`, `ASIA3: arn:aws:iam::123456789012:role/R2 "" "" 0s http://127.0.0.1:9`,
		`ASIA4: arn:aws:iam::123456789012:role/R1 "s1" "e1" 30m0s http://127.0.0.1:9`,
	}
	if got := strings.Join(w.sts.calls, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("calls:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
	if got, want := w.plan().Source(), `profile "p1": role R1 from profile "p2": role R2 from profile "p3": role R3 from profile "p4": role R4 from profile "p5": role R5 from profile "base": static keys`; got != want {
		t.Errorf("source %q", got)
	}
}

// What is of no use as a source is not sent to STS.
func TestBrokenSourceIsNotSent(t *testing.T) {
	w := newWorld(t, "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = p\n[profile p]\ncredential_process = /bin/p\n", "")
	w.prints(`{"Version":1,"AccessKeyId":"A","SecretAccessKey":"CANARY","Expiration":"2026-07-01T11:00:00Z"}`)
	_, err := w.get()
	w.refused(err, NeedsPerson, `profile "p": credential_process /bin/p: the credentials expired at 2026-07-01T11:00:00Z`)
	if len(w.sts.calls) > 0 {
		t.Errorf("STS was called: %q", w.sts.calls)
	}
}

func TestWebIdentity(t *testing.T) {
	const arn = "arn:aws:iam::123456789012:role/CI"
	config := "[profile web]\nrole_arn = " + arn + "\nweb_identity_token_file = ~/token\nrole_session_name = mine\n[profile via]\nrole_arn = arn:aws:iam::123456789012:role/Next\nsource_profile = web\n[profile role]\nrole_arn = arn:aws:iam::123456789012:role/Own\nsource_profile = base\n[profile base]\n" + keysOf("B")
	for _, c := range []struct {
		name, profile string
		env           []string
		want          string
	}{
		{"environment", "", []string{"AWS_WEB_IDENTITY_TOKEN_FILE=~/token", "AWS_ROLE_ARN=" + arn, "AWS_ROLE_SESSION_NAME=ci"}, `web jwt: ` + arn + ` "ci" `},
		{"profile", "web", nil, `web jwt: ` + arn + ` "mine" `},
		{"the environment's role for the profile's token", "", []string{"AWS_PROFILE=web", "AWS_ROLE_ARN=arn:aws:iam::123456789012:role/Other"}, `web jwt: arn:aws:iam::123456789012:role/Other "mine" `},
		{"an explicit profile shuts the environment out", "web", []string{"AWS_ROLE_ARN=arn:aws:iam::123456789012:role/Other"}, `web jwt: ` + arn + ` "mine" `},
		{"a profile's AssumeRole comes first", "", []string{"AWS_PROFILE=role", "AWS_WEB_IDENTITY_TOKEN_FILE=~/token", "AWS_ROLE_ARN=" + arn}, `AKB: arn:aws:iam::123456789012:role/Own "" "" 0s `},
		{"as a source", "via", nil, `web jwt: ` + arn + ` "mine" |ASIAWEB1: arn:aws:iam::123456789012:role/Next "" "" 0s `},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, config, "", c.env...)
			w.Profile = c.profile
			w.write("token", "jwt\n")
			if _, err := w.get(); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(w.sts.calls, "|"); got != c.want {
				t.Errorf("calls %q, want %q", got, c.want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	const role = "role_arn = arn:aws:iam::123456789012:role/R\n"
	long := "[profile p0]\n" + role + "source_profile = p1\n"
	for i := 1; i < 12; i++ {
		long += fmt.Sprintf("[profile p%d]\n%ssource_profile = p%d\n", i, role, i+1)
	}
	for _, c := range []struct {
		name, config, profile string
		env                   []string
		reason                Reason
		want                  string
	}{
		{"no such profile", "[default]\n", "x", nil, Misconfigured, `profile "x" does not exist in HOME/.aws/config`},
		{"no such profile in a variable, with keys", "[default]\n", "", []string{"AWS_PROFILE=x", "AWS_ACCESS_KEY_ID=A", "AWS_SECRET_ACCESS_KEY=B"}, Misconfigured, `profile "x" does not exist in HOME/.aws/config`},
		{"half a key in the environment", "", "", []string{"AWS_ACCESS_KEY_ID=A"}, Misconfigured, "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not"},
		{"half a key", "[default]\naws_access_key_id = A\n", "", nil, Misconfigured, `profile "default": aws_secret_access_key is missing`},
		{"secret with a blank", "[default]\naws_access_key_id = A\naws_secret_access_key = CANARY b\n", "", nil, Misconfigured, `profile "default": static keys: the secret access key has a blank or another character that does not belong there`},
		{"nothing", "", "", nil, NeedsPerson, "the environment has no AWS credentials: none in variables, profile, container or instance"},
		{"no source", "[default]\n" + role, "", nil, Misconfigured, `profile "default": role_arn needs source_profile or credential_source beside it`},
		{"two sources", "[default]\n" + role + "source_profile = x\ncredential_source = Environment\n", "", nil, Misconfigured, `profile "default": it has both source_profile and credential_source`},
		{"source that does not exist", "[default]\n" + role + "source_profile = x\n", "", nil, Misconfigured, `profile "default": its source_profile "x" does not exist`},
		{"source without credentials", "[default]\n" + role + "source_profile = x\n[profile x]\nregion = y\n", "", nil, Misconfigured, `profile "default": its source_profile "x" has no credentials`},
		{"own source without keys", "[default]\n" + role + "source_profile = default\n", "", nil, Misconfigured, `profile "default": source_profile leads in a circle: default -> default`},
		{"circle", "[profile a]\n" + role + "source_profile = b\n[profile b]\n" + role + "source_profile = c\n[profile c]\n" + role + "source_profile = b\n", "a", nil, Misconfigured, `profile "a": source_profile leads in a circle: b -> c -> b`},
		{"too long", long, "p0", nil, Misconfigured, `profile "p0": more than 10 profiles lead to one another`},
		{"unknown source", "[default]\n" + role + "credential_source = environment\n", "", nil, Misconfigured, `profile "default": credential_source "environment" is not one`},
		{"source that is not there", "[default]\n" + role + "credential_source = EcsContainer\n", "", nil, Misconfigured, `profile "default": credential_source EcsContainer: there are no credentials`},
		{"too short", "[default]\n" + role + "source_profile = b\nduration_seconds = 60\n[profile b]\n" + keysOf("B"), "", nil, Misconfigured, `profile "default": duration_seconds is 60, and AWS makes no session under 900`},
		{"web identity without a role", "[default]\nweb_identity_token_file = /t\n", "", nil, Misconfigured, `profile "default": a web identity token file without a role`},
		{"web identity without a token", "[default]\nweb_identity_token_file = ~/absent\n" + role, "", nil, NeedsPerson, `profile "default": web identity token: open HOME/absent: no such file or directory`},
		{"broken line", "[default]\nCANARY\n", "", []string{"AWS_ACCESS_KEY_ID=A", "AWS_SECRET_ACCESS_KEY=B"}, Misconfigured, "HOME/.aws/config: line 2: it is neither a [section] nor an option with ="},
		{"UTF-16", "\xff\xfe[\x00", "", nil, Misconfigured, "HOME/.aws/config: it is UTF-16 LE and not UTF-8, the only encoding that its readers take"},
		{"empty process", "[default]\ncredential_process =\n", "", nil, Misconfigured, `profile "default": credential_process is empty`},
		{"open quote", "[default]\ncredential_process = \"/a b\n", "", nil, Misconfigured, `profile "default": credential_process: a quote is not closed`},
		{"nested", "[default]\ncredential_process =\n  a = b\n", "", nil, Misconfigured, `profile "default": credential_process is a block of nested options`},
		{"expired", "", "", []string{"AWS_ACCESS_KEY_ID=A", "AWS_SECRET_ACCESS_KEY=B", "AWS_CREDENTIAL_EXPIRATION=2026-07-01T11:00:00Z"}, NeedsPerson, "environment variables: static keys: the credentials expired at 2026-07-01T11:00:00Z"},
		{"time without a zone", "", "", []string{"AWS_ACCESS_KEY_ID=A", "AWS_SECRET_ACCESS_KEY=B", "AWS_CREDENTIAL_EXPIRATION=2026-07-01T11:00:00"}, Misconfigured, `AWS_CREDENTIAL_EXPIRATION "2026-07-01T11:00:00" is not a time with a zone`},
		{"services that do not exist", "[default]\nservices = s\n" + role + "source_profile = b\n[profile b]\n" + keysOf("B"), "", nil, Misconfigured, `the profile's services section "s" does not exist`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.config, "", c.env...)
			w.Profile = c.profile
			_, err := w.get()
			w.refused(err, c.reason, c.want)
		})
	}
}

// refused checks an error: its reason, its text, and that it tells no secret.
func (w *world) refused(err error, reason Reason, want string) {
	w.t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		w.t.Fatalf("error %v, want an *Error: %s", err, want)
	}
	got := strings.ReplaceAll(e.Text, w.Home, "HOME")
	if e.Reason != reason || got != want {
		w.t.Errorf("error %d %q, want %d %q", e.Reason, got, reason, want)
	}
	if all := err.Error() + e.Advice; strings.Contains(all, "CANARY") || strings.ContainsAny(all, "\n\x1b") {
		w.t.Errorf("error shows what it must not: %q", all)
	}
}

func TestPaths(t *testing.T) {
	f := &finder{Settings: Settings{Home: "/home/x", Dir: "/dir"}, env: map[string]string{"SUB": "s", "X": "y"}}
	for in, want := range map[string]string{"~/$SUB/${X}c": "/home/x/s/yc", "rel": "/dir/rel", "/abs/$NONE/${NONE}/$": "/abs/$NONE/${NONE}/$", "~": "/home/x", "~other/x": "/dir/~other/x"} {
		if got := f.path(f.expand(in)); got != want {
			t.Errorf("path(%q) = %q, want %q", in, got, want)
		}
	}
	f.Home, f.Dir = "relative", ""
	for _, in := range []string{"~/x", "rel"} {
		if got := f.path(in); got != "" {
			t.Errorf("path(%q) = %q from directories that are not known", in, got)
		}
	}
}

func TestUnreadableFileIsNotTakenForAnEmptyOne(t *testing.T) {
	w := newWorld(t, "", "[default]\n"+keysOf("S"))
	w.ConfigFile = w.Home
	_, err := w.get()
	w.refused(err, Misconfigured, "HOME: not a regular file")
	w.Environ = append(w.Environ, "AWS_ACCESS_KEY_ID=AKENV", "AWS_SECRET_ACCESS_KEY=x")
	if c, err := w.get(); err != nil || c.AccessKeyID != "AKENV" {
		t.Errorf("keys in the environment need no file: %q, %v", c.AccessKeyID, err)
	}
	w.Environ, w.ConfigFile = nil, os.DevNull
	if c, err := w.get(); err != nil || c.AccessKeyID != "AKS" {
		t.Errorf("%s: %q, %v", os.DevNull, c.AccessKeyID, err)
	}
}

// A role that needs an MFA code says so, wherever in the chain it is: that may take a person's time.
func TestRolesThatNeedACode(t *testing.T) {
	const role = "role_arn = arn:aws:iam::123456789012:role/R\n"
	for text, coded := range map[string]bool{
		"[profile a]\n" + role + "source_profile = k\nmfa_serial = arn:aws:iam::123456789012:mfa/x\n[profile k]\n" + keysOf("K"):                                              true,
		"[profile a]\n" + role + "source_profile = b\n[profile b]\n" + role + "source_profile = k\nmfa_serial = arn:aws:iam::123456789012:mfa/x\n[profile k]\n" + keysOf("K"): true,
		"[profile a]\n" + role + "source_profile = k\n[profile k]\nmfa_serial = arn:aws:iam::123456789012:mfa/x\n" + keysOf("K"):                                              false,
	} {
		w := newWorld(t, text, "")
		w.Profile = "a"
		plan := w.plan()
		if plan.Coded() != coded || plan.Remote() == coded {
			t.Errorf("%q: Coded() = %t, Remote() = %t", text, plan.Coded(), plan.Remote())
		}
		if _, err := plan.Credentials(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(strings.Join(w.sts.calls, " "), "mfa/x"); got != coded {
			t.Errorf("%q: STS was asked %q", text, w.sts.calls)
		}
	}
}
