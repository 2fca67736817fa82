package helper

import (
	"context"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/connector"
)

// lockWait bounds how long a process waits for another one that is making the
// same answer. After it, it makes its own rather than hang.
const lockWait = 30 * time.Second

// staleLeft is how much of an answer's life must be left for it to be handed
// out when a new one cannot be had for a reason that may pass.
const staleLeft = 60 * time.Second

// flight is how an answer is had: from its slot in the cache, or anew.
type flight[T any] struct {
	connector connector.Connector
	slot      cache.Slot
	// read returns the answer in an entry that is valid now; false if it is none of this flight.
	read func(cache.Entry) (T, bool)
	// fresh reports whether an answer may be handed out without making a new one.
	fresh func(T) bool
	make  func(context.Context) (T, error)
	// entry is the inverse of read; false where an answer must not lie on a disk.
	entry func(T) (cache.Entry, bool)
}

// answer returns what is in the flight's slot while it is fresh. Of many
// processes that ask at once, one makes a new answer or fails, and the others
// wait for its answer or share its failure.
func answer[T any](ctx context.Context, h *Helper, f flight[T]) (T, error) {
	var none T
	started := h.now()
	if a, _, ok := f.cached(h); ok && f.fresh(a) {
		h.log().Debug("cache hit", "connector", f.connector.Name)
		return a, nil
	}
	wait, cancel := context.WithTimeout(ctx, lockWait)
	unlock, err := h.lock(wait, f.slot)
	cancel()
	switch {
	case err == nil:
		defer unlock()
	case ctx.Err() != nil:
		return none, ended(ctx)
	}
	old, expires, ok := f.cached(h)
	if ok && f.fresh(old) {
		h.log().Debug("cache hit after waiting", "connector", f.connector.Name)
		return old, nil
	}
	made, err := f.anew(ctx, h, started)
	if err == nil {
		return made, nil
	}
	if ok && temporary(err) && expires.Sub(h.now()) > staleLeft {
		h.log().Debug("out of reach, the old answer is handed out", "connector", f.connector.Name, "err", err)
		return old, nil
	}
	return none, err
}

// lock takes the slot's lock. Where there is none to be had, as on a file system
// that refuses it, the caller goes on without; an error means that ctx ended.
func (h *Helper) lock(ctx context.Context, slot cache.Slot) (unlock func(), err error) {
	unlock, err = slot.Lock(ctx)
	switch {
	case err == nil:
		return unlock, nil
	case ctx.Err() != nil:
		return nil, ended(ctx)
	}
	h.log().Debug("no lock", "slot", slot.Name(), "err", err)
	return func() {}, nil
}

func (f flight[T]) cached(h *Helper) (a T, expires time.Time, ok bool) {
	e, ok := f.slot.Get(h.now())
	if ok {
		a, ok = f.read(e)
	}
	return a, e.Expires, ok
}

// anew makes an answer and keeps it, or shares why it could not.
func (f flight[T]) anew(ctx context.Context, h *Helper, started time.Time) (T, error) {
	if err := h.sharedFailure(f.slot, started); err != nil {
		h.log().Debug("another process just failed", "connector", f.connector.Name, "err", err)
		var none T
		return none, err
	}
	a, err := f.make(ctx)
	if err != nil {
		if ctx.Err() == nil {
			h.shareFailure(f.slot, f.connector.Name, err)
		}
		return a, err
	}
	if e, ok := f.entry(a); ok {
		// The cache is a help, not a need: an answer that cannot be kept is still an answer.
		if err := f.slot.Put(h.now(), e); err != nil {
			h.log().Debug("not cached", "connector", f.connector.Name, "err", err)
		} else if err := h.sweep(); err != nil {
			h.log().Debug("cache not swept", "err", err)
		}
	}
	return a, nil
}
