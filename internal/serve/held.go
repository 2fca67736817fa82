package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/plain"
)

const (
	// look is how often the wall clock is looked at: timers stand still while a machine sleeps.
	look = 10 * time.Second
	// renewal bounds one attempt to get newer credentials.
	renewal = 55 * time.Second
	// pause is what lies between two attempts that fail while there is something to
	// answer with, pauseBare while there is not.
	pause     = 30 * time.Second
	pauseBare = 5 * time.Second
	// nearly is how much of a session must be left to answer with it at once, and
	// patience how long newer ones are waited for where there is less.
	nearly   = time.Minute
	patience = 700 * time.Millisecond
	// patienceBare is the same where there is nothing to answer with.
	patienceBare = 15 * time.Second
)

// ErrLongTerm means that a connector's credentials do not expire or have no session
// token: SDKs take neither from an endpoint, and a long-term key has no place there.
var ErrLongTerm = errors.New("its credentials are no session: they have no expiry or no session token")

// held are the credentials of a connector in memory.
type held struct {
	name    string
	options *Options
	ctx     context.Context // of what renews them

	mu sync.Mutex
	// body is the answer; nil before there was one.
	body           []byte
	expires, renew time.Time
	// got and life bound the use by the time that passes, too: a clock may be set back.
	got  time.Time
	life time.Duration
	// err is why the last attempt failed, at tried; nil if it did not.
	err   error
	tried time.Time
	// flight is closed when the attempt under way has ended; nil if there is none.
	flight chan struct{}
}

func (h *held) now() time.Time { return h.options.Now().Round(0) }

// keep makes c the answer.
func (h *held) keep(c helper.Credentials, renew time.Time) error {
	if c.Expires.IsZero() || c.SessionToken.Empty() {
		return fmt.Errorf("connector %q: %w", h.name, ErrLongTerm)
	}
	body, err := encode(struct {
		AccessKeyID     string `json:"AccessKeyId"`
		SecretAccessKey string
		Token           string
		Expiration      string
		AccountID       string `json:"AccountId,omitempty"`
	}{c.AccessKeyID, c.SecretAccessKey.Reveal(), c.SessionToken.Reveal(), c.Expires.UTC().Truncate(time.Second).Format(time.RFC3339), c.AccountID})
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.body, h.expires, h.renew, h.got = body, c.Expires, renew, time.Now()
	h.life = c.Expires.Sub(h.now())
	return nil
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return plain.JSON(b.Bytes()), err
}

// left is how long the answer is good; 0 where there is none.
func (h *held) left() time.Duration {
	return max(0, min(h.expires.Sub(h.now()), h.life-time.Since(h.got)))
}

func (h *held) due() bool { return !h.now().Before(h.renew) || h.left() == 0 }

// answer returns what is held while it is good, or why there is nothing.
func (h *held) answer(ctx context.Context) ([]byte, error) {
	h.mu.Lock()
	left, flight := h.left(), h.attempt()
	h.mu.Unlock()
	if flight != nil && left < nearly {
		wait := patience
		if left == 0 {
			wait = patienceBare
		}
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-flight:
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.left() > 0:
		return h.body, nil
	case h.err != nil:
		return nil, h.err
	}
	return nil, context.DeadlineExceeded
}

// attempt returns what is closed when the attempt under way has ended, and begins
// one where it is time to; nil where it is not. h.mu is held.
func (h *held) attempt() <-chan struct{} {
	wait := pause
	if h.left() == 0 {
		wait = pauseBare
	}
	switch {
	case h.flight != nil:
	case !h.due(), !h.tried.IsZero() && time.Since(h.tried) < wait, h.ctx.Err() != nil:
		return nil
	default:
		h.flight = make(chan struct{})
		go h.fly(h.flight)
	}
	return h.flight
}

// fly asks once for newer credentials.
func (h *held) fly(done chan struct{}) {
	ctx, cancel := context.WithTimeout(h.ctx, renewal)
	defer cancel()
	c, renew, err := h.options.Source.Lasting(ctx, h.name)
	if err == nil {
		err = h.keep(c, renew)
	}
	h.mu.Lock()
	h.err, h.tried = err, time.Now()
	if err == nil && !h.due() {
		h.tried = time.Time{}
	}
	h.flight = nil
	h.mu.Unlock()
	close(done)
	if h.ctx.Err() != nil {
		return
	}
	h.options.Renewed(h.name, err)
	if log := h.options.Log; log != nil {
		log.Debug("asked for newer credentials", slog.String("connector", h.name), slog.Any("err", err))
	}
}

// renewAhead begins attempts when it is time to, until ctx ends.
func (h *held) renewAhead() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-timer.C:
		}
		h.mu.Lock()
		h.attempt()
		wait := h.renew.Sub(h.now())
		h.mu.Unlock()
		if wait <= 0 || wait > look {
			wait = look
		}
		timer.Reset(wait)
	}
}
