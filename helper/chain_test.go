package helper

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"aws-connector/internal/fakeaws"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

// links are connectors c1 to cN, each with a role of its own from the one before.
func links(n int, start string) string {
	var b strings.Builder
	b.WriteString("[connectors.c1]\n" + start)
	for i := 2; i <= n; i++ {
		fmt.Fprintf(&b, "[connectors.c%d]\nauth_method = \"iam-role\"\nrole_arn = \"%s%d\"\nsource = \"c%d\"\n", i, roleARN, i, i-1)
	}
	return b.String()
}

func chainWorld(t *testing.T, connectors string) *world {
	t.Helper()
	w := newWorld(t, connectors)
	for i := range 6 {
		w.aws.AddRole(fakeaws.Role{ARN: fmt.Sprint(roleARN, i), MaxSession: 12 * time.Hour})
	}
	return w
}

func (w *world) calls(t *testing.T, when string, sessionTokens, roles int) {
	t.Helper()
	if s, r := w.aws.Calls("GetSessionToken"), w.aws.Calls("AssumeRole"); s != sessionTokens || r != roles {
		t.Errorf("%s: %d calls of GetSessionToken and %d of AssumeRole, want %d and %d", when, s, r, sessionTokens, roles)
	}
}

const tokenStart = "auth_method = \"session-token\"\n"

// Each link is asked for once, is kept for itself, and asks with the session of
// the one before, whose signature the fake checks.
func TestChains(t *testing.T) {
	for _, n := range []int{2, 3, 5} {
		w := chainWorld(t, links(n, tokenStart))
		last := fmt.Sprint("c", n)
		got := w.get(t, last)
		w.calls(t, last, 1, n-1)
		id, _ := w.aws.Identity(got.AccessKeyID)
		if want := fmt.Sprintf("arn:aws:sts::123456789012:assumed-role/Deploy%d/aws-connector-c%d", n, n); id.ARN != want || got.AccountID != "123456789012" {
			t.Errorf("%s is of %s, want %s", last, id.ARN, want)
		}
		for i := n; i >= 1; i-- {
			name := fmt.Sprint("c", i)
			if c := w.get(t, name); i > 1 {
				if id, _ = w.aws.Identity(c.AccessKeyID); id.Parent != w.get(t, fmt.Sprint("c", i-1)).AccessKeyID {
					t.Errorf("%s was made with %s, not with the session of the link before", name, id.Parent)
				}
			}
		}
		w.calls(t, "all links of "+last, 1, n-1)
		c, err := w.Connectors.Lookup(last)
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := w.Session(t.Context(), c); !ok || !s.Current || s.Key != "main" {
			t.Errorf("Session(%s) = %+v, %t", last, s, ok)
		}
	}
}

func TestEveryStartOfAChain(t *testing.T) {
	for name, start := range map[string]string{
		"a key":          "auth_method = \"secret-key\"\n",
		"a stored token": "auth_method = \"sts-token\"\nkey = \"temp\"\n",
		"a role":         "auth_method = \"iam-role\"\nrole_arn = \"" + roleARN + "1\"\n",
	} {
		w := chainWorld(t, links(3, start))
		role := newWorldSession(t, w)
		w.Keys.(keys)["temp"] = role
		first := w.get(t, "c3")
		before := w.aws.Calls("")
		if again := w.get(t, "c3"); again.AccessKeyID != first.AccessKeyID || w.aws.Calls("") != before {
			t.Errorf("over %s: the second answer is another session, %d calls more", name, w.aws.Calls("")-before)
		}
	}
}

// newWorldSession is a session of GetSessionToken, as a person would store one.
func newWorldSession(t *testing.T, w *world) keystore.Key {
	t.Helper()
	other := *w.Helper
	helper := &world{Helper: &other, aws: w.aws, now: w.now}
	helper.edit(t, "[connectors.s]\n"+tokenStart)
	c := helper.get(t, "s")
	return keystore.Key{ID: c.AccessKeyID, Secret: c.SecretAccessKey, SessionToken: c.SessionToken, Expires: c.Expires}
}

func TestTenConnectorsOverOneSource(t *testing.T) {
	var b strings.Builder
	b.WriteString(links(1, tokenStart))
	for i := range 10 {
		fmt.Fprintf(&b, "[connectors.r%d]\nauth_method = \"iam-role\"\nrole_arn = \"%s\"\nsource = \"c1\"\n", i, roleARN)
	}
	w := newWorld(t, b.String())
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			if _, err := w.Credentials(t.Context(), fmt.Sprint("r", i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w.calls(t, "ten connectors", 1, 10)
}

func TestAReplacedKeyAtTheStartOfAChain(t *testing.T) {
	w := chainWorld(t, links(3, tokenStart))
	before := []string{w.get(t, "c1").AccessKeyID, w.get(t, "c2").AccessKeyID, w.get(t, "c3").AccessKeyID}
	token := w.token(t, "c3", registryHost)
	w.replaceKey()
	for i, name := range []string{"c3", "c2", "c1"} {
		if now := w.get(t, name).AccessKeyID; now == before[2-i] {
			t.Errorf("%s is the session of the key of before", name)
		}
	}
	w.calls(t, "after the replacement", 2, 4)
	if w.token(t, "c3", registryHost).Password.Equal(token.Password) {
		t.Error("the token is of the key of before")
	}
}

// What shapes a link, or whether it is answered for, shapes all that follow.
func TestAChangedLinkIsAMissForAllBehindIt(t *testing.T) {
	w := chainWorld(t, links(4, tokenStart))
	first := w.get(t, "c4").AccessKeyID
	w.edit(t, strings.Replace(links(4, tokenStart), "[connectors.c2]\n", "[connectors.c2]\nexternal_id = \"id\"\n", 1))
	if w.get(t, "c4").AccessKeyID == first {
		t.Error("c4 is the session over the old c2")
	}
	w.calls(t, "c2 to c4 anew", 1, 6)
	w.edit(t, links(4, tokenStart))
	w.get(t, "c4")
	w.calls(t, "the old chain", 1, 6)
}

// A link is renewed by its own clock: one that lives shorter than what follows is
// made anew when that is.
func TestLinksHaveTheirOwnLife(t *testing.T) {
	w := chainWorld(t, links(2, tokenStart+"expiration_seconds = 900\n"))
	base, first := w.get(t, "c1"), w.get(t, "c2")
	w.later(30 * time.Minute)
	w.aws.SetClock(w.clock)
	if w.get(t, "c2").AccessKeyID != first.AccessKeyID {
		t.Error("c2 was made anew, since its source had expired")
	}
	w.later(20 * time.Minute)
	last := w.get(t, "c2")
	if id, _ := w.aws.Identity(last.AccessKeyID); last.AccessKeyID == first.AccessKeyID || id.Parent == base.AccessKeyID || id.Parent != w.get(t, "c1").AccessKeyID {
		t.Error("c2 was not made anew from a new session of its source")
	}
}

func TestAChainThatIsOutOfReachHandsOutTheOldSession(t *testing.T) {
	w := chainWorld(t, links(2, tokenStart+"expiration_seconds = 900\n"))
	old := w.get(t, "c2").AccessKeyID
	w.later(45 * time.Minute)
	w.aws.Fail(fakeaws.Fault{Action: "GetSessionToken", Code: "ServiceUnavailable", Status: 503})
	if got := w.get(t, "c2").AccessKeyID; got != old {
		t.Error("another session, though its source is out of reach")
	}
}

// A cached session that AWS has forgotten is in nobody's way.
func TestASourceThatAWSDoesNotKnowAnyMore(t *testing.T) {
	for _, code := range []string{"InvalidClientTokenId", "ExpiredToken"} {
		w := chainWorld(t, links(2, tokenStart))
		old := w.get(t, "c1")
		w.aws.Fail(fakeaws.Fault{Action: "AssumeRole", Code: code, Status: 403, Times: 1})
		got := w.get(t, "c2")
		if id, _ := w.aws.Identity(got.AccessKeyID); id.Parent == old.AccessKeyID || id.Parent != w.get(t, "c1").AccessKeyID {
			t.Errorf("%s: c2 was made with the old session of c1", code)
		}
		w.calls(t, code, 2, 2)
		// One that was just made is not made again.
		w = chainWorld(t, links(2, tokenStart))
		w.aws.Fail(fakeaws.Fault{Action: "AssumeRole", Code: code, Status: 403})
		if _, err := w.Credentials(t.Context(), "c2"); err == nil {
			t.Errorf("%s: Credentials = nil, want an error", code)
		}
		w.calls(t, code+" again", 1, 1)
	}
}

func TestAChainNamesTheLinkThatFails(t *testing.T) {
	w := chainWorld(t, links(3, tokenStart+"key = \"absent\"\n")+"[connectors.i]\nauth_method = \"implicit\"\n[connectors.over]\nauth_method = \"iam-role\"\nrole_arn = \""+roleARN+"\"\nsource = \"i\"\n")
	for name, want := range map[string]string{
		"c3":   `connector "c3": source "c2": source "c1": key "absent": not in the keystore`,
		"over": `connector "over": source "i": auth_method implicit is not allowed: it uses whatever credentials the environment has`,
	} {
		if _, err := w.Credentials(t.Context(), name); err == nil || err.Error() != want {
			t.Errorf("Credentials(%s) = %v, want %s", name, err, want)
		}
	}
	if _, err := w.Credentials(t.Context(), "c2"); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Credentials = %v, want one of a key that is missing", err)
	}
	w.edit(t, links(3, tokenStart))
	w.aws.Fail(fakeaws.Fault{Action: "AssumeRole", Code: "AccessDenied", Status: 403, Message: "no"})
	for range 2 { // the second is told what the first found
		_, err := w.Credentials(t.Context(), "c3")
		var e *Error
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), `connector "c3": source "c2": AssumeRole: AccessDenied`) || e.Reason != Failed {
			t.Errorf("Credentials = %v", err)
		}
	}
}

// What an implicit connector may no longer hand out is not had through another one.
func TestAChainOverAnImplicitConnector(t *testing.T) {
	const start = "auth_method = \"implicit\"\nprofile_name = \"p\"\n"
	w := chainWorld(t, links(2, start+"allow_implicit_auth_methods = true\n"))
	config := filepath.Join(t.TempDir(), "config")
	write := func(text string) {
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("[profile p]\naws_access_key_id = " + accessKeyID + "\naws_secret_access_key = " + canary + "\n")
	w.Env.Ambient = Ambient{ConfigFile: config}
	first := w.get(t, "c2")
	w.get(t, "c2")
	w.calls(t, "twice", 0, 1)
	w.edit(t, links(2, start))
	if _, err := w.Credentials(t.Context(), "c2"); err == nil {
		t.Error("it was answered for over a connector that is not allowed")
	}
	w.edit(t, links(2, start+"allow_implicit_auth_methods = true\n"))
	w.aws.AddUser(bobARN, bobID, bobCanary)
	write("[profile p]\naws_access_key_id = " + bobID + "\naws_secret_access_key = " + bobCanary + "\n")
	if w.get(t, "c2").AccessKeyID == first.AccessKeyID {
		t.Error("the session is that of the profile of before")
	}

	// A profile that assumes a role makes it a chain in AWS's sense, which only the profile tells.
	write("[profile p]\nrole_arn = " + roleARN + "\nsource_profile = k\n[profile k]\naws_access_key_id = " + accessKeyID + "\naws_secret_access_key = " + canary + "\n")
	w.edit(t, links(2, start+"allow_implicit_auth_methods = true\n")+"expiration_seconds = 7200\n")
	calls := w.aws.Calls("")
	var e *Error
	if _, err := w.Credentials(t.Context(), "c2"); !errors.As(err, &e) || e.Reason != Misconfigured || !strings.Contains(err.Error(), "lives 3600 s at most") {
		t.Errorf("Credentials = %v, want an error before AWS is asked for the role", err)
	}
	if n := w.aws.Calls("AssumeRole"); w.aws.Calls("")-calls != 1 {
		t.Errorf("%d calls of AssumeRole", n)
	}
}

// Connectors that start one another through sources, profiles and this program
// are one chain, and each is kept for itself.
func TestSourcesAndProfilesMakeOneChain(t *testing.T) {
	implicit := func(name string) string {
		return "[connectors." + name + "]\nauth_method = \"implicit\"\nallow_implicit_auth_methods = true\nprofile_name = \"" + name + "\"\n"
	}
	role := func(name, source string) string {
		return "[connectors." + name + "]\nauth_method = \"iam-role\"\nrole_arn = \"" + roleARN + "\"\nsource = \"" + source + "\"\n"
	}
	w := newWorld(t, role("a", "o")+implicit("o")+role("i", "base")+"[connectors.base]\n"+tokenStart+
		implicit("x")+role("y", "x"))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "config")
	over(t, config, "[profile x]\ncredential_process = \""+self+"\" get y\n")
	w.Env.Ambient = Ambient{ConfigFile: config, Self: self}
	w.get(t, "a")
	w.calls(t, "a over o over i over base", 1, 2)
	w.get(t, "i")
	w.get(t, "base")
	w.calls(t, "its links", 1, 2)
	w.replaceKey()
	w.get(t, "a")
	w.calls(t, "with another key", 2, 4)
	for _, name := range []string{"x", "y"} {
		_, err := w.Credentials(t.Context(), name)
		if err == nil || !strings.Contains(err.Error(), "starts itself: ") {
			t.Errorf("Credentials(%s) = %v, want a cycle", name, err)
		}
		c, err := w.Connectors.Lookup(name)
		if err == nil {
			err = w.CheckProfile(t.Context(), c)
		}
		if err == nil || !strings.Contains(err.Error(), "starts itself: ") {
			t.Errorf("CheckProfile(%s) = %v, want a cycle", name, err)
		}
	}
	w.Env.Chain = Chain{"base"}
	if _, err := w.Credentials(t.Context(), "i"); err == nil || !strings.Contains(err.Error(), `source "base": the connector starts itself: base -> i -> base`) {
		t.Errorf("started by base, i = %v, want a cycle", err)
	}
}

// Whatever a key's chain was for is forgotten with it, and what is cleared is
// one link alone.
func TestForgetAndClearLinks(t *testing.T) {
	w := chainWorld(t, links(3, tokenStart))
	w.get(t, "c3")
	if n, err := w.Clear(t.Context(), "c3"); n != 1 || err != nil {
		t.Errorf("Clear = %d, %v", n, err)
	}
	w.get(t, "c3")
	w.calls(t, "after a clear of c3", 1, 3)
	if n, err := w.Forget(t.Context(), "main"); n != 3 || err != nil {
		t.Errorf("Forget = %d, %v, want all 3 links", n, err)
	}
}

// A source that may answer as somebody else unseen is asked again for what
// follows it too.
func TestAChainOverAForeignSource(t *testing.T) {
	w := chainWorld(t, links(2, tokenStart))
	c, err := w.Connectors.Lookup("c2")
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.fromSTS(t.Context(), w.begin(t.Context(), c), session{Connector: "c2", ID: accessKeyID, Secret: secret.New(canary), Issued: w.now.Add(-foreignLife), Foreign: true})
	if err != nil || !s.Foreign || s.fresh(c, w.now) {
		t.Errorf("the session is foreign: %t, fresh: %t, %v", s.Foreign, s.fresh(c, w.now), err)
	}
}
