package helper

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// All calls of AWS for one session end within the 22 s that the AWS SDK for Rust
// gives a credential_process. A first attempt that gets no answer is soon given up,
// for its connection may be dead; a later one is waited for as long as the call may
// last, for AWS may be slow.
const (
	exchangeTimeout = 18 * time.Second
	firstTimeout    = 4 * time.Second
)

// exchanges are the calls of AWS that share one time.
type exchanges struct {
	until    time.Time // zero before the first
	attempts atomic.Int32
}

type exchangesKey struct{}

// exchange bounds all attempts of a call of AWS, together with those of the others
// that the caller's one answer takes.
func exchange(ctx context.Context) (context.Context, context.CancelFunc) {
	e := &exchanges{}
	if p, ok := ctx.Value(patienceKey{}).(*patience); ok {
		e = p.exchange
	}
	if e.until.IsZero() {
		e.until = time.Now().Add(exchangeTimeout)
	}
	return context.WithDeadline(context.WithValue(ctx, exchangesKey{}, e), e.until)
}

// another is an exchange with a time of its own: that of a token, whose callers
// wait longer.
func another(ctx context.Context) (context.Context, context.CancelFunc) {
	e := &exchanges{}
	if p, ok := ctx.Value(patienceKey{}).(*patience); ok {
		e.attempts.Store(p.exchange.attempts.Load())
	}
	return context.WithTimeout(context.WithValue(ctx, exchangesKey{}, e), exchangeTimeout)
}

// timed is an HTTP client that bounds each attempt, its body included. Outside
// an exchange each has [attemptTimeout].
type timed struct {
	client interface {
		Do(*http.Request) (*http.Response, error)
	}
}

// Do sends r.
func (t timed) Do(r *http.Request) (*http.Response, error) {
	limit := attemptTimeout
	if e, ok := r.Context().Value(exchangesKey{}).(*exchanges); ok {
		limit = firstTimeout
		if e.attempts.Add(1) > 1 {
			limit = exchangeTimeout
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	answer, err := t.client.Do(r.WithContext(ctx))
	if err != nil {
		cancel()
		return answer, err
	}
	answer.Body = &timedBody{answer.Body, cancel}
	return answer, nil
}

type timedBody struct {
	io.ReadCloser
	done context.CancelFunc
}

// Close ends the attempt.
func (b *timedBody) Close() error {
	defer b.done()
	return b.ReadCloser.Close()
}
