package ambient

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"aws-connector/internal/plain"
	"aws-connector/internal/secret"
)

// sso is a role of IAM Identity Center, for whoever signed in with `aws sso login`.
type sso struct {
	profile              string
	session              string // of the sso-session section; "" in the form without one
	startURL, region     string
	account, role        string
	portal, registration string // the two services' endpoints
	path                 string // of the token's file, "" without a home directory
	text                 []byte // what was in it
	err                  error  // why it could not be read
}

func (s sso) words() string {
	return fmt.Sprintf("%s: SSO, role %s in account %s", of(s.profile), clean(s.role), clean(s.account))
}

func (s sso) origin() source { return s }

func (s sso) identity(d *digest) {
	d.add("sso", s.session, s.startURL, s.region, s.account, s.role, s.portal, s.registration, s.path, string(s.text))
}

// sso is botocore's SSOProvider.
func (f *finder) sso(profile string) (source, error) {
	p, err := f.options(profile, "sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name")
	if err != nil {
		return nil, err
	}
	_, role := p["sso_role_name"]
	_, account := p["sso_account_id"]
	if !role && !account {
		return nil, nil
	}
	name, inSession := p["sso_session"]
	if inSession {
		if err := f.ssoSession(profile, name, p); err != nil {
			return nil, err
		}
	}
	for _, key := range []string{"sso_start_url", "sso_region", "sso_role_name", "sso_account_id"} {
		if p[key] == "" {
			return nil, misconfigured(fmt.Sprintf("%s: it uses SSO and has no %s", of(profile), key), "run `aws configure sso --profile "+profile+"`")
		}
	}
	if !isRegion(p["sso_region"]) {
		return nil, misconfigured(fmt.Sprintf("%s: sso_region %q is not a region", of(profile), clean(p["sso_region"])), "write it as eu-central-1")
	}
	s := sso{profile: profile, session: name, startURL: p["sso_start_url"], region: p["sso_region"], account: p["sso_account_id"], role: p["sso_role_name"]}
	if s.portal, err = f.ssoEndpoint("sso", "portal.sso", s.region); err != nil {
		return nil, err
	}
	if s.registration, err = f.ssoEndpoint("sso_oidc", "oidc", s.region); err != nil {
		return nil, err
	}
	key := s.startURL
	if inSession {
		key = name
	}
	sum := sha1.Sum([]byte(key)) // the AWS CLI's name for the file
	if s.path = f.inHome(".aws", "sso", "cache", hex.EncodeToString(sum[:])+".json"); s.path != "" {
		s.text, s.err = readTokenFile(s.path)
	}
	return s, nil
}

// ssoSession adds to a profile's options those of its sso-session. The two may
// say the same thing, and not different things.
func (f *finder) ssoSession(profile, name string, p map[string]string) error {
	session, ok := f.files.Sessions[name]
	if !ok {
		return misconfigured(fmt.Sprintf("%s: its sso_session %q does not exist", of(profile), name), "run `aws configure sso --profile "+profile+"`, or correct sso_session")
	}
	for _, key := range []string{"sso_start_url", "sso_region"} {
		v, ok := session.Text(key)
		if !ok {
			return misconfigured(fmt.Sprintf("sso-session %q has no %s", name, key), "run `aws configure sso-session`")
		}
		if own, ok := p[key]; ok && own != v {
			return misconfigured(fmt.Sprintf("%s: its %s is not that of sso-session %q", of(profile), key, name), "take the line out of the profile")
		}
		p[key] = v
	}
	for _, key := range []string{"sso_account_id", "sso_role_name"} {
		v, ok := session.Text(key)
		own, has := p[key]
		if ok && has && own != v {
			return misconfigured(fmt.Sprintf("%s: its %s is not that of sso-session %q", of(profile), key, name), "take the line out of the sso-session")
		}
		if ok {
			p[key] = v
		}
	}
	return nil
}

func (f *finder) ssoEndpoint(service, host, region string) (string, error) {
	u, err := f.endpoint(service)
	if err != nil {
		return "", err
	}
	if u == "" {
		u = f.identityCenter(host, region)
	}
	return strings.TrimRight(u, "/"), nil
}

func (s sso) credentials(ctx context.Context, f *finder) (Credentials, error) {
	t, err := s.token(ctx, f)
	if err != nil {
		return Credentials{}, err
	}
	what := of(s.profile) + ": GetRoleCredentials"
	target := s.portal + "/federation/credentials?" + url.Values{"role_name": {s.role}, "account_id": {s.account}}.Encode()
	a, err := f.persist(ctx, 300*time.Millisecond, func(ctx context.Context) (answer, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
		if err != nil {
			return answer{}, err
		}
		r.Header.Set("x-amz-sso_bearer_token", t.AccessToken)
		return fetch(staying(f.HTTP, 0), r)
	})
	if err != nil {
		return Credentials{}, unreachable(what, err)
	}
	if a.status != http.StatusOK {
		return Credentials{}, s.refused(what, a)
	}
	var got struct {
		RoleCredentials struct {
			AccessKeyID     string `json:"accessKeyId"`
			SecretAccessKey string `json:"secretAccessKey"`
			SessionToken    string `json:"sessionToken"`
			Expiration      int64  `json:"expiration"` // milliseconds
		} `json:"roleCredentials"`
	}
	if json.Unmarshal(a.body, &got) != nil || got.RoleCredentials.SessionToken == "" || got.RoleCredentials.Expiration <= 0 {
		return Credentials{}, &Error{Text: what + ": the answer has no complete credentials", Advice: "look for a proxy, a captive portal or a wrong endpoint (AWS_ENDPOINT_URL_SSO)"}
	}
	c := got.RoleCredentials
	return Credentials{AccessKeyID: c.AccessKeyID, Secret: secret.New(c.SecretAccessKey), Token: secret.New(c.SessionToken),
		AccountID: account(s.account), Expires: time.UnixMilli(c.Expiration)}, nil
}

// refused says why Identity Center gave no credentials.
func (s sso) refused(what string, a answer) error {
	code, message := a.awsError()
	said := fmt.Sprintf("%s: HTTP status %d", what, a.status)
	if code != "" || message != "" {
		said = what + ": " + clean(strings.Trim(code+": "+message, ": "))
	}
	switch {
	case a.status < http.StatusInternalServerError && (plain.IsPage(a.body) || a.status < http.StatusBadRequest):
		said = fmt.Sprintf("%s: HTTP status %d, not an answer of AWS", what, a.status)
		if plain.IsPage(a.body) {
			said = fmt.Sprintf("%s: HTTP status %d with a web page%s, not an answer of AWS", what, a.status, plain.Title(a.body))
		}
		return &Error{Text: said, Advice: "if this network has a page to sign in on, sign in there with a browser; else look for a proxy, or a wrong endpoint (AWS_ENDPOINT_URL_SSO)"}
	case a.status == http.StatusUnauthorized || code == "UnauthorizedException":
		return s.notSignedIn("AWS refuses the sign-in: it ended, or was made for another start URL")
	case a.status == http.StatusTooManyRequests || a.status >= http.StatusInternalServerError:
		return &Error{Reason: Temporary, Text: said, Advice: "AWS asks to call again later"}
	case a.status == http.StatusForbidden || a.status == http.StatusNotFound:
		return &Error{Text: said, Advice: fmt.Sprintf("whoever signed in may have no role %s in account %s: see sso_role_name and sso_account_id", clean(s.role), clean(s.account))}
	}
	return &Error{Text: said}
}

// notSignedIn is the error of a person who must sign in.
func (s sso) notSignedIn(why string) error {
	return &Error{Reason: NeedsPerson, Text: of(s.profile) + ": SSO: " + why, Advice: s.login()}
}

// login is the command that signs in.
func (s sso) login() string {
	if s.session != "" && strings.ContainsAny(s.profile, " '\"\\$`") {
		return clean("aws sso login --sso-session '" + s.session + "'")
	}
	return clean("aws sso login --profile " + s.profile)
}

// awsError returns the code and message of an error of AWS's JSON services; ""
// for what is missing. A code may come with a namespace before and a URL after it.
func (a answer) awsError() (code, message string) {
	var e struct {
		Type    string `json:"__type"`
		Code    string `json:"code"`
		Error   string `json:"error"`
		Message string `json:"message"`
		Text    string `json:"error_description"`
	}
	_ = json.Unmarshal(a.body, &e) // anything else has neither
	code = first(a.header.Get("X-Amzn-Errortype"), e.Type, e.Code, e.Error)
	code, _, _ = strings.Cut(code, ":")
	if i := strings.LastIndexByte(code, '#'); i >= 0 {
		code = code[i+1:]
	}
	return code, first(e.Message, e.Text)
}

func first(values ...string) string {
	i := slices.IndexFunc(values, func(s string) bool { return s != "" })
	if i < 0 {
		return ""
	}
	return values[i]
}
