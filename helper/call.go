package helper

import (
	"context"
	"time"

	"aws-connector/cache"
	"aws-connector/keystore"
)

const (
	// lockWait is how long one call waits, in all, for other processes that are
	// making what it needs. After it, it makes its own rather than hang.
	lockWait = 20 * time.Second
	// codeWait is the same where they may be asking a person for an MFA code.
	codeWait = 42 * time.Second
	// tidyWait is the same for a call that only removes something.
	tidyWait = 3 * time.Second
	// diskWait is how long a disk may take for what an answer does not depend on.
	diskWait = 2 * time.Second
)

// patience is what one call may still wait, whatever it takes and whoever it asks.
type patience struct {
	// left is for locks.
	left time.Duration
	// exchange is for AWS.
	exchange *exchanges
	// coded means that left was enough for others to be asked for an MFA code.
	coded bool
}

type patienceKey struct{}

// patient gives ctx the patience of a call, and one view of the keystore, unless
// it is part of one already.
func patient(ctx context.Context, all time.Duration) context.Context {
	if _, ok := ctx.Value(patienceKey{}).(*patience); ok {
		return ctx
	}
	return context.WithValue(keystore.Steady(ctx), patienceKey{}, &patience{left: all, exchange: &exchanges{}})
}

// lock takes the slot's lock. Where there is none to be had, as on a file system
// that refuses it, or not within the call's patience, the caller goes on without;
// an error means that ctx ended.
func (h *Helper) lock(ctx context.Context, slot cache.Slot) (unlock func(), err error) {
	const least = 50 * time.Millisecond // to take a lock that is free
	p, ok := ctx.Value(patienceKey{}).(*patience)
	if !ok {
		p = &patience{left: lockWait}
	}
	wait, cancel := context.WithTimeout(ctx, max(p.left, least))
	defer cancel()
	began := time.Now()
	release, err := slot.Lock(wait)
	p.left -= time.Since(began)
	switch {
	case err == nil:
		return func() {
			within(context.WithoutCancel(ctx), diskWait, func() bool { release(); return true })
		}, nil
	case ctx.Err() != nil:
		return nil, ended(ctx)
	}
	h.log().Debug("no lock", "slot", slot.Name(), "err", err)
	return func() {}, nil
}

// within returns what f returns; false if that takes longer than limit or ctx
// lasts. Then f goes on by itself: a disk that hangs holds no answer back.
func within[T any](ctx context.Context, limit time.Duration, f func() T) (T, bool) {
	done := make(chan T, 1)
	go func() { done <- f() }()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case got := <-done:
		return got, true
	case <-timer.C:
	case <-ctx.Done():
	}
	var none T
	return none, false
}
