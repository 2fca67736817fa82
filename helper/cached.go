package helper

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/connector"
)

// owner is whose an entry of the cache is; every kind of entry begins with it.
type owner struct {
	File      string `json:"file"` // the connectors.toml
	Connector string `json:"connector"`
	Key       string `json:"key,omitempty"` // the keystore's name; empty where the environment gave the credentials
}

// Session is what can be told of a cached session without showing it.
type Session struct {
	Connector   string
	Key         string // empty where the environment gave the credentials
	AccessKeyID string
	AccountID   string // empty where it is not known
	ARN         string // empty where AWS did not tell it
	Expires     time.Time
	// Renewed is when a new one is made if it is asked for.
	Renewed time.Time
	// Current reports whether the connector, as it is now, would be answered with it.
	Current bool
}

// Session returns the valid session that the cache has for c as it is now,
// fresh or not; false if there is none. It asks nobody.
func (h *Helper) Session(c connector.Connector) (Session, bool) {
	if h.Cache == nil {
		return Session{}, false
	}
	e, ok := h.slot(c).Get(h.now())
	if !ok {
		return Session{}, false
	}
	s, ok := sessionIn(e)
	return h.told(c, s), ok && s.Connector == c.Name
}

// told returns what can be told of c's session.
func (h *Helper) told(c connector.Connector, s session) Session {
	return Session{s.Connector, s.Key, s.ID, s.AccountID, s.ARN, s.Expires, s.Expires.Add(-s.tolerance(c)), s.fresh(c, h.now())}
}

// Sessions lists the cached sessions that are valid now, by connector.
func (h *Helper) Sessions() ([]Session, error) {
	var all []Session
	err := h.each(func(slot cache.Slot, e cache.Entry) {
		s, ok := sessionIn(e)
		if !ok {
			return
		}
		c, err := h.Connectors.Lookup(s.Connector)
		told := h.told(c, s)
		told.Current = told.Current && err == nil && h.slot(c) == slot
		all = append(all, told)
	})
	return all, err
}

// Token is what can be told of a cached token of ECR without showing it.
type Token struct {
	Connector string
	Service   string // ecr or ecr-public
	Region    string
	Expires   time.Time
	// Current reports whether the connector, as it is now, would be answered with it.
	Current bool
}

// Tokens lists the cached tokens of ECR that are valid now, by connector.
func (h *Helper) Tokens() ([]Token, error) {
	var all []Token
	err := h.each(func(slot cache.Slot, e cache.Entry) {
		t, ok := tokenIn(e)
		if !ok {
			return
		}
		c, err := h.Connectors.Lookup(t.connector)
		current := err == nil && h.tokenSlot(c, t.registry) == slot && t.fresh(h.now())
		all = append(all, Token{t.connector, serviceOf(t.registry), t.registry.Region, t.expires, current})
	})
	return all, err
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
// one of them is waited for until ctx ends.
func (h *Helper) Clear(ctx context.Context, names ...string) (int, error) {
	return h.drop(ctx, func(o owner, _ bool) bool { return len(names) == 0 || slices.Contains(names, o.Connector) })
}

// DropKey drops everything made from the key called key, what other processes
// are making with it included: it waits for them until ctx ends.
func (h *Helper) DropKey(ctx context.Context, key string) (int, error) {
	return h.drop(ctx, func(o owner, known bool) bool { return !known || o.Key == key })
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

// drop removes the entries whose owners match, under their locks, and returns
// how many sessions and tokens there were.
func (h *Helper) drop(ctx context.Context, match func(o owner, known bool) bool) (int, error) {
	slots, err := h.slots()
	if err != nil {
		return 0, err
	}
	n := 0
	for _, slot := range slots {
		switch {
		case !match(ownerOf(slot)):
		case isFailure(slot):
			err = slot.Remove()
		default:
			var dropped bool
			if dropped, err = h.dropOne(ctx, slot, match); dropped {
				n++
			}
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (h *Helper) dropOne(ctx context.Context, slot cache.Slot, match func(o owner, known bool) bool) (bool, error) {
	unlock, err := h.lock(ctx, slot)
	if err != nil {
		return false, err
	}
	defer unlock()
	o, known := ownerOf(slot)
	if !match(o, known) {
		return false, nil
	}
	return known, slot.Remove()
}

// sweep removes from the cache what nobody needs any more.
func (h *Helper) sweep() error {
	names := h.Connectors.Names()
	return h.Cache.Sweep(h.now(), func(slot cache.Slot) bool {
		o, known := ownerOf(slot)
		// Other connectors.toml may share the cache.
		return !known || o.File != h.Connectors.Path || slices.Contains(names, o.Connector)
	})
}

// connectorOf returns the connector's name in the name of its slot.
func connectorOf(slot cache.Slot) string {
	i := strings.LastIndexByte(slot.Name(), '-')
	if i < 0 {
		return ""
	}
	return slot.Name()[:i]
}
