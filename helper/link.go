package helper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/connector"

	"github.com/aws/smithy-go"
)

// call is what one caller asks for, with all that decides which answers in the
// cache are for it. The connectors that its own starts from have calls of their
// own, the links of a chain, each with a place of its own in the cache.
type call struct {
	connector connector.Connector
	// started is when the call began, by the wall clock.
	started time.Time
	// generation names the version of the key that the connector has. It is taken
	// before anything else is read, so that whatever the call makes is filed under
	// this version or an older one, never under one to come.
	generation string
	// cache is nil where nothing may be taken from it or put into it.
	cache *cache.Dir
	// chain are the connectors that started one another, this call's the last.
	chain Chain
	// refused is why the connector is not answered for, nil if it is.
	refused error
	// origin is where credentials come from that the keystore does not have.
	origin *origin
	// source is the call for the connector's source, nil where it has none.
	source *call
}

// begin starts a call for c.
func (h *Helper) begin(ctx context.Context, c connector.Connector) *call {
	return h.link(ctx, c, h.Env.Chain, versions{})
}

// link starts a call for c, which the last of above starts from; known are the
// versions of keys that were asked for already.
func (h *Helper) link(ctx context.Context, c connector.Connector, above Chain, known versions) *call {
	r := &call{connector: c, started: h.now(), cache: h.Cache, chain: append(slices.Clone(above), c.Name), origin: &origin{}}
	if _, r.refused = above.add(c.Name); r.refused == nil {
		r.refused = h.Supported(c)
	}
	if r.cache != nil {
		var err error
		if r.generation, err = h.generation(ctx, c, known); err != nil {
			h.log().Debug("nothing is cached: the version of the key is not known", "connector", c.Name, "err", err)
			r.cache = nil
		}
	}
	switch {
	case r.refused != nil:
	case c.Source != "":
		source, err := h.Connectors.AsWritten().Lookup(c.Source)
		if r.refused = err; err == nil {
			r.source = h.link(ctx, source, r.chain, known)
		}
	case !keyed(c):
		r.origin = h.find(ctx, c, r.chain, known)
	}
	if p, ok := ctx.Value(patienceKey{}).(*patience); ok && r.coded() && !p.coded {
		p.coded, p.left = true, p.left+codeWait-lockWait
	}
	if r.origin.err != nil || r.source.uncached() || r.origin.between.uncached() {
		r.cache = nil
	}
	return r
}

func (r *call) uncached() bool { return r != nil && r.refused == nil && r.cache == nil }

// identity changes with everything that shapes r's session, what it starts from
// and the versions of keys included.
func (h *Helper) identity(r *call) string {
	parts := []string{r.connector.Fingerprint(), h.Env.fingerprint(r.connector), r.origin.identity, r.generation}
	if r.source != nil {
		parts = append(parts, h.identity(r.source), fmt.Sprint(r.source.refused))
	}
	return digest(parts...)
}

// givesRole reports whether r's session is known to be a role's.
func (r *call) givesRole() bool {
	switch {
	case r == nil:
		return false
	case r.connector.RoleARN != "":
		return true
	}
	return r.origin.givesRole()
}

// keyed reports whether c starts from a key or from another connector.
func keyed(c connector.Connector) bool { return c.Key != "" || c.Source != "" }

// settled reports whether nothing decides about r's session but connectors.toml, the
// stored key that it is made from, by way of other connectors or not, and what
// package question knows of the environment. What a program prints, more decides on.
func (r *call) settled() bool {
	for link := r; link != nil; link = link.source {
		if !keyed(link.connector) || link.connector.KeyProcess != nil {
			return false
		}
	}
	return true
}

// versions are the versions of keys by name; that of all together is under "".
type versions map[string]string

// generation returns the version of c's key. Where another program gives the
// credentials, which may start this one for any connector, it is that of all keys.
func (h *Helper) generation(ctx context.Context, c connector.Connector, known versions) (string, error) {
	if c.Source != "" || c.Method == connector.WebIdentity && c.WebIdentityTokenProcess == nil {
		return "", nil
	}
	if v, ok := known[c.Key]; ok {
		return v, nil
	}
	type result struct {
		generation string
		err        error
	}
	got, ok := within(ctx, diskWait, func() result {
		var r result
		if c.Key == "" {
			r.generation, r.err = h.Keys.Generations(ctx)
		} else {
			r.generation, r.err = h.Keys.Generation(ctx, c.Key)
		}
		return r
	})
	if !ok {
		return "", ended(ctx)
	}
	if got.err == nil {
		known[c.Key] = got.generation
	}
	return got.generation, got.err
}

// fromSource returns the session of r's source, as the base of r's own.
func (h *Helper) fromSource(ctx context.Context, r *call) (session, error) {
	s, err := h.start(ctx, r.source)
	if err != nil {
		return session{}, ofSource(r.connector.Source, err)
	}
	return s, nil
}

// freshSource is fromSource where AWS does not take the cached session s any more,
// as after its user's key was deleted: that would be in the way until it expires.
func (h *Helper) freshSource(ctx context.Context, r *call, s session) (session, error) {
	slot := h.slot(r.source)
	if e, ok := slot.Peek(); ok {
		if kept, _ := sessionIn(e); kept.ID == s.ID {
			if err := slot.Remove(); err != nil {
				return session{}, err
			}
		}
	}
	return h.base(ctx, r)
}

// disowned reports whether AWS does not know the credentials of a call, or not any more.
func disowned(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains([]string{"InvalidClientTokenId", "UnrecognizedClientException", "ExpiredToken", "ExpiredTokenException"}, api.ErrorCode())
}

// ofSource says of an error which link of the chain it is about.
func ofSource(name string, err error) error {
	where := fmt.Sprintf("source %q: ", name)
	var e *Error
	var named *connector.Error
	switch {
	case errors.As(err, &named):
		return err
	case errors.As(err, &e):
		told := *e
		told.Text = where + err.Error()
		return &told
	}
	return fmt.Errorf("%s%w", where, err)
}

// unchained refuses, before AWS does, what no role has that is assumed with
// another role's session.
func unchained(r *call) error {
	c := r.connector
	if c.Duration <= connector.LongestChained || !r.source.givesRole() && !(c.Method == connector.Implicit && r.origin.givesRole()) {
		return nil
	}
	return &Error{Reason: Misconfigured, Text: fmt.Sprintf("expiration_seconds is %d, and a role that is assumed with another role's session lives %d s at most", int(c.Duration.Seconds()), int(connector.LongestChained.Seconds())),
		Advice: "leave expiration_seconds out, or start from a key or a session-token"}
}
