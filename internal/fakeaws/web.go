package fakeaws

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

const webIdentity = "AssumeRoleWithWebIdentity"

// claims are what the server reads of a token. It checks no signature.
type claims struct {
	Issuer   string  `json:"iss"`
	Subject  string  `json:"sub"`
	Audience any     `json:"aud"`
	Expires  float64 `json:"exp"`
}

// WebIdentityToken returns an unsigned JSON web token of issuer, a host, for
// subject, that expires then.
func WebIdentityToken(issuer, subject string, expires time.Time) string {
	part := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			panic("fakeaws: " + err.Error())
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	body := map[string]any{"iss": "https://" + issuer, "sub": subject, "aud": "sts.amazonaws.com", "exp": expires.Unix(), "jti": base64.RawURLEncoding.EncodeToString(random(9))}
	return part(map[string]string{"alg": "none"}) + "." + part(body) + "." + base64.RawURLEncoding.EncodeToString(random(32))
}

// assumeRoleWithWebIdentity is the one action that needs no signature.
func (s *Server) assumeRoleWithWebIdentity(c *call) (any, *refusal) {
	f := form{Values: c.params}
	arn := f.required("RoleArn", 20, 2048, nil)
	session := f.required("RoleSessionName", 2, 64, namePattern)
	token := f.required("WebIdentityToken", 4, 20000, nil)
	lifetime, shape := f.duration(time.Hour, roleMaximum), f.shape()
	if refused := f.refusal(); refused != nil {
		return nil, refused
	}
	who, refused := readToken(token, c.now)
	if refused != nil {
		return nil, refused
	}
	id, refused := roleSession(arn, session)
	if refused != nil {
		return nil, refused
	}
	packed, refused := shape.packed()
	if refused != nil {
		return nil, refused
	}
	if refused := shape.apply(&id, Identity{}); refused != nil {
		return nil, refused
	}
	s.mu.Lock()
	role, known := s.roles[arn]
	s.mu.Unlock()
	provider := "arn:aws:iam::" + id.Account + ":oidc-provider/" + strings.TrimPrefix(who.Issuer, "https://")
	switch {
	case !known, len(role.Trusts) > 0 && !slices.Contains(role.Trusts, provider):
		return nil, accessDenied("Not authorized to perform sts:%s", webIdentity)
	case lifetime > role.MaxSession:
		return nil, refuse(http.StatusBadRequest, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	r := roleResult(s.issue(c, id, lifetime), packed)
	r.Subject, r.Provider = who.Subject, provider
	return r, nil
}

func readToken(token string, now time.Time) (claims, *refusal) {
	var who claims
	parts := strings.Split(token, ".")
	if len(parts) == 3 {
		// Of what does not decode nothing is read.
		text, _ := base64.RawURLEncoding.DecodeString(parts[1])
		_ = json.Unmarshal(text, &who)
	}
	switch expires := int64(who.Expires); {
	case who.Issuer == "" || who.Subject == "":
		return who, refuse(http.StatusBadRequest, "InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	case now.Unix() >= expires:
		return who, refuse(http.StatusBadRequest, "ExpiredTokenException", "Token expired: current date/time %d must be before the expiration date/time %d", now.Unix(), expires)
	}
	return who, nil
}
