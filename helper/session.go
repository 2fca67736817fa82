package helper

import (
	"context"
	"encoding/json"
	"strings"
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

// entry is a session in the cache.
type entry struct {
	Connector string `json:"connector"`
	Key       string `json:"key,omitempty"`
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
	var v entry
	if err := json.Unmarshal(e.Data, &v); err != nil || v.ID == "" || v.Secret == "" || v.Token == "" {
		return session{}, false
	}
	return session{
		Connector: v.Connector, Key: v.Key, ID: v.ID, Secret: secret.New(v.Secret), Token: secret.New(v.Token),
		AccountID: v.AccountID, ARN: v.ARN, Issued: time.Unix(v.Issued, 0).UTC(), Expires: e.Expires,
	}, true
}

// entry is the inverse of sessionIn. Only what dies by itself may lie on a disk.
func (s session) entry() (cache.Entry, bool) {
	if s.Expires.IsZero() || s.Token.Empty() {
		return cache.Entry{}, false
	}
	data, err := json.Marshal(entry{
		Connector: s.Connector, Key: s.Key, ID: s.ID, Secret: s.Secret.Reveal(), Token: s.Token.Reveal(),
		AccountID: s.AccountID, ARN: s.ARN, Issued: s.Issued.Unix(),
	})
	return cache.Entry{Expires: s.Expires, Data: data}, err == nil
}

// Session is what can be told of a cached session without showing it.
type Session struct {
	Connector   string
	Key         string // empty where the environment gave the credentials
	AccessKeyID string
	AccountID   string // empty where it is not known
	ARN         string // empty where AWS did not tell it
	Expires     time.Time
	// Current reports whether the connector, as it is now, would be answered with it.
	Current bool
}

// Sessions lists the cached sessions that are valid now, by connector.
func (h *Helper) Sessions() ([]Session, error) {
	slots, err := h.slots()
	if err != nil {
		return nil, err
	}
	var all []Session
	for _, slot := range slots {
		e, ok := slot.Get(h.now())
		if !ok {
			continue
		}
		s, ok := sessionIn(e)
		if !ok {
			continue
		}
		c, err := h.Connectors.Lookup(s.Connector)
		current := err == nil && h.slot(c) == slot && s.fresh(c, h.now())
		all = append(all, Session{s.Connector, s.Key, s.ID, s.AccountID, s.ARN, s.Expires, current})
	}
	return all, nil
}

// Clear drops the cached sessions of the connectors named, of all without a
// name, and returns how many there were. A process that is minting one of them
// is waited for until ctx ends.
func (h *Helper) Clear(ctx context.Context, names ...string) (int, error) {
	wanted := map[string]bool{}
	for _, n := range names {
		wanted[n] = true
	}
	return h.drop(ctx, func(o owner) bool { return len(wanted) == 0 || wanted[o.Connector] })
}

// DropKey drops everything made from the key called key, what other processes
// are making with it included: it waits for them until ctx ends.
func (h *Helper) DropKey(ctx context.Context, key string) (int, error) {
	return h.drop(ctx, func(o owner) bool { return !o.known || o.Key == key })
}

// owner is whose an entry of any kind is.
type owner struct {
	Connector string `json:"connector"`
	Key       string `json:"key"`
	known     bool
}

// ownerOf reads who owns what is in slot. Where nothing can be read, which may
// be an entry that is being made, only the connector is known, by the slot's name.
func ownerOf(slot cache.Slot) owner {
	var o owner
	if e, ok := slot.Get(time.Time{}); ok && json.Unmarshal(e.Data, &o) == nil && o.Connector != "" {
		o.known = !isFailure(slot)
		return o
	}
	return owner{Connector: connectorOf(slot)}
}

// drop removes the entries whose owners match, under their locks, and returns
// how many sessions and tokens there were.
func (h *Helper) drop(ctx context.Context, match func(owner) bool) (int, error) {
	slots, err := h.slots()
	if err != nil {
		return 0, err
	}
	n := 0
	for _, slot := range slots {
		if !match(ownerOf(slot)) {
			continue
		}
		if isFailure(slot) {
			if err := slot.Remove(); err != nil {
				return n, err
			}
			continue
		}
		dropped, err := dropOne(ctx, slot, match)
		if err != nil {
			return n, err
		}
		if dropped {
			n++
		}
	}
	return n, nil
}

func dropOne(ctx context.Context, slot cache.Slot, match func(owner) bool) (bool, error) {
	unlock, err := slot.Lock(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	o := ownerOf(slot)
	if !match(o) {
		return false, nil
	}
	return o.known, slot.Remove()
}

func (h *Helper) slots() ([]cache.Slot, error) {
	if h.Cache == nil {
		return nil, nil
	}
	return h.Cache.Slots()
}

// connectorOf returns the connector's name in the name of its slot.
func connectorOf(slot cache.Slot) string {
	i := strings.LastIndexByte(slot.Name(), '-')
	if i < 0 {
		return ""
	}
	return slot.Name()[:i]
}
