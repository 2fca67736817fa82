package helper

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/connector"
	"aws-connector/internal/fakeaws"
	"aws-connector/internal/secret"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// slowSTS answers AssumeRole after a while, or never.
type slowSTS struct {
	STS
	after time.Duration
	calls int
}

func (s *slowSTS) AssumeRole(ctx context.Context, _ *sts.AssumeRoleInput, _ ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	s.calls++
	select {
	case <-time.After(s.after):
		return &sts.AssumeRoleOutput{Credentials: &types.Credentials{AccessKeyId: aws.String("ASIASLOW"), SecretAccessKey: aws.String("s"),
			SessionToken: aws.String("t"), Expiration: aws.Time(time.Now().Add(time.Hour))}}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// slowWorld has a clock of its own, and an STS that takes its time.
func slowWorld(t *testing.T, after time.Duration) (*Helper, *slowSTS) {
	t.Helper()
	f, err := connector.Parse("f", []byte("[defaults]\nregion = \"eu-central-1\"\nkey = \"main\"\n"+roleConnector))
	if err != nil {
		t.Fatal(err)
	}
	slow := &slowSTS{after: after}
	return &Helper{Connectors: f, Keys: keys{"main": {ID: accessKeyID}}, Cache: cache.Open(t.TempDir(), cache.Off),
		STS: func(Client) (STS, error) { return slow, nil }}, slow
}

// timedGet returns the access key id, and how long it took to get.
func timedGet(t *testing.T, h *Helper) (id string, took time.Duration, err error) {
	t.Helper()
	began := time.Now()
	c, err := h.Credentials(t.Context(), "r")
	return c.AccessKeyID, time.Since(began), err
}

func TestHasteWithAnOldSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, slow := slowWorld(t, 0)
		if _, _, err := timedGet(t, h); err != nil {
			t.Fatal(err)
		}
		slow.after, slow.calls = time.Hour, 0
		time.Sleep(50 * time.Minute) // 600 s are left
		for i, want := range []time.Duration{haste, 0, 0} {
			if id, took, err := timedGet(t, h); id != "ASIASLOW" || took != want || err != nil {
				t.Errorf("call %d while STS stalls = %s, %v after %v, want the old session after %v", i+1, id, err, took, want)
			}
		}
		time.Sleep(outOfReachLife)
		if _, took, err := timedGet(t, h); took != 0 || err != nil {
			t.Errorf("call after %v took %v, %v; want the old session at once", outOfReachLife, took, err)
		}
		time.Sleep(time.Second)
		if _, took, err := timedGet(t, h); took != haste || err != nil {
			t.Errorf("call after more than %v took %v, %v; want one more try", outOfReachLife, took, err)
		}
		if slow.calls != 2 {
			t.Errorf("STS was asked %d times, want 2", slow.calls)
		}
	})
}

// What was left when the call began counts, not what is left when it ends.
func TestStaleLeft(t *testing.T) {
	for left, ok := range map[time.Duration]bool{staleLeft + time.Second: true, staleLeft: false} {
		synctest.Test(t, func(t *testing.T) {
			h, slow := slowWorld(t, 0)
			if _, _, err := timedGet(t, h); err != nil {
				t.Fatal(err)
			}
			slow.after = time.Hour
			time.Sleep(time.Hour - left)
			_, took, err := timedGet(t, h)
			if (err == nil) != ok || !ok && took != exchangeTimeout {
				t.Errorf("with %v left: %v after %v, want an answer: %t", left, err, took, ok)
			}
		})
	}
}

func TestPatienceWithoutASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, _ := slowWorld(t, exchangeTimeout-time.Second)
		if id, took, err := timedGet(t, h); id != "ASIASLOW" || err != nil {
			t.Errorf("an STS that takes long = %s, %v after %v, want its session", id, err, took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		h, slow := slowWorld(t, time.Hour)
		_, took, err := timedGet(t, h)
		var e *Error
		if !errors.As(err, &e) || e.Reason != Temporary || took != exchangeTimeout {
			t.Errorf("an STS that stalls = %v after %v, want a temporary failure after %v", err, took, exchangeTimeout)
		}
		// Who was late because of an old session is no reason for others to fail.
		slow.after = 0
		c, err := h.Connectors.Lookup("r")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(failureLife + time.Second)
		h.shareLateness(h.slot(h.begin(t.Context(), c)), "r")
		if _, _, err := timedGet(t, h); err != nil {
			t.Errorf("after another's haste: %v", err)
		}
	})
}

// A caller whose own time ends has not found out that AWS fails.
func TestTheCallersEndIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, slow := slowWorld(t, time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := h.Credentials(ctx, "r"); err == nil {
			t.Fatal("Credentials = nil, want an error")
		}
		slow.after = 0
		if _, _, err := timedGet(t, h); err != nil {
			t.Errorf("the next call: %v", err)
		}
	})
}

// Nor that it is out of reach, though there is an old session.
func TestTheCallersEndInHaste(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, slow := slowWorld(t, 0)
		if _, _, err := timedGet(t, h); err != nil {
			t.Fatal(err)
		}
		slow.after = time.Hour
		time.Sleep(50 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if c, err := h.Credentials(ctx, "r"); err == nil || c.AccessKeyID != "" {
			t.Errorf("Credentials = %q, %v, want an error", c.AccessKeyID, err)
		}
		if _, took, err := timedGet(t, h); took != haste || err != nil {
			t.Errorf("the next call took %v, %v; want one more try of %v", took, err, haste)
		}
	})
}

// A failure of the future is from before the clock was set back.
func TestAFailureOfTheFuture(t *testing.T) {
	w := newWorld(t, roleConnector)
	c, err := w.Connectors.Lookup("r")
	if err != nil {
		t.Fatal(err)
	}
	slot := w.slot(w.begin(t.Context(), c))
	w.shareFailure(slot, "r", &Error{Reason: Temporary, Text: "late", costly: true})
	if w.sharedFailure(slot, w.now) == nil || !w.outOfReach(slot) {
		t.Error("a failure of now is not shared")
	}
	w.later(-10 * time.Second)
	if err := w.sharedFailure(slot, w.now); err != nil || w.outOfReach(slot) {
		t.Errorf("a failure of the future is shared: %v", err)
	}
}

// A stopped process that holds all locks delays an answer, once in all.
func TestStoppedHolders(t *testing.T) {
	w := newWorld(t, roleConnector)
	c, err := w.Connectors.Lookup("r")
	if err != nil {
		t.Fatal(err)
	}
	r := w.begin(t.Context(), c)
	other := cache.Open(w.Cache.Path(), cache.Off)
	for _, slot := range []cache.Slot{w.slot(r), w.tokenSlot(r, registry(t, registryHost))} {
		defer w.await(t, slot)
		unlock, err := other.Slot(slot.Name()).Lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
	}
	ctx := patient(t.Context(), 200*time.Millisecond)
	if _, err := w.RegistryToken(ctx, "r", registry(t, registryHost)); err != nil {
		t.Fatal(err)
	}
	if left := ctx.Value(patienceKey{}).(*patience).left; left > 0 {
		t.Errorf("%v of the patience are left, want none", left)
	}
	if err := w.ForgetRegistryToken(patient(t.Context(), 50*time.Millisecond), "r", registry(t, registryHost)); err != nil {
		t.Errorf("ForgetRegistryToken under another's lock = %v", err)
	}
	if n, err := w.Clear(patient(t.Context(), 50*time.Millisecond)); n != 1 || err != nil {
		t.Errorf("Clear under another's lock = %d, %v, want the session", n, err)
	}
}

// await waits until the waits for the slot's lock that were given up are over: they
// would make files when the test has ended.
func (w *world) await(t *testing.T, slot cache.Slot) {
	unlock, err := slot.Lock(context.Background())
	if err != nil {
		t.Error(err)
		return
	}
	unlock()
}

// An old session and a stopped holder: the old one, soon, and then at once.
func TestAStoppedHolderAndAnOldSession(t *testing.T) {
	w := newWorld(t, roleConnector)
	first := w.get(t, "r")
	w.later(50 * time.Minute)
	c, err := w.Connectors.Lookup("r")
	if err != nil {
		t.Fatal(err)
	}
	slot := w.slot(w.begin(t.Context(), c))
	w.shareLateness(slot, "r")
	defer w.await(t, slot)
	unlock, err := cache.Open(w.Cache.Path(), cache.Off).Slot(slot.Name()).Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if again := w.get(t, "r"); again.AccessKeyID != first.AccessKeyID {
		t.Error("the old session was not handed out")
	}
	if n := w.aws.Calls("AssumeRole"); n != 1 {
		t.Errorf("%d calls of AssumeRole, want 1", n)
	}
}

// doer counts attempts and answers the last.
type doer struct {
	answers int // from which attempt on
	tried   []time.Duration
}

func (d *doer) Do(r *http.Request) (*http.Response, error) {
	began := time.Now()
	if len(d.tried)+1 >= d.answers {
		d.tried = append(d.tried, 0)
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(""))}, nil
	}
	<-r.Context().Done()
	d.tried = append(d.tried, time.Since(began))
	return nil, r.Context().Err()
}

func TestTheLastAttemptGetsWhatRemains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &doer{answers: 3}
		ctx, cancel := exchange(t.Context())
		defer cancel()
		for range 2 {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://example.com", nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := (timed{d}).Do(r); err == nil {
				t.Error("an attempt that gets no answer succeeded")
			}
		}
		if want := exchangeTimeout - firstTimeout; d.tried[0] != firstTimeout || d.tried[1] != want {
			t.Errorf("the attempts had %v, want %v and %v", d.tried, firstTimeout, want)
		}
	})
}

// A call that is no part of an exchange has one time for each attempt.
func TestAttemptsOutsideAnExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &doer{answers: 3}
		for range 2 {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.com", nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := (timed{d}).Do(r); err == nil {
				t.Error("an attempt that gets no answer succeeded")
			}
		}
		if d.tried[0] != attemptTimeout || d.tried[1] != attemptTimeout {
			t.Errorf("the attempts had %v, want %v each", d.tried, attemptTimeout)
		}
	})
}

// Beyond the first attempt's time AWS is still waited for, by the SDK too.
func TestSlowAWS(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.aws.Fail(fakeaws.Fault{Stall: true, Times: 1})
	w.get(t, "r")
	if n := w.aws.Calls("AssumeRole"); n != 2 {
		t.Errorf("%d calls of AssumeRole, want 2", n)
	}
}

// What no SDK would read is not worth keeping: the next call may get better.
func TestTooLongASessionIsNotKept(t *testing.T) {
	s := session{ID: "ASIA", Secret: secret.New("s"), Token: secret.New(strings.Repeat("x", processLimit)), Issued: time.Now(), Expires: time.Now().Add(time.Hour)}
	if _, ok := s.entry("f"); ok {
		t.Error("it is kept")
	}
	s.Token = secret.New("x")
	if _, ok := s.entry("f"); !ok {
		t.Error("a short one is not kept")
	}
	longTerm := s
	longTerm.Token = secret.New("")
	if _, ok := longTerm.entry("f"); ok {
		t.Error("one without a token is kept")
	}
	s.Expires = time.Time{}
	if _, ok := s.entry("f"); ok {
		t.Error("one that does not die by itself is kept")
	}
}

func TestForeignSessionsAreAskedForSoonAgain(t *testing.T) {
	now := time.Now()
	c := connector.Connector{Method: connector.Implicit}
	s := session{Issued: now, Expires: now.Add(6 * time.Hour), Foreign: true}
	if !s.fresh(c, now.Add(foreignLife-time.Second)) || s.fresh(c, now.Add(foreignLife)) {
		t.Error("a foreign session is not asked for again after its life")
	}
	s.Expires = now.Add(4 * time.Minute)
	if !s.fresh(c, now.Add(2*time.Minute-time.Second)) || s.fresh(c, now.Add(2*time.Minute)) {
		t.Error("a foreign session that lives short is not asked for again at half its life")
	}
	s.Expires = now.Add(6 * time.Hour)
	s.Foreign = false
	if !s.fresh(c, now.Add(foreignLife)) {
		t.Error("a session of our own is asked for again")
	}
	s.ID, s.Secret, s.Token, s.Foreign = "ASIA", secret.New("s"), secret.New("t"), true
	if e, ok := s.entry("f"); !ok {
		t.Error("it is not kept")
	} else if back, ok := sessionIn(e); !ok || !back.Foreign {
		t.Error("the cache forgets that it is foreign")
	}
}

// What no header, shell or line takes is handed out by nobody, wherever it came from.
func TestUnprintableCredentialsAreNotHandedOut(t *testing.T) {
	for _, bad := range []string{"a b", "a\nb", "a\x1b[2J", "a\u009bb", "a\u202eb", "é"} {
		w := newWorld(t, roleConnector)
		w.aws.Fail(fakeaws.Fault{Action: "AssumeRole", Status: 200, ContentType: "text/xml", Body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>` +
			`<AccessKeyId>ASIAX</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>` + strings.ReplaceAll(bad, "\x1b", "&#155;") + `</SessionToken>` +
			`<Expiration>` + w.now.Add(time.Hour).UTC().Format(time.RFC3339) + `</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`})
		w.Answered = func(a Answer) {
			if a.AccessKeyID != "" || a.Err == nil {
				t.Errorf("the answer with %q is told as %+v", bad, a)
			}
		}
		var e *Error
		for range 2 {
			if _, err := w.Credentials(t.Context(), "r"); !errors.As(err, &e) || strings.Contains(err.Error(), bad) {
				t.Errorf("a session token with %q = %v, want a refusal", bad, err)
			}
		}
		if _, err := w.RegistryToken(t.Context(), "r", registry(t, registryHost)); err == nil {
			t.Errorf("a session token with %q made a token", bad)
		}
		if all, err := w.Sessions(t.Context()); len(all) != 0 || err != nil {
			t.Errorf("Sessions = %+v, %v, want none", all, err)
		}
	}
}
