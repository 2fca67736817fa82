// Package helper turns a connector into AWS credentials.
//
// [Helper.Credentials] answers from the session cache where it can and mints
// with AWS STS where it must; [WriteProcess] prints the answer as AWS SDKs
// expect it from a credential_process.
package helper

import (
	"context"
	"log/slog"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/connector"
	"aws-connector/keystore"
)

// lockWait bounds how long a process waits for another one that is minting the
// same session. After it, it mints for itself rather than hang.
const lockWait = 30 * time.Second

// staleLeft is how much of a session must be left for it to be handed out when
// a new one cannot be had for a reason that may pass.
const staleLeft = 60 * time.Second

// Keys gives the long-term key of a name; *keystore.Store is one.
type Keys interface {
	Get(ctx context.Context, name string) (keystore.Key, error)
}

// Helper answers for the connectors of one file. Its fields are not changed
// after the first call; its methods are then safe for concurrent use.
type Helper struct {
	Connectors connector.File
	Keys       Keys
	// Cache keeps sessions; nil keeps none.
	Cache *cache.Dir
	// Env is what the caller's environment adds to every connector.
	Env Environment
	// STS makes the client that mints; nil means the AWS SDK's.
	STS func(Client) (STS, error)
	// Now is the wall clock; nil means time.Now.
	Now func() time.Time
	// Log is told what happens, never a secret; nil tells nobody.
	Log *slog.Logger
}

// Credentials returns credentials for the connector called name: the cached
// session while it is fresh, else a new one. Of many processes that ask at
// once, one mints and the others wait for its session.
//
// Its error wraps a *connector.Error, a *connector.NotFoundError, an error of
// package keystore, or an [*Error].
func (h *Helper) Credentials(ctx context.Context, name string) (Credentials, error) {
	c, err := h.Connectors.Lookup(name)
	if err != nil {
		return Credentials{}, err
	}
	chain, err := h.Env.Chain.add(name)
	if err == nil {
		err = h.supported(c)
	}
	if err != nil {
		return Credentials{}, inConnector(c, err)
	}
	s, err := h.session(ctx, c, chain)
	if err != nil {
		return Credentials{}, inConnector(c, err)
	}
	return s.credentials(), nil
}

func (h *Helper) session(ctx context.Context, c connector.Connector, chain Chain) (session, error) {
	if h.Cache == nil || c.Method == connector.SecretKey {
		return h.mint(ctx, c, chain)
	}
	slot := h.slot(c)
	if s, ok := h.cached(slot, c); ok && s.fresh(c, h.now()) {
		h.log().Debug("cache hit", "connector", c.Name, "expires", s.Expires)
		return s, nil
	}

	wait, cancel := context.WithTimeout(ctx, lockWait)
	unlock, err := slot.Lock(wait)
	cancel()
	if err != nil {
		if ctx.Err() != nil {
			return session{}, ended(ctx)
		}
		h.log().Debug("no lock", "connector", c.Name, "err", err)
	} else {
		defer unlock()
	}
	old, ok := h.cached(slot, c)
	if ok && old.fresh(c, h.now()) {
		h.log().Debug("cache hit after waiting", "connector", c.Name, "expires", old.Expires)
		return old, nil
	}

	s, err := h.mint(ctx, c, chain)
	if err != nil {
		if ok && temporary(err) && old.left(h.now()) > staleLeft {
			h.log().Debug("AWS out of reach, old session handed out", "connector", c.Name, "err", err)
			return old, nil
		}
		return session{}, err
	}
	if s.cacheable() {
		// The cache is a help, not a need: an answer that cannot be kept is still an answer.
		if err := h.keep(slot, s); err != nil {
			h.log().Debug("session not cached", "connector", c.Name, "err", err)
		}
	}
	return s, nil
}

// supported refuses what the connector may say but this version cannot do, and
// what the person has not allowed.
func (h *Helper) supported(c connector.Connector) error {
	switch {
	case c.MFASerial != "":
		return &Error{Reason: Misconfigured, Text: "mfa_serial: this version cannot ask for MFA codes", Advice: "remove mfa_serial and mfa_process, or use a key whose policies ask for no MFA"}
	case c.Source != "":
		return &Error{Reason: Misconfigured, Text: "source: this version cannot chain roles", Advice: "give the connector a key of its own"}
	case c.Method == connector.Implicit && !c.AllowImplicit && !h.Env.AllowImplicit:
		return &Error{Reason: Misconfigured, Text: "auth_method implicit is not allowed: it hands out whatever credentials the environment has",
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
