package serve

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// bubble returns what is held of a source, in a bubble of synctest.
func bubble(t *testing.T, s *source, now func() time.Time) *held {
	o := options(s, "deploy")
	o.Now = now
	ctx, cancel := context.WithCancel(t.Context())
	h := &held{name: "deploy", options: &o, ctx: ctx}
	c, renew, err := s.Lasting(ctx, "deploy")
	if err == nil {
		err = h.keep(c, renew)
	}
	if err != nil {
		t.Fatal(err)
	}
	go h.renewAhead()
	t.Cleanup(cancel)
	return h
}

func TestRenewsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{life: 900 * time.Second}
		h := bubble(t, s, time.Now)
		for i := range 20 {
			time.Sleep(450*time.Second + time.Millisecond)
			synctest.Wait()
			if got := s.called(); got != i+2 {
				t.Fatalf("after %d half lives the source was asked %d times", i+1, got)
			}
			h.mu.Lock()
			left := h.left()
			h.mu.Unlock()
			if left < 899*time.Second {
				t.Fatalf("%v are left", left)
			}
		}
	})
}

// Whoever asks while AWS is out of reach gets the old session, at once, as long as
// it is good, then the reason; and AWS is not asked all the time.
func TestOldOneWhileOutOfReach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{life: 900 * time.Second}
		h := bubble(t, s, time.Now)
		s.set(func() { s.err, s.delay = errors.New("out of reach"), 4*time.Second })
		for range 80 {
			began := time.Now()
			if body, err := h.answer(t.Context()); err != nil || !strings.Contains(string(body), "ASIAdeploy1") || time.Since(began) > patience {
				t.Fatalf("answer = %s, %v after %v", body, err, time.Since(began))
			}
			time.Sleep(10 * time.Second)
		}
		if got := s.called(); got < 5 || got > 20 {
			t.Errorf("in 800 s the source was asked %d times", got)
		}
		time.Sleep(100 * time.Second)
		if _, err := h.answer(t.Context()); err == nil || err.Error() != "out of reach" {
			t.Errorf("answer = %v, want the reason", err)
		}
		s.set(func() { s.err = nil })
		time.Sleep(pauseBare)
		if body, err := h.answer(t.Context()); err != nil || strings.Contains(string(body), "ASIAdeploy1\"") {
			t.Errorf("answer = %s, %v, want a new one", body, err)
		}
	})
}

// After a sleep, in which timers stood still, the wall clock counts.
func TestAfterSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slept time.Duration
		var mu sync.Mutex
		s := &source{life: time.Hour}
		h := bubble(t, s, func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(slept) })
		mu.Lock()
		slept = 2 * time.Hour
		mu.Unlock()
		s.set(func() { s.life = 4 * time.Hour })
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if body, err := h.answer(t.Context()); err != nil || !strings.Contains(string(body), "ASIAdeploy2") {
					t.Errorf("answer = %s, %v", body, err)
				}
			})
		}
		all.Wait()
		if s.called() != 2 {
			t.Errorf("the source was asked %d times", s.called())
		}
	})
}

// A clock that is set back gives no session a longer life.
func TestClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var back time.Duration
		var mu sync.Mutex
		s := &source{life: time.Hour}
		h := bubble(t, s, func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(-back) })
		s.set(func() { s.err = errors.New("no") })
		mu.Lock()
		back = 5 * time.Hour
		mu.Unlock()
		time.Sleep(time.Hour + time.Second)
		if body, err := h.answer(t.Context()); err == nil {
			t.Errorf("answer = %s", body)
		}
	})
}

// Nobody need ask: the wall clock is looked at again soon after a sleep.
func TestRenewsAfterSleepUnasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slept atomic.Int64
		s := &source{life: 4 * time.Hour}
		bubble(t, s, func() time.Time { return time.Now().Add(time.Duration(slept.Load())) })
		synctest.Wait()
		slept.Store(int64(3 * time.Hour))
		time.Sleep(look + time.Second)
		synctest.Wait()
		if s.called() != 2 {
			t.Errorf("the source was asked %d times", s.called())
		}
	})
}
