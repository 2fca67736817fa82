package ambient

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/awsconfig"
)

// jwt is a token with these claims; its signature has a canary.
func jwt(claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"none"}`)) + "." + part([]byte(claims)) + "." + "CANARY"
}

func claims(subject string, exp time.Time, id int) string {
	return fmt.Sprintf(`{"iss":"https://idp.example","sub":%q,"aud":["sts.amazonaws.com"],"exp":%d,"iat":1,"jti":"%d"}`, subject, exp.Unix(), id)
}

func TestTokensInFiles(t *testing.T) {
	const missing = "no such file or directory"
	for _, c := range []struct {
		name, text string
		reason     Reason
		want       string // "" is a token
	}{
		{"a token", "jwt1", 0, ""},
		{"with the end of a line", jwt(claims("me", now.Add(time.Hour), 1)) + "\r\n", 0, ""},
		{"a token that does not say when it expires", jwt(`{"sub":"me"}`), 0, ""},
		{"a token whose expiry is no time", jwt(`{"exp":"soon"}`), 0, ""},
		{"a token that is none of ours", "a.!.b", Misconfigured, "what is in HOME/token is no token"},
		{"expired", jwt(claims("me", now.Add(-time.Minute), 1)), NeedsPerson, "HOME/token expired at 2026-07-01T11:59:00Z"},
		{"expiring now", jwt(claims("me", now, 1)), NeedsPerson, "HOME/token expired at 2026-07-01T12:00:00Z"},
		{"only the end of a line", "\n", NeedsPerson, "HOME/token is empty"},
		{"blank", " \n", NeedsPerson, "HOME/token is empty"},
		{"two lines", "CANARY\nCANARY\n", Misconfigured, "what is in HOME/token is no token"},
		{"binary", "CANARY\x00\xff", Misconfigured, "what is in HOME/token is no token"},
		{"credentials", `{"Version":1,"AccessKeyId":"CANARY"}`, Misconfigured, "what is in HOME/token is no token"},
		{"too long", strings.Repeat("a", longestToken+1), Misconfigured, "what is in HOME/token has 20001 characters, and AWS takes tokens of 20000"},
		{"huge", strings.Repeat("a", maxAnswer+1), NeedsPerson, "HOME/token: more than 1048576 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "", "")
			w.write("token", c.text)
			token, _, err := WebTokenIn(w.Settings, "~/token").Token(t.Context())
			if c.want == "" {
				if err != nil || token.Reveal() != strings.TrimSpace(c.text) {
					t.Errorf("Token = %q, %v", token.Reveal(), err)
				}
				return
			}
			want := "web identity token: " + strings.ReplaceAll(c.want, "HOME", w.Home)
			var e *Error
			if !errors.As(err, &e) || err.Error() != want || e.Reason != c.reason || e.Advice == "" {
				t.Errorf("Token = %v, want %s", err, want)
			}
		})
	}
	w := newWorld(t, "", "")
	for path, want := range map[string]string{"~/absent": missing, "~/": "not a regular file", filepath.Join(w.Home, ".aws"): "not a regular file"} {
		if err := os.MkdirAll(filepath.Join(w.Home, ".aws"), 0o700); err != nil {
			t.Fatal(err)
		}
		if _, _, err := WebTokenIn(w.Settings, path).Token(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Token in %s = %v, want %s", path, err, want)
		}
	}
	w.Home = ""
	if _, _, err := WebTokenIn(w.Settings, "~/token").Token(t.Context()); err == nil || !strings.Contains(err.Error(), `"~/token" starts from a directory that is not known`) {
		t.Errorf("Token without a home = %v", err)
	}
}

// What Kubernetes mounts is a link to a link, which is replaced.
func TestTokenThatIsMounted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making a link takes a privilege there")
	}
	w := newWorld(t, "", "")
	dir := t.TempDir()
	become := func(version, token string) {
		if err := errors.Join(os.Mkdir(filepath.Join(dir, version), 0o700), os.WriteFile(filepath.Join(dir, version, "token"), []byte(token), 0o600),
			os.Symlink(version, filepath.Join(dir, "next")), os.Rename(filepath.Join(dir, "next"), filepath.Join(dir, "..data"))); err != nil {
			t.Fatal(err)
		}
	}
	become("..1", jwt(claims("me", now.Add(time.Hour), 1)))
	if err := os.Symlink(filepath.Join("..data", "token"), filepath.Join(dir, "token")); err != nil {
		t.Fatal(err)
	}
	from := WebTokenIn(w.Settings, filepath.Join(dir, "token"))
	first, key, err := from.Token(t.Context())
	if err != nil || key != from.Key() {
		t.Fatalf("Token = %s, %v, want %s", key, err, from.Key())
	}
	become("..2", jwt(claims("me", now.Add(2*time.Hour), 2)))
	second, same, err := from.Token(t.Context())
	if err != nil || second.Equal(first) || same != key || from.Key() != key {
		t.Errorf("a new token of the same one: key %s, then %s, %v", key, same, err)
	}
	become("..3", jwt(claims("other", now.Add(2*time.Hour), 2)))
	if _, another, err := from.Token(t.Context()); err != nil || another == key || from.Key() == key {
		t.Errorf("a token of another one: key %s, then %s, %v", key, another, err)
	}
}

func TestTokensOfPrograms(t *testing.T) {
	good := jwt(claims("me", now.Add(time.Hour), 1))
	for _, c := range []struct {
		name, out, stderr string
		err               error
		reason            Reason
		want              string // "" is a token
	}{
		{"a token", good + "\n", "CANARY", nil, 0, ""},
		{"nothing", "\n", "", nil, Failed, "it printed nothing"},
		{"two lines", good + "\nCANARY\n", "", nil, Failed, "it printed more than one line"},
		{"JSON", `{"token":"CANARY"}`, "", nil, Misconfigured, "what it printed is no token"},
		{"expired", jwt(claims("me", now, 1)), "", nil, NeedsPerson, "what it printed expired at 2026-07-01T12:00:00Z"},
		{"a failure", "", "sign in first " + good, errors.New("exit status 3"), Failed, "exit status 3: sign in first [redacted]"},
	} {
		w := newWorld(t, "", "")
		var ran []string
		w.Run = func(_ context.Context, argv []string) ([]byte, string, error) {
			ran = argv
			return []byte(c.out), c.stderr, c.err
		}
		token, _, err := WebTokenOf(w.Settings, []string{"idp", "--for", "aws"}).Token(t.Context())
		if len(ran) != 3 {
			t.Fatalf("%s: ran %q", c.name, ran)
		}
		if c.want == "" {
			if err != nil || token.Reveal() != good {
				t.Errorf("%s: Token = %v", c.name, err)
			}
			continue
		}
		var e *Error
		if want := "web_identity_token_process idp: " + c.want; !errors.As(err, &e) || err.Error() != want || e.Reason != c.reason {
			t.Errorf("%s: Token = %v, want %s", c.name, err, want)
		}
	}
	w := newWorld(t, "", "")
	from := WebTokenOf(w.Settings, []string{"idp", "rel"})
	before := from.Key()
	if err := os.WriteFile(filepath.Join(w.Dir, "rel"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if from.Key() == before {
		t.Error("a file that the program is given changes nothing")
	}
}

// An expired token of a profile is told with its file before STS is asked, and
// a session that was made with it is still found.
func TestExpiredTokenOfAProfile(t *testing.T) {
	w := newWorld(t, "[default]\nrole_arn = arn:aws:iam::123456789012:role/R\nweb_identity_token_file = ~/token\n", "")
	w.write("token", jwt(claims("me", now.Add(time.Minute), 1)))
	before := w.plan().Key()
	w.Now = func() time.Time { return now.Add(time.Hour) }
	if _, err := w.get(); err == nil || err.Error() != `profile "default": web identity token: `+w.Home+"/token expired at 2026-07-01T12:01:00Z" {
		t.Errorf("credentials: %v", err)
	}
	if w.plan().Key() != before {
		t.Error("the key changes when the token expires")
	}
}

func TestProgram(t *testing.T) {
	w := newWorld(t, "[broken", "")
	w.prints(`{"Version":1,"AccessKeyId":"AKPROC","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-07-01T13:00:00Z"}`)
	p := Program(w.Settings, []string{"vault", "aws"})
	c, err := p.Credentials(t.Context())
	if err != nil || c.AccessKeyID != "AKPROC" || p.Source() != "credential_process vault" || p.Remote() || p.Asked().Connector != "" {
		t.Errorf("%s gave %q, %v", p.Source(), c.AccessKeyID, err)
	}
	before := p.Key()
	w.write(".aws/config", "[default]\n")
	if Program(w.Settings, []string{"vault", "aws"}).Key() == before {
		t.Error("the shared files are no part of the key")
	}
	w.Own = func(argv []string) (awsconfig.Get, bool) { return awsconfig.Get{Connector: argv[2]}, argv[1] == "get" }
	if p := Program(w.Settings, []string{"x", "get", "other"}); p.Asked().Connector != "other" || p.Source() != `connector "other"` {
		t.Errorf("the program is %s", p.Source())
	}
}
