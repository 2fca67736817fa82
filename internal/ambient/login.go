package ambient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path/filepath"

	"aws-connector/internal/secret"
)

// login is a session of `aws login`. Its credentials live for 15 minutes; the AWS
// CLI renews them with requests that it signs with a key of its own (DPoP), which
// is not done here.
type login struct {
	profile string
	path    string // of the file with the session, "" without a home directory
	text    []byte
}

func (l login) words() string { return of(l.profile) + ": the session of aws login" }

func (l login) origin() source { return l }

func (l login) identity(d *digest) { d.add("login", l.path, string(l.text)) }

// login is botocore's LoginProvider.
func (f *finder) login(profile string) (source, error) {
	p, err := f.options(profile, "login_session")
	session, ok := p["login_session"]
	if err != nil || !ok {
		return nil, err
	}
	sum := sha256.Sum256([]byte(session))
	name := hex.EncodeToString(sum[:]) + ".json"
	l := login{profile: profile, path: f.inHome(".aws", "login", "cache", name)}
	if dir := f.env["AWS_LOGIN_CACHE_DIRECTORY"]; dir != "" {
		l.path = filepath.Join(f.path(f.expand(dir)), name)
	}
	if l.path != "" {
		if l.text, err = readTokenFile(l.path); err != nil {
			return nil, &Error{Reason: Misconfigured, Text: clean(of(profile) + ": login_session: " + err.Error()), Advice: "see that this user may read it", Err: err}
		}
	}
	return l, nil
}

func (l login) credentials(_ context.Context, f *finder) (Credentials, error) {
	var t struct {
		AccessToken struct {
			AccessKeyID     string `json:"accessKeyId"`
			SecretAccessKey string `json:"secretAccessKey"`
			SessionToken    string `json:"sessionToken"`
			AccountID       string `json:"accountId"`
			ExpiresAt       string `json:"expiresAt"`
		} `json:"accessToken"`
	}
	if json.Unmarshal(l.text, &t) != nil || t.AccessToken.AccessKeyID == "" {
		return Credentials{}, &Error{Reason: NeedsPerson, Text: l.words() + ": nobody is signed in", Advice: "aws login --profile " + clean(l.profile)}
	}
	expires, ok := parseTime(t.AccessToken.ExpiresAt)
	if !ok || !expires.After(f.Now()) {
		return Credentials{}, &Error{Reason: NeedsPerson, Text: l.words() + " must be renewed, which only the AWS CLI can",
			Advice: "run `aws sts get-caller-identity --profile " + clean(l.profile) + "`, or sign in again with `aws login`; credential_process = aws configure export-credentials --profile NAME, in another profile, renews by itself"}
	}
	c := t.AccessToken
	return Credentials{AccessKeyID: c.AccessKeyID, Secret: secret.New(c.SecretAccessKey), Token: secret.New(c.SessionToken), AccountID: account(c.AccountID), Expires: expires}, nil
}
