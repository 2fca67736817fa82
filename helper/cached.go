package helper

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/connector"
)

// owner is whose an entry of the cache is; every kind of entry begins with it.
type owner struct {
	File      string `json:"file"` // the connectors.toml
	Connector string `json:"connector"`
	Key       string `json:"key,omitempty"`    // the keystore's name; empty where the environment gave the credentials
	Device    string `json:"device,omitempty"` // of an MFA session, which no single connector owns
	// Narrowed is what the call was narrowed to; zero for nothing.
	Narrowed connector.Narrowing `json:"narrowed,omitzero"`
}

// Session is what can be told of a cached session without showing it.
type Session struct {
	// Connector is empty for an MFA session, which is for all with its key and Device.
	Connector   string
	Narrowed    connector.Narrowing
	Device      string
	Key         string // empty where the environment gave the credentials
	AccessKeyID string
	AccountID   string // empty where it is not known
	ARN         string // empty where AWS did not tell it
	Expires     time.Time
	// Renewed is when a new one is made if it is asked for.
	Renewed time.Time
	// Current reports whether the connector, as it is now, would be answered with
	// it, where it is narrowed to the same.
	Current bool
}

// Session returns the valid session that the cache has for c as it is now,
// fresh or not; false if there is none. It asks nobody.
func (h *Helper) Session(ctx context.Context, c connector.Connector) (Session, bool) {
	r := h.begin(ctx, c)
	if r.cache == nil {
		return Session{}, false
	}
	e, ok := h.slot(r).Get(h.now())
	if !ok {
		return Session{}, false
	}
	s, ok := sessionIn(e)
	return h.told(c, s), ok && s.Connector == c.Name
}

// told returns what can be told of c's session.
func (h *Helper) told(c connector.Connector, s session) Session {
	if s.Device != "" {
		s.Connector = ""
	}
	return Session{s.Connector, s.narrowed, s.Device, s.Key, s.ID, s.AccountID, s.ARN, s.Expires, s.renewed(c), s.fresh(c, h.now())}
}

// Sessions lists the cached sessions that are valid now, by connector.
func (h *Helper) Sessions(ctx context.Context) ([]Session, error) {
	var all []Session
	current := h.calls(ctx)
	err := h.each(func(slot cache.Slot, e cache.Entry) {
		s, ok := sessionIn(e)
		switch {
		case !ok:
			return
		case s.Device != "":
			told := h.told(connector.Connector{}, s)
			told.Current = h.usesMFA(current, slot, s)
			told.Renewed = s.Expires.Add(-baseLeft)
			all = append(all, told)
			return
		}
		r, ok := current(s.Connector, s.narrowed)
		told := h.told(r.connector, s)
		told.Current = told.Current && ok && h.slot(r) == slot
		all = append(all, told)
	})
	return all, err
}

// Token is what can be told of a cached token of ECR or of a cluster without
// showing it.
type Token struct {
	Connector string
	Narrowed  connector.Narrowing
	Service   string // ecr or ecr-public; eks for a cluster
	Cluster   string // empty where it is of ECR
	Region    string
	Expires   time.Time
	// Current reports whether the connector, as it is now, would be answered with it.
	Current bool
}

// Tokens lists the cached tokens that are valid now, by connector.
func (h *Helper) Tokens(ctx context.Context) ([]Token, error) {
	var all []Token
	current := h.calls(ctx)
	err := h.each(func(slot cache.Slot, e cache.Entry) {
		if t, ok := kubeTokenIn(e); ok {
			r, ok := current(t.connector, t.narrowed)
			used := ok && h.kubeSlot(r, t.cluster) == slot && t.fresh(h.now())
			all = append(all, Token{t.connector, t.narrowed, serviceEKS, t.cluster.Name, t.cluster.Region, t.expires, used})
			return
		}
		t, ok := tokenIn(e)
		if !ok {
			return
		}
		r, ok := current(t.connector, t.narrowed)
		used := ok && h.tokenSlot(r, t.registry) == slot && t.fresh(h.now())
		all = append(all, Token{t.connector, t.narrowed, serviceOf(t.registry), "", t.registry.Region, t.expires, used})
	})
	return all, err
}

// calls returns what a call for a connector would be now, by its name and what it
// is narrowed to; false where it would take nothing from the cache.
func (h *Helper) calls(ctx context.Context) func(name string, to connector.Narrowing) (*call, bool) {
	type asked struct {
		name string
		to   connector.Narrowing
	}
	known := map[asked]*call{}
	return func(name string, to connector.Narrowing) (*call, bool) {
		r, ok := known[asked{name, to}]
		if !ok {
			c, err := h.Connectors.Lookup(name)
			if err == nil && to != (connector.Narrowing{}) {
				c, err = c.Narrow(to)
			}
			if r = (&call{connector: c}); err == nil {
				r = h.begin(ctx, c)
			}
			known[asked{name, to}] = r
		}
		return r, r.cache != nil
	}
}

// each visits the entries that are valid now.
func (h *Helper) each(visit func(cache.Slot, cache.Entry)) error {
	slots, err := h.slots()
	for _, slot := range slots {
		if e, ok := slot.Get(h.now()); ok {
			visit(slot, e)
		}
	}
	return err
}

func (h *Helper) slots() ([]cache.Slot, error) {
	if h.Cache == nil {
		return nil, nil
	}
	return h.Cache.Slots()
}

// Clear drops what is cached for the connectors named, for all without a name,
// and returns how many sessions and tokens there were. A process that is making
// one of them is waited for, though not long: what it makes then is new. What
// cannot be removed stops nothing else, and is the error.
func (h *Helper) Clear(ctx context.Context, names ...string) (int, error) {
	ctx = patient(ctx, tidyWait)
	cache.DropAnswers() // they end with the entries that they were made of, but hold secrets
	return h.drop(func(slot cache.Slot, o owner, known bool) (bool, error) {
		if len(names) > 0 && !slices.Contains(names, o.Connector) {
			return false, nil
		}
		if !isFailure(slot) && !slot.IsAnswer() {
			unlock, err := h.lock(ctx, slot)
			if err != nil {
				return false, err
			}
			defer unlock()
		}
		return known, slot.Remove()
	})
}

// Forget removes what was made from the key called key, which is tidying: since
// the key is another version now, nobody finds it. So little is waited for, and
// what another connectors.toml made, perhaps from another key, stays.
func (h *Helper) Forget(ctx context.Context, key string) (int, error) {
	type result struct {
		n   int
		err error
	}
	cache.DropAnswers()
	got, ok := within(ctx, diskWait, func() result {
		n, err := h.drop(func(slot cache.Slot, o owner, known bool) (bool, error) {
			if !known || o.Key != key || o.File != h.Connectors.Path {
				return false, nil
			}
			return true, slot.Remove()
		})
		return result{n, err}
	})
	if !ok {
		return 0, ended(ctx)
	}
	return got.n, got.err
}

// ownerOf reads who owns what is in slot, valid or not. Where nothing can be
// read, which may be an entry that is being made, only the connector is known,
// by the slot's name. A failure's key is not known.
func ownerOf(slot cache.Slot) (o owner, known bool) {
	if e, ok := slot.Peek(); ok && json.Unmarshal(e.Data, &o) == nil && o.Connector != "" {
		return o, !isFailure(slot)
	}
	return owner{Connector: connectorOf(slot)}, false
}

// drop visits all slots with who owns what is in them, and returns how many
// sessions and tokens remove removed.
func (h *Helper) drop(remove func(slot cache.Slot, o owner, known bool) (bool, error)) (int, error) {
	slots, err := h.slots()
	errs := []error{err}
	n := 0
	for _, slot := range slots {
		if strings.HasPrefix(slot.Name(), codePrefix) {
			continue // without it a code would be sent again
		}
		o, known := ownerOf(slot)
		removed, err := remove(slot, o, known)
		if errs = append(errs, err); removed && err == nil {
			n++
		}
	}
	return n, errors.Join(errs...)
}

// tidyLimit is how long whoever waits for this process's end may wait for what is
// only tidying.
const tidyLimit = 200 * time.Millisecond

// Tidy removes from the cache, now and then, what nobody needs any more, if this
// process put something there. It is for after the answer: callers that wait for
// it, and for its lock, have it then. What takes too long is left to another time.
func (h *Helper) Tidy(ctx context.Context) {
	if h.Cache == nil || !h.Cache.Filled() {
		return
	}
	names := sync.OnceValue(h.Connectors.Names)
	now := h.now()
	err, ok := within(ctx, tidyLimit, func() (err error) {
		defer func() {
			if recover() != nil {
				err = errors.New("it panicked") // the answer is given and stands
			}
		}()
		return h.Cache.Tidy(now, func(slot cache.Slot) bool {
			o, known := ownerOf(slot)
			// Other connectors.toml may share the cache.
			return !known || o.Device != "" || o.File != h.Connectors.Path || slices.Contains(names(), o.Connector)
		})
	})
	if !ok || err != nil {
		h.log().Debug("not tidied", "in time", ok, "err", err)
	}
}

// connectorOf returns the connector's name in the name of its slot.
func connectorOf(slot cache.Slot) string {
	i := strings.LastIndexByte(slot.Name(), '-')
	if i < 0 {
		return ""
	}
	return slot.Name()[:i]
}
