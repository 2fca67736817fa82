package ambient

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// identityCenter is a fake of both services.
type identityCenter struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string // path, query, token or body
	portal func(w http.ResponseWriter)
	oidc   func(w http.ResponseWriter)
}

func newIdentityCenter(t *testing.T) *identityCenter {
	s := &identityCenter{}
	s.portal = func(w http.ResponseWriter) {
		fmt.Fprintf(w, `{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"s","sessionToken":"t","expiration":%d}}`, now.Add(time.Hour).UnixMilli()+999)
	}
	s.oidc = func(w http.ResponseWriter) {
		io.WriteString(w, `{"accessToken":"new","expiresIn":28800,"refreshToken":"CANARYr2","tokenType":"Bearer"}`)
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.URL.Path == "/token" {
			s.asked = append(s.asked, string(body))
			s.oidc(w)
			return
		}
		s.asked = append(s.asked, r.URL.RequestURI()+" "+r.Header.Get("x-amz-sso_bearer_token"))
		s.portal(w)
	}))
	t.Cleanup(s.Close)
	return s
}

const ssoConfig = `[profile dev]
sso_session = My Corp
sso_account_id = 123456789012
sso_role_name = Admin Role
[sso-session 'My Corp']
sso_region = eu-central-1
sso_start_url = https://corp.awsapps.com/start
[profile old]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1
sso_account_id = 123456789012
sso_role_name = Reader
`

func cacheFile(of string) string {
	sum := sha1.Sum([]byte(of))
	return ".aws/sso/cache/" + hex.EncodeToString(sum[:]) + ".json"
}

func ssoToken(access, expires string, more ...string) string {
	return `{"startUrl": "https://corp.awsapps.com/start", "region": "eu-central-1", "accessToken": "` + access + `", "expiresAt": "` + expires + `"` + strings.Join(more, "") + `}`
}

const refreshable = `, "clientId": "c", "clientSecret": "CANARYs", "registrationExpiresAt": "2026-09-01T00:00:00Z", "refreshToken": "CANARYr1"`

func TestSSO(t *testing.T) {
	for _, c := range []struct {
		name, profile, token string
		asked                string
		want                 string // error
	}{
		{"signed in", "dev", ssoToken("tok", "2026-07-01T20:00:00Z", refreshable), "/federation/credentials?account_id=123456789012&role_name=Admin+Role tok", ""},
		{"legacy form, old time format", "old", ssoToken("tok", "2026-07-01T20:00:00UTC"), "/federation/credentials?account_id=123456789012&role_name=Reader tok", ""},
		{"renewed before its end", "dev", ssoToken("tok", "2026-07-01T12:10:00Z", refreshable),
			`{"clientId":"c","clientSecret":"CANARYs","grantType":"refresh_token","refreshToken":"CANARYr1"}|/federation/credentials?account_id=123456789012&role_name=Admin+Role new`, ""},
		{"renewed after its end", "dev", ssoToken("tok", "2026-07-01T11:00:00Z", refreshable),
			`{"clientId":"c","clientSecret":"CANARYs","grantType":"refresh_token","refreshToken":"CANARYr1"}|/federation/credentials?account_id=123456789012&role_name=Admin+Role new`, ""},
		{"expired, and the registration too", "dev", ssoToken("tok", "2026-07-01T11:00:00Z", strings.Replace(refreshable, "2026-09", "2026-06", 1)), "", `profile "dev": SSO: the sign-in expired at 2026-07-01T11:00:00Z`},
		{"expired without a refresh token", "dev", ssoToken("tok", "2026-07-01T11:00:00Z"), "", `profile "dev": SSO: the sign-in expired at 2026-07-01T11:00:00Z`},
		{"the legacy form is never renewed", "old", ssoToken("tok", "2026-07-01T11:00:00Z", refreshable), "", `profile "old": SSO: the sign-in expired at 2026-07-01T11:00:00Z`},
		{"nobody signed in", "dev", "", "", `profile "dev": SSO: nobody is signed in`},
		{"broken file", "dev", `{"accessToken": "CANARY`, "", `profile "dev": SSO: nobody is signed in`},
		{"no token in the file", "dev", `{"expiresAt": "2026-07-01T20:00:00Z"}`, "", `profile "dev": SSO: nobody is signed in`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newIdentityCenter(t)
			w := newWorld(t, ssoConfig, "", "AWS_ENDPOINT_URL_SSO="+s.URL+"/", "AWS_ENDPOINT_URL_SSO_OIDC="+s.URL)
			w.Profile = c.profile
			session := "My Corp"
			if c.profile == "old" {
				session = "https://corp.awsapps.com/start"
			}
			w.write(cacheFile(session), c.token)
			got, err := w.get()
			if asked := strings.Join(s.asked, "|"); asked != c.asked {
				t.Errorf("asked %q, want %q", asked, c.asked)
			}
			if c.want != "" {
				w.refused(err, NeedsPerson, c.want)
				if hint := err.(*Error).Advice; hint != "aws sso login --profile "+c.profile {
					t.Errorf("hint %q", hint)
				}
				return
			}
			if err != nil || got.AccessKeyID != "ASIASSO" || got.AccountID != "123456789012" || !got.Expires.Equal(now.Add(time.Hour)) {
				t.Errorf("credentials %+v, %v", got, err)
			}
		})
	}
}

// The AWS CLI goes on with what is written: its own form, 0600, nothing left behind.
func TestRenewedSignInIsKeptAsTheCLIWritesIt(t *testing.T) {
	s := newIdentityCenter(t)
	w := newWorld(t, ssoConfig, "", "AWS_ENDPOINT_URL="+s.URL)
	w.Profile = "dev"
	path := w.write(cacheFile("My Corp"), ssoToken("tok", "2026-07-01T11:00:00Z", refreshable))
	if _, err := w.get(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	want := `{"startUrl": "https://corp.awsapps.com/start", "region": "eu-central-1", "accessToken": "new", "expiresAt": "2026-07-01T20:00:00Z", "clientId": "c", "clientSecret": "CANARYs", "registrationExpiresAt": "2026-09-01T00:00:00Z", "refreshToken": "CANARYr2"}`
	if err != nil || string(text) != want {
		t.Errorf("file %s, %v\nwant %s", text, err, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if all, _ := os.ReadDir(filepath.Dir(path)); len(all) != 1 {
		t.Errorf("left behind: %v", all)
	}
}

func TestTwoWhoRenewMakeOneToken(t *testing.T) {
	s := newIdentityCenter(t)
	w := newWorld(t, ssoConfig, "", "AWS_ENDPOINT_URL="+s.URL)
	w.Profile = "dev"
	w.write(cacheFile("My Corp"), ssoToken("tok", "2026-07-01T11:00:00Z", refreshable))
	var lock sync.Mutex
	w.Lock = func(_ context.Context, name string) (func(), error) {
		if name != "sso-"+filepath.Base(cacheFile("My Corp")) {
			t.Errorf("locked %q", name)
		}
		lock.Lock()
		return lock.Unlock, nil
	}
	plans := []Plan{w.plan(), w.plan(), w.plan()} // all have seen the old token
	var all sync.WaitGroup
	for _, p := range plans {
		all.Go(func() {
			if _, err := p.Credentials(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	made := 0
	for _, a := range s.asked {
		if strings.HasPrefix(a, "{") {
			made++
		} else if !strings.HasSuffix(a, " new") {
			t.Errorf("asked with the old token: %s", a)
		}
	}
	if made != 1 {
		t.Errorf("%d CreateToken, want 1", made)
	}
}

func TestSSORefusals(t *testing.T) {
	status := func(n int, code, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			if code != "" {
				w.Header().Set("x-amzn-ErrorType", code+":http://internal.amazon.com/coral/")
			}
			w.WriteHeader(n)
			io.WriteString(w, body)
		}
	}
	valid, ends := ssoToken("tok", "2026-07-01T20:00:00Z", refreshable), ssoToken("tok", "2026-07-01T11:00:00Z", refreshable)
	for _, c := range []struct {
		name, token  string
		portal, oidc func(http.ResponseWriter)
		reason       Reason
		want         string
	}{
		{"signed out elsewhere", valid, status(401, "UnauthorizedException", `{"message":"Session token not found or invalid"}`), nil, NeedsPerson, `profile "dev": SSO: AWS refuses the sign-in: it ended, or was made for another start URL`},
		{"refused without words", valid, status(401, "", ``), nil, NeedsPerson, `profile "dev": SSO: AWS refuses the sign-in: it ended, or was made for another start URL`},
		{"no such role", valid, status(403, "ForbiddenException", `{"message":"No access\u001b[31m"}`), nil, Failed, "profile \"dev\": GetRoleCredentials: ForbiddenException: No access\ufffd[31m"},
		{"throttled", valid, status(429, "TooManyRequestsException", `{}`), nil, Temporary, `profile "dev": GetRoleCredentials: TooManyRequestsException`},
		{"trouble", valid, status(503, "", `<html>`), nil, Temporary, `profile "dev": GetRoleCredentials: HTTP status 503`},
		{"portal of a hotel", valid, status(200, "", `<html>CANARY`), nil, Failed, `profile "dev": GetRoleCredentials: the answer has no complete credentials`},
		{"too much", valid, status(200, "", `{"roleCredentials":{"accessKeyId":"a","secretAccessKey":"b","sessionToken":"c","expiration":9999999999999},"x":"`+strings.Repeat("x", 1<<20)+`"}`), nil, Failed, `profile "dev": GetRoleCredentials: the answer has no complete credentials`},
		{"not renewed", ends, nil, status(400, "", `{"error":"invalid_grant","error_description":"CANARY"}`), NeedsPerson, `profile "dev": SSO: the sign-in ended and AWS does not renew it: invalid_grant`},
		{"not renewed now", ends, nil, status(500, "InternalServerException", `{}`), Temporary, `profile "dev": SSO: CreateToken: HTTP status 500`},
		{"nothing renewed", ends, nil, status(200, "", `{"accessToken":"","expiresIn":1}`), Failed, `profile "dev": SSO: CreateToken: the answer has no token`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newIdentityCenter(t)
			if c.portal != nil {
				s.portal = c.portal
			}
			if c.oidc != nil {
				s.oidc = c.oidc
			}
			w := newWorld(t, ssoConfig, "", "AWS_ENDPOINT_URL="+s.URL)
			w.Profile = "dev"
			path := w.write(cacheFile("My Corp"), c.token)
			_, err := w.get()
			w.refused(err, c.reason, c.want)
			if text, _ := os.ReadFile(path); string(text) != c.token {
				t.Errorf("the token's file changed: %s", text)
			}
			if all, _ := os.ReadDir(filepath.Dir(path)); len(all) != 1 {
				t.Errorf("left behind: %v", all)
			}
		})
	}
}

// A sign-in that still holds serves while it cannot be renewed.
func TestSignInThatHoldsServesWithoutRenewal(t *testing.T) {
	s := newIdentityCenter(t)
	s.oidc = func(w http.ResponseWriter) { w.WriteHeader(500) }
	w := newWorld(t, ssoConfig, "", "AWS_ENDPOINT_URL="+s.URL)
	w.Profile = "dev"
	w.write(cacheFile("My Corp"), ssoToken("tok", "2026-07-01T12:05:00Z", refreshable))
	if got, err := w.get(); err != nil || got.AccessKeyID != "ASIASSO" {
		t.Errorf("credentials %q, %v", got.AccessKeyID, err)
	}
}

// stalling never answers CreateToken.
type stalling struct{}

func (stalling) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/token") {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	body := `{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"s","sessionToken":"t","expiration":9999999999999}}`
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// Nor does it take the time of what comes after it.
func TestSignInThatHoldsIsRenewedInHaste(t *testing.T) {
	w := newWorld(t, ssoConfig, "")
	w.Profile = "dev"
	w.write(cacheFile("My Corp"), ssoToken("tok", "2026-07-01T12:05:00Z", refreshable))
	synctest.Test(t, func(t *testing.T) {
		w.t, w.HTTP = t, &http.Client{Transport: stalling{}}
		began := time.Now()
		if got, err := w.get(); err != nil || got.AccessKeyID != "ASIASSO" || time.Since(began) > haste {
			t.Errorf("credentials %q, %v after %v", got.AccessKeyID, err, time.Since(began))
		}
	})
}

func TestSSONetworkDown(t *testing.T) {
	s := newIdentityCenter(t)
	w := newWorld(t, ssoConfig, "", "AWS_ENDPOINT_URL="+s.URL)
	w.Profile = "dev"
	w.write(cacheFile("My Corp"), ssoToken("tok", "2026-07-01T20:00:00Z"))
	s.Close()
	_, err := w.get()
	w.refused(err, Temporary, `profile "dev": GetRoleCredentials: connection refused`)
}

func TestSSOConfiguration(t *testing.T) {
	for _, c := range []struct{ config, want string }{
		{"[default]\nsso_role_name = r\n", `profile "default": it uses SSO and has no sso_start_url`},
		{"[default]\nsso_account_id = 1\nsso_session = s\n", `profile "default": its sso_session "s" does not exist`},
		{"[default]\nsso_account_id = 1\nsso_role_name = r\nsso_session = s\n[sso-session s]\nsso_region = x\n", `sso-session "s" has no sso_start_url`},
		{"[default]\nsso_account_id = 1\nsso_role_name = r\nsso_session = s\nsso_region = eu-west-1\n[sso-session s]\nsso_region = x\nsso_start_url = u\n", `profile "default": its sso_region is not that of sso-session "s"`},
		{"[default]\nsso_account_id = 1\nsso_role_name = r\nsso_start_url = u\nsso_region = evil.com/\n", `profile "default": sso_region "evil.com/" is not a region`},
	} {
		w := newWorld(t, c.config, "")
		_, err := w.get()
		w.refused(err, Misconfigured, c.want)
	}
}

func TestIdentityCenterEndpoints(t *testing.T) {
	for _, c := range []struct{ env, region, want string }{
		{"", "eu-central-1", "https://portal.sso.eu-central-1.amazonaws.com"},
		{"", "cn-north-1", "https://portal.sso.cn-north-1.amazonaws.com.cn"},
		{"", "eusc-de-east-1", "https://portal.sso.eusc-de-east-1.amazonaws.eu"},
		{"AWS_USE_FIPS_ENDPOINT=true", "us-east-1", "https://portal.sso-fips.us-east-1.amazonaws.com"},
		{"AWS_USE_FIPS_ENDPOINT=true", "us-gov-west-1", "https://portal.sso.us-gov-west-1.amazonaws.com"},
		{"AWS_USE_DUALSTACK_ENDPOINT=True", "us-east-1", "https://portal.sso.us-east-1.api.aws"},
	} {
		f := &finder{env: variables([]string{c.env})}
		if got := f.identityCenter("portal.sso", c.region); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.env, c.region, got, c.want)
		}
	}
}

func FuzzTokenFile(f *testing.F) {
	f.Add([]byte(ssoToken("tok", "2026-07-01T20:00:00Z", refreshable)))
	f.Add([]byte(`{"accessToken": "a\\\"b", "expiresAt": "2026-07-01T20:00:00UTC"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		token, ok := parseToken(text)
		if !ok {
			return
		}
		plainly, err := json.Marshal(token)
		if err != nil {
			t.Fatal(err)
		}
		again, ok := parseToken(spaced(plainly))
		if !ok || again != token {
			t.Errorf("written as %s, which reads as %+v", spaced(plainly), again)
		}
	})
}
