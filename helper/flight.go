package helper

import (
	"context"
	"errors"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/connector"
)

const (
	// staleLeft is how much of an answer's life must be left when the call begins
	// for it to be handed out if a new one cannot be had for a reason that may pass.
	staleLeft = 60 * time.Second
	// haste is how long a call that has such an answer tries to get a new one.
	haste = 4 * time.Second
)

// flight is how an answer is had: from its slot in the cache, or anew.
type flight[T any] struct {
	connector connector.Connector
	slot      cache.Slot
	// started is when the call began.
	started time.Time
	// read returns the answer in an entry that is valid now; false if it is none of this flight.
	read func(cache.Entry) (T, bool)
	// over means that a person who logs in wants it made, to see what it is made from.
	over bool
	// fresh reports whether an answer may be handed out without making a new one.
	fresh func(T) bool
	make  func(context.Context) (T, error)
	// entry is the inverse of read; false where an answer must not lie on a disk.
	entry func(T) (cache.Entry, bool)
}

// answer returns what is in the flight's slot while it is fresh. Of many
// processes that ask at once, one makes a new answer or fails, and the others
// wait for its answer or share its failure. While a new one is out of reach, an
// older one that is still good is handed out, at once if that was seen just now.
func answer[T any](ctx context.Context, h *Helper, f flight[T]) (T, error) {
	if insisted(ctx) != nil {
		return f.renew(ctx, h)
	}
	old, expires, ok := f.cached(ctx, h)
	if ok && f.fresh(old) {
		h.log().Debug("cache hit", "connector", f.connector.Name)
		return old, nil
	}
	if !ok || expires.Sub(f.started) <= staleLeft {
		return f.renew(ctx, h)
	}
	if h.outOfReach(f.slot) {
		h.log().Debug("out of reach a moment ago, the old answer is used", "connector", f.connector.Name)
		return old, nil
	}
	hasty, cancel := hurried(ctx, haste)
	defer cancel()
	made, err := f.renew(hasty, h)
	late := hasty.Err() != nil
	switch {
	case err == nil, ctx.Err() != nil:
		return made, err
	case late:
		h.shareLateness(f.slot, f.connector.Name)
	case !temporary(err) && !errors.Is(err, ErrNobody):
		return made, err
	}
	h.log().Debug("out of reach, the old answer is used", "connector", f.connector.Name, "err", err)
	return old, nil
}

// renew makes an answer, unless another process does so first.
func (f flight[T]) renew(ctx context.Context, h *Helper) (T, error) {
	unlock, err := h.lock(ctx, f.slot)
	if err != nil {
		var none T
		return none, err
	}
	defer unlock()
	i := insisted(ctx)
	if a, _, ok := f.cached(ctx, h); ok && f.fresh(a) && !i.refuses(f.slot, f.over) {
		h.log().Debug("cache hit after waiting", "connector", f.connector.Name)
		return a, nil
	}
	if err := h.sharedFailure(f.slot, f.started); err != nil && i == nil {
		h.log().Debug("another process just failed", "connector", f.connector.Name, "err", err)
		var none T
		return none, err
	}
	a, err := f.make(ctx)
	if err != nil {
		// That a caller gave up, or has less time than others, is no failure of theirs.
		if ctx.Err() == nil {
			h.shareFailure(f.slot, f.connector.Name, err)
		}
		return a, err
	}
	f.keep(ctx, h, a)
	i.makes(f.slot)
	return a, nil
}

// cached returns what is in the slot, whether or not it is fresh.
func (f flight[T]) cached(ctx context.Context, h *Helper) (a T, expires time.Time, ok bool) {
	type found struct {
		entry cache.Entry
		ok    bool
	}
	got, _ := within(ctx, diskWait, func() found {
		e, ok := f.slot.Get(h.now())
		return found{e, ok}
	})
	if got.ok {
		a, ok = f.read(got.entry)
	}
	return a, got.entry.Expires, ok
}

// keep puts an answer into the cache. The cache is a help, not a need: an answer
// that cannot be kept, or not soon, is still an answer.
func (f flight[T]) keep(ctx context.Context, h *Helper, a T) {
	e, ok := f.entry(a)
	if !ok || h.Env.Roots.differ() {
		return
	}
	// An answer that came at the last moment is worth keeping too.
	kept, ok := within(context.WithoutCancel(ctx), diskWait, func() error {
		return f.slot.Put(h.now(), e)
	})
	if !ok || kept != nil {
		h.log().Debug("not cached", "connector", f.connector.Name, "in time", ok, "err", kept)
	}
}
