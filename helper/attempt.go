package helper

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// One call of AWS ends within the 22 s that the AWS SDK for Rust gives a
// credential_process. A first attempt that gets no answer is soon given up, for
// its connection may be dead; a later one is waited for as long as the call may
// last, for AWS may be slow.
const (
	exchangeTimeout = 18 * time.Second
	firstTimeout    = 4 * time.Second
)

type attemptsKey struct{}

// exchange bounds all attempts of one call of AWS together.
func exchange(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithValue(ctx, attemptsKey{}, new(atomic.Int32)), exchangeTimeout)
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
	if attempts, ok := r.Context().Value(attemptsKey{}).(*atomic.Int32); ok {
		limit = firstTimeout
		if attempts.Add(1) > 1 {
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
