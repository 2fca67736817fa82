package ambient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/owned"
)

// refreshWindow is how long before its end a sign-in is renewed (botocore
// tokens.py, SSOTokenProvider._REFRESH_WINDOW).
const refreshWindow = 15 * time.Minute

// haste is how long the renewal of a sign-in that is still good is waited for: what
// comes of that has to be had in the same call.
const haste = 6 * time.Second

// token is the file in which `aws sso login` keeps a sign-in, with its members in
// the order in which botocore writes them.
type token struct {
	StartURL              string `json:"startUrl"`
	Region                string `json:"region"`
	AccessToken           string `json:"accessToken"`
	ExpiresAt             string `json:"expiresAt"`
	ClientID              string `json:"clientId,omitempty"`
	ClientSecret          string `json:"clientSecret,omitempty"`
	RegistrationExpiresAt string `json:"registrationExpiresAt,omitempty"`
	RefreshToken          string `json:"refreshToken,omitempty"`

	expires time.Time
}

// readTokenFile returns nil for a file that does not exist.
func readTokenFile(path string) ([]byte, error) {
	text, err := awsconfig.ReadRegular(path, maxAnswer)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// parseToken reads a token file; false if it has no sign-in.
func parseToken(text []byte) (token, bool) {
	var t token
	if json.Unmarshal(text, &t) != nil || t.AccessToken == "" || !ascii(t.AccessToken) {
		return token{}, false
	}
	var ok bool
	t.expires, ok = parseTime(t.ExpiresAt)
	return t, ok
}

// refreshable reports whether a new token can be had with t.
func (t token) refreshable(now time.Time) bool {
	until, ok := parseTime(t.RegistrationExpiresAt)
	return ok && until.After(now) && t.RefreshToken != "" && t.ClientID != "" && t.ClientSecret != ""
}

// token returns a sign-in that is valid, renewed if it ends soon. Only that of an
// sso-session can be renewed.
func (s sso) token(ctx context.Context, f *finder) (token, error) {
	t, err := s.valid(f.Now(), s.text)
	if s.session == "" || err == nil && t.expires.Sub(f.Now()) >= refreshWindow || !t.refreshable(f.Now()) {
		return t, err
	}
	if err == nil { // there is another one to go on with
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, haste)
		defer cancel()
	}
	renewed, cause := s.refresh(ctx, f)
	switch {
	case cause == nil:
		return renewed, nil
	case err == nil: // the old one is still good
		return t, nil
	}
	return token{}, cause
}

// valid returns the sign-in in text; with an error what can be told of it.
func (s sso) valid(now time.Time, text []byte) (token, error) {
	if s.path == "" {
		return token{}, misconfigured(of(s.profile)+": SSO: there is no home directory, and the sign-in is kept there", "set HOME")
	}
	if s.err != nil {
		return token{}, &Error{Reason: Misconfigured, Text: clean(of(s.profile) + ": SSO: " + s.err.Error()), Advice: "see that this user may read it", Err: s.err}
	}
	t, ok := parseToken(text)
	switch {
	case !ok:
		return token{}, s.notSignedIn("nobody is signed in")
	case !t.expires.After(now):
		return t, s.notSignedIn("the sign-in expired at " + t.expires.Format(time.RFC3339))
	}
	return t, nil
}

// refresh gets a new sign-in for the one in the file and puts it there, where the
// AWS CLI goes on with it. Of several processes one does so and the others take
// what it wrote.
func (s sso) refresh(ctx context.Context, f *finder) (token, error) {
	if f.Lock != nil {
		unlock, err := f.Lock(ctx, "sso-"+filepath.Base(s.path))
		if err != nil {
			return token{}, err
		}
		defer unlock()
	}
	text, err := readTokenFile(s.path)
	if err != nil {
		return token{}, err
	}
	t, err := s.valid(f.Now(), text)
	switch {
	case err == nil && t.expires.Sub(f.Now()) >= refreshWindow:
		return t, nil
	case !t.refreshable(f.Now()):
		return t, err
	}
	// What cannot be kept must not be asked for: the old refresh token may die with it.
	file, err := newTokenFile(s.path)
	if err != nil {
		return token{}, &Error{Reason: NeedsPerson, Text: clean(of(s.profile) + ": SSO: the sign-in cannot be renewed: " + err.Error()), Advice: s.login(), Err: err}
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if t, err = s.createToken(ctx, f, t); err != nil {
		return token{}, err
	}
	return t, keepToken(file, s.path, t)
}

// createToken is CreateToken of the sso-oidc service.
// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
func (s sso) createToken(ctx context.Context, f *finder, t token) (token, error) {
	what := of(s.profile) + ": SSO: CreateToken"
	body, err := json.Marshal(map[string]string{"grantType": "refresh_token", "clientId": t.ClientID, "clientSecret": t.ClientSecret, "refreshToken": t.RefreshToken})
	if err != nil {
		return token{}, err
	}
	a, err := f.persist(ctx, 300*time.Millisecond, func(ctx context.Context) (answer, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.registration+"/token", bytes.NewReader(body))
		if err != nil {
			return answer{}, err
		}
		r.Header.Set("Content-Type", "application/json")
		return fetch(staying(f.HTTP, 0), r)
	})
	switch {
	case err != nil:
		return token{}, unreachable(what, err)
	case a.status >= http.StatusInternalServerError || a.status == http.StatusTooManyRequests:
		return token{}, &Error{Reason: Temporary, Text: fmt.Sprintf("%s: HTTP status %d", what, a.status), Advice: "AWS asks to call again later"}
	case a.status != http.StatusOK:
		code, _ := a.awsError()
		return token{}, s.notSignedIn("the sign-in ended and AWS does not renew it: " + clean(code))
	}
	var got struct {
		AccessToken  string `json:"accessToken"`
		RefreshToken string `json:"refreshToken"`
		ExpiresIn    int64  `json:"expiresIn"`
	}
	if json.Unmarshal(a.body, &got) != nil || got.AccessToken == "" || !ascii(got.AccessToken) || got.ExpiresIn <= 0 {
		return token{}, &Error{Text: what + ": the answer has no token", Advice: "look for a proxy or a wrong endpoint (AWS_ENDPOINT_URL_SSO_OIDC)"}
	}
	t.StartURL, t.Region = s.startURL, s.region
	t.AccessToken = got.AccessToken
	t.expires = f.Now().Add(time.Duration(min(got.ExpiresIn, 1<<31)) * time.Second).UTC().Truncate(time.Second)
	t.ExpiresAt = t.expires.Format(time.RFC3339)
	if got.RefreshToken != "" { // else the old one holds (RFC 6749, 6)
		t.RefreshToken = got.RefreshToken
	}
	return t, nil
}

// newTokenFile makes, beside path, the file that is to replace it: 0600.
func newTokenFile(path string) (*os.File, error) {
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	if err := owned.Check(dir); err != nil {
		return nil, err
	}
	return os.CreateTemp(dir, "*.tmp")
}

// keepToken writes t as botocore does, with a blank after each colon and comma.
func keepToken(file *os.File, path string, t token) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { _, err := file.Write(spaced(text)); return err },
		file.Sync, file.Close,
		func() error { return os.Rename(file.Name(), path) },
	} {
		if err := step(); err != nil {
			return &Error{Text: clean("SSO: the renewed sign-in cannot be kept: " + err.Error()), Advice: "sign in again with `aws sso login`", Err: err}
		}
	}
	return nil
}

// spaced adds the blanks that Python's json.dumps writes.
func spaced(text []byte) []byte {
	var out []byte
	quoted := false
	for i, c := range text {
		out = append(out, c)
		switch {
		case c == '"' && !escaped(text[:i]):
			quoted = !quoted
		case !quoted && (c == ':' || c == ','):
			out = append(out, ' ')
		}
	}
	return out
}

// escaped reports whether what follows text is escaped by a backslash.
func escaped(text []byte) bool {
	n := len(text)
	for n > 0 && text[n-1] == '\\' {
		n--
	}
	return (len(text)-n)%2 == 1
}
