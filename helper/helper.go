// Package helper turns a connector into AWS credentials.
//
// [Helper.Credentials] answers from the session cache where it can and mints
// with AWS STS where it must; [WriteProcess] prints the answer as AWS SDKs
// expect it from a credential_process.
package helper

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/connector"
	"aws-connector/internal/question"
	"aws-connector/keystore"
)

// Keys gives the long-term key of a name; *keystore.Store is one.
type Keys interface {
	Get(ctx context.Context, name string) (keystore.Key, error)
	// Generation names the version of a key, and Generations that of all keys
	// together. With an error nothing that is made from a key may be cached.
	Generation(ctx context.Context, name string) (string, error)
	Generations(ctx context.Context) (string, error)
}

// Helper answers for the connectors of one file. Its fields are not changed
// after the first call; its methods are then safe for concurrent use.
type Helper struct {
	Connectors connector.File
	Keys       Keys
	// Cache keeps sessions; nil keeps none.
	Cache *cache.Dir
	// KeyNotes are where the uses of keys are noted; the zero value notes nothing.
	KeyNotes keystore.Notes
	// Env is what the caller's environment adds to every connector.
	Env Environment
	// Person is asked for MFA codes; nil asks nobody.
	Person Person
	// STS makes the client that mints; nil means the AWS SDK's.
	STS func(Client) (STS, error)
	// Now is the wall clock; nil means time.Now.
	Now func() time.Time
	// Log is told what happens, never a secret; nil tells nobody.
	Log *slog.Logger
	// Answered is told of each answer to a caller; nil tells nobody.
	Answered func(Answer)

	// Explain says of which kind an error is and what to do about it, for those that are
	// shown later; nil says nothing.
	Explain func(error) (kind, hint string)

	// sleep waits for the next MFA code, in tests.
	sleep func(time.Duration)
}

// Credentials returns credentials for the connector called name: the cached
// session while it is fresh, else a new one. Of many processes that ask at
// once, one mints and the others wait for its session.
//
// Its error wraps a *connector.Error, a *connector.NotFoundError, an error of
// package keystore, or an [*Error].
func (h *Helper) Credentials(ctx context.Context, name string) (Credentials, error) {
	c, _, err := h.Lasting(ctx, name)
	return c, err
}

// Lasting is [Helper.Credentials] for a caller that keeps them: it returns also
// when to ask again, which is zero for those that do not expire and past for old
// ones that are handed out while AWS is out of reach.
func (h *Helper) Lasting(ctx context.Context, name string) (Credentials, time.Time, error) {
	c, err := h.lookup(name)
	if err != nil {
		return Credentials{}, time.Time{}, err
	}
	ctx = patient(ctx, lockWait)
	r := h.begin(ctx, c)
	s, err := h.start(ctx, r)
	h.finish(askedGet, Answer{Connector: c.Name, AccessKeyID: s.ID, Cached: s.cached, Err: err, Entry: s.kept, Until: s.until(r)})
	if err != nil {
		return Credentials{}, time.Time{}, inConnector(c, err)
	}
	if s.Expires.IsZero() {
		return s.credentials(), time.Time{}, nil
	}
	return s.credentials(), s.renewed(c), nil
}

// lookup returns the connector called name; that there is none is an answer.
func (h *Helper) lookup(name string) (connector.Connector, error) {
	c, err := h.Connectors.Lookup(name)
	if err != nil {
		a := Answer{Err: err}
		// A name that no connector has may be a secret in the wrong place.
		if broken := (*connector.Error)(nil); errors.As(err, &broken) {
			a.Connector = broken.Connector
		}
		h.tell(a)
	}
	return c, err
}

// Answer is what came of one call of [Helper.Credentials] or [Helper.RegistryToken].
type Answer struct {
	// Connector is empty where there is none of the name asked for.
	Connector string
	// AccessKeyID is of the credentials handed out, or of those that made the
	// token; empty where there are none.
	AccessKeyID string
	// Cached means that the answer was in the cache.
	Cached bool
	// Entry is what the cache had, and Until when that is no longer fresh: zero where
	// more decides about the answer than the connectors' file, the key and the
	// variables of [Environment].
	Entry cache.Entry
	Until time.Time
	// Err is why there is no answer; nil where there is one.
	Err error
}

// KeepAnswer keeps text, the finished form of a, as the answer to q. It waits for
// no disk that hangs; that the answer is not kept costs the next caller a moment.
func (h *Helper) KeepAnswer(ctx context.Context, q *question.Question, a Answer, text []byte) {
	if h.Cache == nil || !a.Cached || a.Err != nil || a.Until.IsZero() {
		return
	}
	within(ctx, diskWait, func() error { return h.Cache.PutAnswer(h.now(), q, a.Entry, a.Until, text) })
}

func (h *Helper) tell(a Answer) {
	if h.Answered == nil {
		return
	}
	if a.Err != nil {
		a.AccessKeyID, a.Cached = "", false
	}
	h.Answered(a)
}

// start returns the session that r asks for, unless its connector leads back to
// what this process was started from.
func (h *Helper) start(ctx context.Context, r *call) (session, error) {
	if r.refused != nil {
		return session{}, r.refused
	}
	s, err := h.session(ctx, r)
	if disowned(err) {
		if now := h.replaced(keystore.Steady(ctx), r); now != nil {
			s, err = h.session(keystore.Steady(ctx), now)
		}
	}
	if err == nil {
		err = s.printable()
	}
	return s, err
}

// replaced returns r with the keys that there are now, nil where those are the same.
// AWS may refuse one that was rotated after it was read, and before it was used.
func (h *Helper) replaced(ctx context.Context, r *call) *call {
	now := h.link(ctx, r.connector, r.chain[:max(0, len(r.chain)-1)], versions{})
	if now.refused != nil || h.identity(now) == h.identity(r) {
		return nil
	}
	h.log().Debug("AWS refuses a key that was replaced meanwhile", "connector", r.connector.Name)
	return now
}

func (h *Helper) session(ctx context.Context, r *call) (session, error) {
	c := r.connector
	if r.cache == nil || c.Method == connector.SecretKey {
		return h.mint(ctx, r)
	}
	s, err := answer(ctx, h, flight[session]{
		connector: c,
		slot:      h.slot(r),
		started:   r.started,
		over:      r.coded() && c.MFA != connector.MFARole && c.Method != connector.SessionToken,
		read: func(e cache.Entry) (session, bool) {
			s, ok := sessionIn(e)
			s.cached, s.kept = true, e
			return s, ok && s.Connector == c.Name && (s.Key == c.Key || c.Key == "")
		},
		fresh: func(s session) bool { return s.fresh(c, h.now()) },
		make: func(ctx context.Context) (session, error) {
			s, err := h.mint(ctx, r)
			s.narrowed = c.Narrowing()
			return s, err
		},
		entry: func(s session) (cache.Entry, bool) { return s.entry(h.Connectors.Path) },
	})
	if err == nil && s.cached && c.Method == connector.SessionToken && c.MFASerial != "" {
		insisted(ctx).used(s, s.renewed(c))
	}
	return s, err
}

// Supported refuses what the connector may say but this version cannot do, and
// what the person has not allowed.
func (h *Helper) Supported(c connector.Connector) error {
	switch {
	case c.Method == connector.Implicit && !c.AllowImplicit && !h.Env.AllowImplicit:
		return &Error{Reason: Misconfigured, Text: "auth_method implicit is not allowed: it uses whatever credentials the environment has",
			Advice: "set allow_implicit_auth_methods = true in the connector, or AWS_CONNECTOR_ENABLE_IMPLICIT_AUTH_METHODS=true"}
	}
	return nil
}

func (h *Helper) now() time.Time {
	if h.Now == nil {
		return time.Now().Round(0)
	}
	return h.Now().Round(0)
}

func (h *Helper) log() *slog.Logger {
	if h.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return h.Log
}
