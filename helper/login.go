package helper

import (
	"context"
	"sync"
	"time"

	"aws-connector/cache"
)

// Login is what came of [Helper.Login].
type Login struct {
	// Until is when the next code, or another new session, is needed; zero for never.
	Until time.Time
	// Kept means that it was there already.
	Kept bool
}

// Login makes what later calls for the connector called name need a person for:
// its MFA session, else its session. What is still good is kept, unless ctx is
// [Insist]'s and says otherwise.
func (h *Helper) Login(ctx context.Context, name string) (Login, error) {
	c, err := h.lookup(name)
	if err != nil {
		return Login{}, err
	}
	i := insisted(ctx)
	i.used(session{}, time.Time{})
	ctx = patient(ctx, lockWait)
	s, err := h.start(ctx, h.begin(ctx, c))
	h.finish(askedGet, Answer{Connector: c.Name, AccessKeyID: s.ID, Cached: s.cached, Err: err})
	if err != nil {
		return Login{}, inConnector(c, err)
	}
	m, until := i.last()
	if m.ID != "" && s.Token.Reveal() != m.Token.Reveal() {
		return Login{Until: until, Kept: m.cached}, nil
	}
	if s.Expires.IsZero() {
		return Login{Kept: s.cached}, nil
	}
	return Login{Until: s.renewed(c), Kept: s.cached || m.cached}, nil
}

// insistence is how a person who logs in asks: failures of others do not count.
type insistence struct {
	anew bool

	mu    sync.Mutex
	made  map[string]bool // slots
	mfa   session         // the last MFA session that was used
	until time.Time       // when that one serves no more
}

type insistenceKey struct{}

// Insist returns a context for a person who waits for an answer: neither a failure
// that others had a moment ago nor, with anew, what is in the cache is one, but for
// what was made in this context.
func Insist(ctx context.Context, anew bool) context.Context {
	return context.WithValue(ctx, insistenceKey{}, &insistence{anew: anew, made: map[string]bool{}})
}

func insisted(ctx context.Context) *insistence {
	i, _ := ctx.Value(insistenceKey{}).(*insistence)
	return i
}

// refuses reports whether what the cache has in slot is none to a person who
// insists. over is as in [flight].
func (i *insistence) refuses(slot cache.Slot, over bool) bool {
	if i == nil || !i.anew && !over {
		return false
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return !i.made[slot.Name()]
}

func (i *insistence) makes(slot cache.Slot) {
	if i == nil {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.made[slot.Name()] = true
}

func (i *insistence) used(s session, until time.Time) {
	if i == nil {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.mfa, i.until = s, until
}

func (i *insistence) last() (mfa session, until time.Time) {
	if i == nil {
		return session{}, time.Time{}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.mfa, i.until
}

type unhurriedKey struct{}

// hurried returns a context that ends after d, for a caller that has another
// answer; [unhurried] gives back ctx.
func hurried(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if _, nested := ctx.Value(unhurriedKey{}).(context.Context); !nested {
		ctx = context.WithValue(ctx, unhurriedKey{}, ctx)
	}
	return context.WithTimeout(ctx, d)
}

// unhurried returns the context of the whole call: who is asked a question needs time.
func unhurried(ctx context.Context) context.Context {
	if whole, ok := ctx.Value(unhurriedKey{}).(context.Context); ok {
		return whole
	}
	return ctx
}
