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

// foreignLife is how long a session of a foreign source is handed out unasked.
const foreignLife = 5 * time.Minute

// session is a set of credentials with what its freshness depends on.
type session struct {
	Connector string
	Key       string // the keystore's name; empty where the environment gave the credentials
	ID        string
	Secret    secret.Text
	Token     secret.Text
	Device    string // of the MFA code, where it is an MFA session
	AccountID string
	ARN       string // who it is, where AWS told
	Issued    time.Time
	Expires   time.Time // zero: never
	// Foreign means that its source may answer as somebody else at any time, that
	// nothing here tells so, and that asking again costs nothing.
	Foreign bool

	cached bool        // it was in the cache
	kept   cache.Entry // where it was
	// web is a token that stands for somebody instead of the credentials.
	web secret.Text
	// narrowed is what the call that it is for was narrowed to.
	narrowed connector.Narrowing
	// unkept means that what its slot is named after changed while it was made.
	unkept bool
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
	Foreign   bool   `json:"foreign,omitempty"`
}

func (s session) credentials() Credentials {
	return Credentials{AccessKeyID: s.ID, AccountID: s.AccountID, SecretAccessKey: s.Secret, SessionToken: s.Token, Expires: s.Expires}
}

// fresh reports whether s may be handed out without asking AWS for a new one.
func (s session) fresh(c connector.Connector, now time.Time) bool {
	return now.Before(s.renewed(c))
}

// renewed is when s is no longer fresh.
func (s session) renewed(c connector.Connector) time.Time {
	at := s.Expires.Add(-s.tolerance(c))
	if aged := s.Issued.Add(foreignLife); s.Foreign && aged.Before(at) {
		return aged
	}
	return at
}

// until is when s, from the cache, is no longer fresh; zero where that is not all
// that decides whether it may be handed out.
func (s session) until(r *call) time.Time {
	if s.Foreign || !r.settled() {
		return time.Time{}
	}
	return s.renewed(r.connector)
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

// slot is where the cache keeps the session that r asks for. Its name holds
// everything that shapes the session, the version of the key and what the connector
// starts from included, so that an edited connector and a replaced key are misses.
func (h *Helper) slot(r *call) cache.Slot {
	return r.cache.Slot(r.connector.Name + "-" + h.identity(r))
}

// sessionIn returns the session in an entry; false if it holds something else.
func sessionIn(e cache.Entry) (session, bool) {
	var v sessionEntry
	if err := json.Unmarshal(e.Data, &v); err != nil || v.ID == "" || v.Secret == "" || v.Token == "" {
		return session{}, false
	}
	return session{
		Connector: v.Connector, Key: v.Key, Device: v.Device, ID: v.ID, Secret: secret.New(v.Secret), Token: secret.New(v.Token),
		AccountID: v.AccountID, ARN: v.ARN, Issued: time.Unix(v.Issued, 0).UTC(), Expires: e.Expires, Foreign: v.Foreign, narrowed: v.Narrowed,
	}, true
}

// entry is the inverse of sessionIn, for connectors of file. Only what dies by
// itself may lie on a disk, and what cannot be handed out is not worth keeping.
func (s session) entry(file string) (cache.Entry, bool) {
	if s.Expires.IsZero() || s.Token.Empty() || s.unkept {
		return cache.Entry{}, false
	}
	if line, err := s.credentials().process(); err != nil || len(line) > processLimit || s.printable() != nil {
		return cache.Entry{}, false
	}
	data, err := json.Marshal(sessionEntry{
		owner: owner{File: file, Connector: s.Connector, Key: s.Key, Device: s.Device, Narrowed: s.narrowed}, ID: s.ID, Secret: s.Secret.Reveal(), Token: s.Token.Reveal(),
		AccountID: s.AccountID, ARN: s.ARN, Issued: s.Issued.Unix(), Foreign: s.Foreign,
	})
	return cache.Entry{Expires: s.Expires, Data: data}, err == nil
}
