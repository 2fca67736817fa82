package helper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/connector"
	"aws-connector/internal/fakeaws"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

const (
	accessKeyID = "AKIAIOSFODNN7EXAMPLE"
	canary      = "CANARYwJalrXUtnFEMI"
	roleARN     = "arn:aws:iam::123456789012:role/Deploy"
)

// keys is a keystore in memory.
type keys map[string]keystore.Key

func (k keys) Get(_ context.Context, name string) (keystore.Key, error) {
	key, ok := k[name]
	if !ok {
		return key, fmt.Errorf("key %q: %w", name, keystore.ErrNotFound)
	}
	return key, nil
}

func (k keys) Generation(_ context.Context, name string) (string, error) { return k[name].ID, nil }

func (k keys) Generations(context.Context) (string, error) { return fmt.Sprint(len(k)), nil }

// world is a fake AWS with a user and a role, and a clock that both sides go by.
type world struct {
	*Helper
	aws *fakeaws.Server
	mu  sync.Mutex
	now time.Time
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func newWorld(t *testing.T, connectors string) *world {
	t.Helper()
	w := &world{aws: fakeaws.Start(), now: time.Now().Truncate(time.Second)}
	t.Cleanup(w.aws.Close)
	w.aws.AddUser("arn:aws:iam::123456789012:user/alice", accessKeyID, canary)
	w.aws.AddRole(fakeaws.Role{ARN: roleARN, MaxSession: 12 * time.Hour})
	w.Helper = &Helper{Keys: keys{"main": {ID: accessKeyID, Secret: secret.New(canary)}},
		Cache: cache.Open(filepath.Join(t.TempDir(), "cache"), cache.Off), Now: w.clock}
	w.edit(t, connectors)
	return w
}

// edit replaces connectors.toml.
func (w *world) edit(t *testing.T, connectors string) {
	t.Helper()
	f, err := connector.Parse("f", []byte("[defaults]\nregion = \"eu-central-1\"\nkey = \"main\"\nendpoint_url = \""+w.aws.URL+"\"\n"+connectors))
	if err != nil {
		t.Fatal(err)
	}
	w.Connectors = f
}

func (w *world) get(t *testing.T, name string) Credentials {
	t.Helper()
	c, err := w.Credentials(t.Context(), name)
	if err != nil || c.AccessKeyID == "" {
		t.Fatalf("Credentials(%s) = %q, %v", name, c.AccessKeyID, err)
	}
	return c
}

const roleConnector = "[connectors.r]\nauth_method = \"iam-role\"\nrole_arn = \"" + roleARN + "\"\n"

func TestMethods(t *testing.T) {
	w := newWorld(t, roleConnector+`
policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
policy = '{"Version": "2012-10-17", "Statement": []}'
[connectors.r.tags]
b = "2"
a = "1"
[connectors.s]
auth_method = "session-token"
[connectors.f]
auth_method = "federation-token"
resource_type = "s3-bucket"
resource_id = "b-1"
[connectors.k]
auth_method = "secret-key"
[connectors.t]
auth_method = "sts-token"
key = "temp"
`)
	minted := w.get(t, "r")
	w.Keys.(keys)["temp"] = keystore.Key{ID: minted.AccessKeyID, Secret: minted.SecretAccessKey, SessionToken: minted.SessionToken, Expires: minted.Expires}
	for name, want := range map[string]struct{ arn, account string }{
		"r": {"arn:aws:sts::123456789012:assumed-role/Deploy/aws-connector-r", "123456789012"},
		"s": {"arn:aws:iam::123456789012:user/alice", ""},
		"f": {"arn:aws:sts::123456789012:federated-user/aws-connector-f", "123456789012"},
		"k": {"arn:aws:iam::123456789012:user/alice", ""},
		"t": {"arn:aws:sts::123456789012:assumed-role/Deploy/aws-connector-r", ""},
	} {
		c := w.get(t, name)
		id, ok := w.aws.Identity(c.AccessKeyID)
		if !ok || id.ARN != want.arn || c.AccountID != want.account {
			t.Errorf("%s: %q of account %q, want %q of %q", name, id.ARN, c.AccountID, want.arn, want.account)
		}
		if temporary := name != "k"; c.Expires.IsZero() == temporary || c.SessionToken.Empty() == temporary {
			t.Errorf("%s: expires %v, token empty: %t", name, c.Expires, c.SessionToken.Empty())
		}
	}
	p := w.aws.Requests()[0].Params
	for key, want := range map[string]string{
		"DurationSeconds": "3600", "RoleSessionName": "aws-connector-r", "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
		"Policy": `{"Version":"2012-10-17","Statement":[]}`, "Tags.member.1.Key": "a", "Tags.member.1.Value": "1", "Tags.member.2.Key": "b",
	} {
		if got := p.Get(key); got != want {
			t.Errorf("AssumeRole %s = %q, want %q", key, got, want)
		}
	}
}

func TestKeysThatDoNotSuitTheMethod(t *testing.T) {
	w := newWorld(t, `
[connectors.s]
auth_method = "session-token"
key = "temp"
[connectors.f]
auth_method = "federation-token"
policy = '{}'
key = "temp"
[connectors.k]
auth_method = "secret-key"
key = "temp"
[connectors.t]
auth_method = "sts-token"
[connectors.old]
auth_method = "sts-token"
key = "old"
[connectors.over]
auth_method = "iam-role"
role_arn = "`+roleARN+`"
key = "over"
[connectors.none]
auth_method = "session-token"
key = "none"
`)
	temp := keystore.Key{ID: "ASIAIOSFODNN7EXAMPLE", Secret: secret.New(canary), SessionToken: secret.New(canary)}
	old := temp
	old.Expires = w.now.Add(300 * time.Second)
	over := temp
	over.Expires = w.now
	w.Keys.(keys)["temp"], w.Keys.(keys)["old"], w.Keys.(keys)["over"] = temp, old, over
	for name, want := range map[string]string{
		"s":    `connector "s": key "temp" holds temporary credentials, and AWS makes a session-token only from a long-term key`,
		"f":    `connector "f": key "temp" holds temporary credentials, and AWS makes a federation-token only from a long-term key`,
		"k":    `connector "k": key "temp" holds temporary credentials, and auth_method secret-key needs a long-term key`,
		"t":    `connector "t": key "main" is a long-term key, and auth_method sts-token needs temporary credentials`,
		"old":  `connector "old": key "old" holds credentials that expire at ` + old.Expires.UTC().Format(time.RFC3339) + ", in 5 min: too soon to be used",
		"over": `connector "over": key "over" holds credentials that expired at ` + over.Expires.UTC().Format(time.RFC3339) + ", less than 1 s ago",
		"none": `connector "none": key "none": not in the keystore`,
	} {
		if _, err := w.Credentials(t.Context(), name); err == nil || err.Error() != want {
			t.Errorf("Credentials(%s) = %v, want %s", name, err, want)
		}
	}
	if n := w.aws.Calls(""); n != 0 {
		t.Errorf("%d calls of AWS, want none", n)
	}
}

// A session is handed out while more than its tolerance is left.
func TestFreshness(t *testing.T) {
	for _, test := range []struct {
		name, fields string
		age          time.Duration
		renewed      bool
	}{
		{"900 s, half left", "expiration_seconds = 900", 449 * time.Second, false},
		{"900 s, less than half left", "expiration_seconds = 900", 450 * time.Second, true},
		{"3600 s, 1,021 s left", "", 2579 * time.Second, false},
		{"3600 s, 1,020 s left", "", 2580 * time.Second, true},
		{"3600 s, 1,000 s left", "", 2600 * time.Second, true},
		{"no tolerance, 1 s left", "expires_skew_tolerance = 0", 3599 * time.Second, false},
		{"no tolerance, expired", "expires_skew_tolerance = 0", 3600 * time.Second, true},
		{"its own tolerance", "expires_skew_tolerance = 60", 3539 * time.Second, false},
		{"its own tolerance over", "expires_skew_tolerance = 60", 3540 * time.Second, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, roleConnector+test.fields)
			w.aws.SetClock(w.clock)
			first := w.get(t, "r")
			w.later(test.age)
			second := w.get(t, "r")
			if renewed := first.AccessKeyID != second.AccessKeyID; renewed != test.renewed {
				t.Errorf("after %v renewed: %t, want %t", test.age, renewed, test.renewed)
			}
		})
	}
}

func TestAnEditIsAMiss(t *testing.T) {
	w := newWorld(t, roleConnector)
	seen := map[string]bool{w.get(t, "r").AccessKeyID: true}
	if !seen[w.get(t, "r").AccessKeyID] {
		t.Error("a second call made a new session")
	}
	w.aws.AddRole(fakeaws.Role{ARN: roleARN + "2"})
	for _, edit := range []string{
		roleConnector + "region = \"eu-west-1\"\n",
		roleConnector + "expiration_seconds = 1800\n",
		roleConnector + "policy = '{\"Version\":\"2012-10-17\",\"Statement\":[]}'\n",
		roleConnector + "policy_arns = [\"arn:aws:iam::aws:policy/A\"]\n",
		strings.Replace(roleConnector, "Deploy", "Deploy2", 1),
		roleConnector + "role_session_name = \"other\"\n",
	} {
		w.edit(t, edit)
		id := w.get(t, "r").AccessKeyID
		if seen[id] {
			t.Errorf("%s: an old session was handed out", edit)
		}
		seen[id] = true
	}
	w.edit(t, roleConnector)
	if !seen[w.get(t, "r").AccessKeyID] {
		t.Error("the first session is gone")
	}
}

func TestSingleFlight(t *testing.T) {
	w := newWorld(t, roleConnector)
	var all sync.WaitGroup
	ids := make([]string, 50)
	for i := range ids {
		all.Go(func() {
			c, err := w.Credentials(t.Context(), "r")
			if err != nil {
				t.Error(err)
			}
			ids[i] = c.AccessKeyID
		})
	}
	all.Wait()
	if ids = slices.Compact(ids); len(ids) != 1 || ids[0] == "" {
		t.Errorf("they have %q, want one session", ids)
	}
	if n := w.aws.Calls("AssumeRole"); n != 1 {
		t.Errorf("%d calls of AssumeRole, want 1", n)
	}
}

func TestOldSessionWhileAWSIsDown(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.aws.SetClock(w.clock) // to the second
	first := w.get(t, "r")
	w.aws.SetClock(time.Now) // by which the SDK signs
	w.aws.Fail(fakeaws.Fault{Code: "Throttling", Message: "Rate exceeded"})
	w.later(3600*time.Second - 61*time.Second)
	if c := w.get(t, "r"); c.AccessKeyID != first.AccessKeyID {
		t.Error("the old session was not handed out")
	}
	w.later(time.Second)
	var e *Error
	if _, err := w.Credentials(t.Context(), "r"); !errors.As(err, &e) || e.Reason != Temporary {
		t.Errorf("Credentials with 60 s left = %v, want a temporary error", err)
	}
	w.aws.ClearFaults()
	w.later(-time.Hour)
	w.aws.Fail(fakeaws.Fault{Code: "AccessDenied", Message: "no", Status: 403})
	w.later(50 * time.Minute)
	if _, err := w.Credentials(t.Context(), "r"); !errors.As(err, &e) || e.Reason != Failed {
		t.Errorf("Credentials of a denied role = %v, want a failure", err)
	}
}

func TestForget(t *testing.T) {
	w := newWorld(t, roleConnector+"[connectors.s]\nauth_method = \"session-token\"\nkey = \"other\"\n")
	w.Keys.(keys)["other"] = w.Keys.(keys)["main"]
	role, token := w.get(t, "r"), w.get(t, "s")
	if n, err := w.Forget(t.Context(), "main"); n != 1 || err != nil {
		t.Errorf("Forget = %d, %v, want 1", n, err)
	}
	if w.get(t, "r").AccessKeyID == role.AccessKeyID {
		t.Error("a session of the dropped key was handed out")
	}
	if w.get(t, "s").AccessKeyID != token.AccessKeyID {
		t.Error("a session of another key was dropped")
	}
	if all, err := w.Sessions(t.Context()); len(all) != 2 || err != nil || !all[0].Current {
		t.Errorf("Sessions() = %+v, %v", all, err)
	}
	if n, err := w.Clear(t.Context(), "s"); n != 1 || err != nil {
		t.Errorf("Clear(s) = %d, %v, want 1", n, err)
	}
	if n, err := w.Clear(t.Context()); n != 1 || err != nil {
		t.Errorf("Clear() = %d, %v, want 1", n, err)
	}
}

// After a new session is the time to remove what is of no use: what was another
// connector's of this file, and nothing else.
func TestSweep(t *testing.T) {
	w := newWorld(t, roleConnector+"[connectors.s]\nauth_method = \"session-token\"\n")
	w.get(t, "s")
	foreign := w.Cache.Slot("ecr-" + digest("registry"))
	if err := foreign.Put(w.now, cache.Entry{Expires: w.now.Add(time.Hour), Data: []byte(`{"connector":"ecr"}`)}); err != nil {
		t.Fatal(err)
	}
	w.edit(t, roleConnector)
	here := w.Connectors
	w.Connectors.Path = "another connectors.toml"
	w.get(t, "r")
	w.Tidy(t.Context())
	if all, err := w.Sessions(t.Context()); len(all) != 2 || err != nil {
		t.Errorf("Sessions() after a session of another file = %+v, %v, want two", all, err)
	}
	if _, err := w.Clear(t.Context(), "r"); err != nil {
		t.Fatal(err)
	}
	w.Connectors = here
	w.now = w.now.Add(2 * time.Minute) // the cache is swept now and then only
	w.get(t, "r")
	if all, err := w.Sessions(t.Context()); len(all) != 2 || err != nil {
		t.Errorf("Sessions() before Tidy = %+v, %v, want two: it is for after the answer", all, err)
	}
	w.Tidy(t.Context())
	if all, err := w.Sessions(t.Context()); len(all) != 1 || all[0].Connector != "r" || err != nil {
		t.Errorf("Sessions() = %+v, %v, want that of r alone", all, err)
	}
	if _, ok := foreign.Get(w.now); !ok {
		t.Error("an entry that is no session was removed")
	}
}

// Temporary credentials take a role while they live, to the last second.
func TestARoleFromTemporaryCredentials(t *testing.T) {
	w := newWorld(t, userConnector+"[connectors.base]\nauth_method = \"iam-role\"\nrole_arn = \""+roleARN+"\"\nkey = \"temp\"\n")
	c := w.get(t, "r")
	for _, expires := range []time.Time{{}, w.now.Add(time.Second)} {
		w.Keys.(keys)["temp"] = keystore.Key{ID: c.AccessKeyID, Secret: c.SecretAccessKey, SessionToken: c.SessionToken, Expires: expires}
		if _, err := w.Credentials(t.Context(), "base"); err != nil {
			t.Errorf("Credentials from a key that expires at %v = %v", expires, err)
		}
		if _, err := w.Clear(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// A key of the same name in another connectors.toml is another key.
func TestForgetOfAnotherFilesSessions(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.get(t, "r")
	w.Connectors.Path = "another connectors.toml"
	if n, err := w.Forget(t.Context(), "main"); n != 0 || err != nil {
		t.Errorf("Forget of another file's key = %d, %v, want 0", n, err)
	}
}

// What this process was started for it does not start again.
func TestAConnectorThatStartsItself(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.get(t, "r")
	w.Env.Chain = Chain{"r", "other"}
	_, err := w.Credentials(t.Context(), "r")
	if want := `connector "r": the connector starts itself: r -> other -> r`; err == nil || err.Error() != want {
		t.Errorf("Credentials = %v, want %s", err, want)
	}
	w.Env.Chain = Chain{"other"}
	w.get(t, "r")
}

// Each call is told once, with no more than came of it.
func TestAnswered(t *testing.T) {
	w := newWorld(t, roleConnector+"[connectors.bad]\nauth_method = \"session-token\"\npolcy = 1\n[connectors.k]\nauth_method = \"session-token\"\nkey = \"none\"\n")
	var told []Answer
	w.Answered = func(a Answer) { told = append(told, a) }
	w.get(t, "r")
	first := w.get(t, "r").AccessKeyID
	w.token(t, "r", registryHost)
	w.token(t, "r", registryHost)
	for _, name := range []string{"bad", "k", "CANARY"} {
		_, err := w.Credentials(t.Context(), name)
		_, err2 := w.RegistryToken(t.Context(), name, registry(t, registryHost))
		var missing *connector.NotFoundError
		if err == nil || err2 == nil || errors.As(err, &missing) != (name == "CANARY") || errors.As(err2, &missing) != (name == "CANARY") {
			t.Errorf("%s: %v, and %v", name, err, err2)
		}
	}
	want := []string{"r " + first + " false", "r " + first + " true", "r " + first + " false", "r " + first + " true", "bad  false", "bad  false", "k  false", "k  false", "  false", "  false"}
	var got []string
	for i, a := range told {
		got = append(got, fmt.Sprint(a.Connector, " ", a.AccessKeyID, " ", a.Cached))
		if (a.Err != nil) != (i > 3) {
			t.Errorf("answer %d has the error %v", i, a.Err)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("answers are %q, want %q", got, want)
	}
	if n := w.aws.Calls(""); n != 2 {
		t.Errorf("%d calls of AWS, want 2", n)
	}
}

// Sessions that are not valid now may be valid tomorrow: their key counts too.
func TestForgetOfExpiredSessions(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.get(t, "r")
	w.later(-time.Hour)
	if all, err := w.Sessions(t.Context()); len(all) != 0 || err != nil {
		t.Errorf("Sessions() an hour before they were made = %+v, %v, want none", all, err)
	}
	if n, err := w.Forget(t.Context(), "other"); n != 0 || err != nil {
		t.Errorf("Forget of another key = %d, %v, want 0", n, err)
	}
	if n, err := w.Forget(t.Context(), "main"); n != 1 || err != nil {
		t.Errorf("Forget = %d, %v, want 1", n, err)
	}
}

func TestWithoutACache(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.Cache = cache.Open("/dev/null/cache", cache.Off)
	w.get(t, "r")
	w.Cache = nil
	w.get(t, "r")
	if n := w.aws.Calls("AssumeRole"); n != 2 {
		t.Errorf("%d calls of AssumeRole, want 2", n)
	}
}

func TestImplicitNeedsConsent(t *testing.T) {
	w := newWorld(t, "[connectors.i]\nauth_method = \"implicit\"\n")
	var e *Error
	if _, err := w.Credentials(t.Context(), "i"); !errors.As(err, &e) || e.Reason != Misconfigured || e.Advice == "" {
		t.Errorf("Credentials(i) = %v, want a misconfiguration with advice", err)
	}
}

func TestWriteProcess(t *testing.T) {
	full := Credentials{AccessKeyID: "ASIA", AccountID: "123456789012", SecretAccessKey: secret.New("a+/<b"), SessionToken: secret.New("t=="),
		Expires: time.Date(2027, 1, 2, 3, 4, 5, 999, time.FixedZone("", 3600))}
	for want, c := range map[string]Credentials{
		`{"Version":1,"AccessKeyId":"ASIA","SecretAccessKey":"a+/<b","SessionToken":"t==","Expiration":"2027-01-02T02:04:05Z","AccountId":"123456789012"}` + "\n": full,
		`{"Version":1,"AccessKeyId":"AKIA","SecretAccessKey":"s"}` + "\n":                                                                                         {AccessKeyID: "AKIA", SecretAccessKey: secret.New("s")},
	} {
		var out bytes.Buffer
		if err := WriteProcess(&out, c); err != nil || out.String() != want {
			t.Errorf("WriteProcess = %q, %v, want %q", out.String(), err, want)
		}
	}
	line, err := full.process()
	if err != nil {
		t.Fatal(err)
	}
	full.SessionToken = secret.New("t==" + strings.Repeat("x", processLimit-len(line)))
	var most bytes.Buffer
	if err := WriteProcess(&most, full); err != nil || most.Len() != processLimit {
		t.Errorf("WriteProcess of the longest line = %d bytes, %v", most.Len(), err)
	}
	r, w := io.Pipe()
	r.Close()
	if err := WriteProcess(w, full); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("WriteProcess to nobody = %v, want %v", err, io.ErrClosedPipe)
	}
	full.SessionToken = secret.New("t==" + strings.Repeat("x", processLimit-len(line)+1))
	var out bytes.Buffer
	if err := WriteProcess(&out, full); err == nil || out.Len() > 0 {
		t.Errorf("WriteProcess of a long token = %d bytes, %v", out.Len(), err)
	}
}
