package fakeaws

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// tokenLifetime is that of every token of ECR.
const tokenLifetime = 12 * time.Hour

// Token is what the password of a registry login stands for.
type Token struct {
	Account string    `json:"account"` // of the caller
	ARN     string    `json:"arn"`     // of the caller, as GetCallerIdentity has it
	Region  string    `json:"region"`
	Service string    `json:"service"` // "ecr" or "ecr-public"
	Expires time.Time `json:"expires"` // whole seconds, UTC
}

// ECRToken returns what a password that GetAuthorizationToken gave out stands
// for, and false if the server does not know it, it has expired or been revoked.
func (s *Server) ECRToken(password string) (Token, bool) { return s.liveToken(digest(password)) }

// RevokeECRTokens ends every token given out so far, of ECR and ECR Public.
func (s *Server) RevokeECRTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// liveToken is ECRToken by the SHA-256 of the password, in hex.
func (s *Server) liveToken(digest string) (Token, bool) {
	now := s.Now()
	s.mu.Lock()
	t, ok := s.tokens[digest]
	s.mu.Unlock()
	if !ok || !now.Before(t.Expires) {
		return Token{}, false
	}
	return t, true
}

func digest(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}

// issueToken makes and remembers a token for the caller.
func (s *Server) issueToken(c *call) authorizationData {
	t := Token{
		Account: c.caller.Account, ARN: c.caller.ARN,
		Region: c.region(), Service: c.service,
		Expires: c.now.Truncate(time.Second).Add(tokenLifetime),
	}
	password := newPassword(t.Expires)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[digest(password)] = t
	return authorizationData{
		Token:     base64.StdEncoding.EncodeToString([]byte("AWS:" + password)),
		ExpiresAt: t.Expires.Unix(),
	}
}

// newPassword returns one in the form and of about the length of AWS's own.
func newPassword(expires time.Time) string {
	text, err := json.Marshal(struct {
		Payload    string `json:"payload"`
		DataKey    string `json:"datakey"`
		Version    string `json:"version"`
		Type       string `json:"type"`
		Expiration int64  `json:"expiration"`
	}{
		Payload: base64.StdEncoding.EncodeToString(random(880)),
		DataKey: base64.StdEncoding.EncodeToString(random(184)),
		Version: "2", Type: "DATA_KEY", Expiration: expires.Unix(),
	})
	if err != nil {
		panic(fmt.Sprintf("fakeaws: %v", err))
	}
	return base64.StdEncoding.EncodeToString(text)
}
