package helper

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/fakeaws"
)

const webConnector = "[connectors.w]\nauth_method = \"web-identity\"\nrole_arn = \"" + roleARN + "\"\n"

// webWorld has connector w and writes its token.
func webWorld(t *testing.T, fields string) (w *world, write func(subject string, life time.Duration) (token string)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	w = newWorld(t, webConnector+"web_identity_token_file = '"+path+"'\n"+fields)
	return w, func(subject string, life time.Duration) string {
		token := fakeaws.WebIdentityToken("idp.example", subject, w.clock().Add(life))
		if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return token
	}
}

func TestWebIdentity(t *testing.T) {
	w, write := webWorld(t, "expiration_seconds = 43200\nrole_session_name = \"me\"\npolicy_arns = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]\npolicy = '{\"Version\":\"2012-10-17\",\"Statement\":[]}'\n")
	token := write("me", time.Hour)
	c := w.get(t, "w")
	if c.AccountID != "123456789012" || !c.Expires.Equal(w.now.Add(12*time.Hour)) && c.Expires.Sub(w.now.Add(12*time.Hour)).Abs() > time.Minute {
		t.Errorf("account %q, until %v", c.AccountID, c.Expires)
	}
	r := w.aws.Requests()[0]
	for key, want := range map[string]string{
		"WebIdentityToken": token, "RoleArn": roleARN, "RoleSessionName": "me", "DurationSeconds": "43200",
		"PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "Policy": `{"Version":"2012-10-17","Statement":[]}`,
	} {
		if got := r.Params.Get(key); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
	if r.AccessKeyID != "" {
		t.Errorf("the request is signed by %s", r.AccessKeyID)
	}
	// The token of the next session is what the file has then.
	w.later(12 * time.Hour)
	w.aws.SetClock(w.clock)
	token = write("me", time.Hour)
	w.get(t, "w")
	all := w.aws.Requests()
	if got := all[len(all)-1].Params.Get("WebIdentityToken"); got != token {
		t.Error("the second session was made with another token than the file's")
	}
}

// A token that becomes somebody else's between the look and the call leaves
// nothing under the name of who it was before.
func TestATokenThatChangesHands(t *testing.T) {
	w, write := webWorld(t, "")
	write("alice", time.Hour)
	c, err := w.Connectors.Lookup("w")
	if err != nil {
		t.Fatal(err)
	}
	r := w.begin(t.Context(), c)
	write("bob", time.Hour)
	if _, err := w.start(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	write("alice", time.Hour)
	w.get(t, "w")
	if n := w.aws.Calls("AssumeRoleWithWebIdentity"); n != 2 {
		t.Errorf("%d calls, want alice's to be a call of her own", n)
	}
}

// What is wrong with a file is no failure to share: the next call may be after the repair.
func TestATokenIsReadAgainAfterItsFailure(t *testing.T) {
	w, write := webWorld(t, "")
	for _, life := range []time.Duration{-time.Hour, 0} {
		write("me", life)
		var e *Error
		if _, err := w.Credentials(t.Context(), "w"); !errors.As(err, &e) || e.Reason != NeedsPerson || !strings.Contains(err.Error(), " expired at ") {
			t.Errorf("Credentials = %v, want an expired token", err)
		}
	}
	if n := w.aws.Calls(""); n != 0 {
		t.Errorf("AWS was called %d times with an expired token", n)
	}
	write("me", time.Hour)
	w.get(t, "w")
}

// STS could not ask the identity provider: it says so, and another call may help.
func TestAnIdentityProviderThatDoesNotAnswer(t *testing.T) {
	w, write := webWorld(t, "")
	write("me", time.Hour)
	w.aws.Fail(fakeaws.Fault{Code: "IDPCommunicationError", Status: 400, Times: 1})
	w.get(t, "w")
	if n := w.aws.Calls("AssumeRoleWithWebIdentity"); n != 2 {
		t.Errorf("%d calls, want a second one", n)
	}
}

// A connector that needs no key asks for none, nor for its version.
func TestAWebIdentityNeedsNoKeystore(t *testing.T) {
	w, write := webWorld(t, "")
	write("me", time.Hour)
	w.Keys = nil
	w.get(t, "w")
	w.get(t, "w")
	if n := w.aws.Calls(""); n != 1 {
		t.Errorf("%d calls, want the second answer from the cache", n)
	}
}

func TestAProgramThatHangs(t *testing.T) {
	if _, err := exec.LookPath("sleep"); err != nil {
		t.Skip("there is no such program here")
	}
	w := newWorld(t, "[connectors.p]\nauth_method = \"process\"\ncredential_process = [\"sleep\", \"600\"]\n"+
		"[connectors.over]\nauth_method = \"iam-role\"\nrole_arn = \""+roleARN+"\"\nsource = \"p\"\n"+webConnector+"web_identity_token_process = [\"sleep\", \"600\"]\n")
	w.Env.Ambient.Environ = func(Chain) []string { return os.Environ() }
	for _, name := range []string{"p", "over", "w"} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		_, err := w.Credentials(ctx, name)
		cancel()
		if !temporary(err) || !strings.Contains(err.Error(), "_process sleep: it did not end in time") {
			t.Errorf("Credentials(%s) = %v", name, err)
		}
	}
}

// What AWS refuses is told of what the session was to be made from.
func TestAdviceNamesWhatASessionStartsFrom(t *testing.T) {
	w, write := webWorld(t, links(2, tokenStart))
	write("me", time.Hour)
	for _, c := range []struct{ name, code, want string }{
		{"w", "AccessDenied", "must name the IAM identity provider of the token's issuer"},
		{"w", "ExpiredTokenException", "the web identity token expired"},
		{"c2", "InvalidClientTokenId", `AWS refuses the session of connector "c1"`},
		{"c1", "InvalidClientTokenId", "AWS does not know the stored key"},
	} {
		action := map[string]string{"w": "AssumeRoleWithWebIdentity", "c2": "AssumeRole", "c1": "GetSessionToken"}[c.name]
		w.aws.ClearFaults()
		w.aws.Fail(fakeaws.Fault{Action: action, Code: c.code, Status: 400})
		w.later(failureLife + time.Second)
		if c.name == "c1" {
			w.later(24 * time.Hour)
		}
		var e *Error
		if _, err := w.Credentials(t.Context(), c.name); !errors.As(err, &e) || !strings.Contains(e.Advice, c.want) {
			t.Errorf("%s for %s: %v, hint %q, want %s", c.code, c.name, err, e.Hint(), c.want)
		}
	}
}
