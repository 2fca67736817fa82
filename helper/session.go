package helper

import (
	"encoding/json"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/connector"
	"aws-connector/internal/secret"
)

// maxTolerance is the automatic tolerance of a long session: botocore and the
// AWS SDK for .NET ask again for every request once less than 900 s are left,
// and a session must still have that much when their request ends.
const maxTolerance = 1020 * time.Second

// storedTolerance is the automatic tolerance of credentials that were stored
// and cannot be renewed (auth_method sts-token).
const storedTolerance = 300 * time.Second

// session is a set of credentials with what its freshness depends on.
type session struct {
	Connector string
	Key       string // the keystore's name; empty where the environment gave the credentials
	ID        string
	Secret    secret.Text
	Token     secret.Text
	AccountID string
	ARN       string // who it is, where AWS told
	Issued    time.Time
	Expires   time.Time // zero: never

	cached bool // it was in the cache
}

// sessionEntry is a session in the cache.
type sessionEntry struct {
	owner
	ID        string `json:"id"`
	Secret    string `json:"secret"`
	Token     string `json:"token"`
	AccountID string `json:"account,omitempty"`
	ARN       string `json:"arn,omitempty"`
	Issued    int64  `json:"issued"`
}

func (s session) credentials() Credentials {
	return Credentials{AccessKeyID: s.ID, AccountID: s.AccountID, SecretAccessKey: s.Secret, SessionToken: s.Token, Expires: s.Expires}
}

func (s session) left(now time.Time) time.Duration { return s.Expires.Sub(now) }

// fresh reports whether s may be handed out without asking AWS for a new one.
func (s session) fresh(c connector.Connector, now time.Time) bool {
	return s.left(now) > s.tolerance(c)
}

func (s session) tolerance(c connector.Connector) time.Duration {
	switch {
	case c.SkewTolerance != nil:
		return *c.SkewTolerance
	case c.Method == connector.STSToken:
		return storedTolerance
	}
	return max(0, min(maxTolerance, s.Expires.Sub(s.Issued)/2))
}

// slot is where the cache keeps the session of c. Its name holds everything
// that shapes the session, so that an edited connector is a miss.
func (h *Helper) slot(c connector.Connector) cache.Slot {
	parts := []string{c.Fingerprint(), h.Env.fingerprint(c)}
	return h.Cache.Slot(c.Name + "-" + digest(parts...))
}

// sessionIn returns the session in an entry; false if it holds something else.
func sessionIn(e cache.Entry) (session, bool) {
	var v sessionEntry
	if err := json.Unmarshal(e.Data, &v); err != nil || v.ID == "" || v.Secret == "" || v.Token == "" {
		return session{}, false
	}
	return session{
		Connector: v.Connector, Key: v.Key, ID: v.ID, Secret: secret.New(v.Secret), Token: secret.New(v.Token),
		AccountID: v.AccountID, ARN: v.ARN, Issued: time.Unix(v.Issued, 0).UTC(), Expires: e.Expires,
	}, true
}

// entry is the inverse of sessionIn, for connectors of file. Only what dies by
// itself may lie on a disk.
func (s session) entry(file string) (cache.Entry, bool) {
	if s.Expires.IsZero() || s.Token.Empty() {
		return cache.Entry{}, false
	}
	data, err := json.Marshal(sessionEntry{
		owner: owner{File: file, Connector: s.Connector, Key: s.Key}, ID: s.ID, Secret: s.Secret.Reveal(), Token: s.Token.Reveal(),
		AccountID: s.AccountID, ARN: s.ARN, Issued: s.Issued.Unix(),
	})
	return cache.Entry{Expires: s.Expires, Data: data}, err == nil
}
