package helper

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"aws-connector/cache"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

const (
	// codeLife is how long AWS may take a code: it takes those of the step before and after too.
	codeLife = 90 * time.Second
	// codeStep is how long a device shows a code.
	codeStep = 30 * time.Second
	// codeTries is how many codes one call may take.
	codeTries = 3
	// toSend is what is left of a call's time for AWS once a code is there.
	toSend = 8 * time.Second
	// offClock is by how much a clock may be off with no harm to codes.
	offClock = 15 * time.Second

	codePrefix = "_code-"
)

// spent is what is known of a device's codes, for all processes of the user.
type spent struct {
	// Step is the last one whose code was sent; 0 for none.
	Step int64 `json:"step,omitempty"`
	// Codes are digests of those sent, with when they are of no use any more, in seconds since 1970.
	Codes map[string]int64 `json:"codes,omitempty"`
	// Ahead is by how many seconds AWS's clock is ahead of this machine's.
	Ahead int64 `json:"ahead,omitempty"`
}

// ledger is the codes of a device while this process alone, of all, may send one.
type ledger struct {
	h      *Helper
	slot   cache.Slot
	kept   bool // there is a place for it
	device string
	spent
}

// ledger waits for the others that send codes of the factor's device.
func (h *Helper) ledger(ctx context.Context, f factor) (l *ledger, unlock func(), err error) {
	l = &ledger{h: h, device: f.device}
	if h.Cache == nil {
		return l, func() {}, nil
	}
	l.slot, l.kept = h.Cache.Slot(codePrefix+digest(f.device)), true
	if unlock, err = h.lock(ctx, l.slot); err != nil {
		return nil, nil, err
	}
	got, _ := within(ctx, diskWait, func() cache.Entry {
		e, _ := l.slot.Get(h.now())
		return e
	})
	_ = json.Unmarshal(got.Data, &l.spent) // what cannot be read is as good as none
	return l, unlock, nil
}

// now is AWS's time, as far as it is known.
func (l *ledger) now() time.Time { return l.h.now().Add(time.Duration(l.Ahead) * time.Second) }

func (l *ledger) has(code string) bool {
	until, ok := l.Codes[l.mark(code)]
	return ok && l.h.now().Unix() < until
}

func (l *ledger) mark(code string) string { return digest(l.device, code) }

// spend notes a code, and the step that it is of if that is known, before it is sent.
func (l *ledger) spend(ctx context.Context, code string, step int64) {
	now := l.h.now()
	codes := map[string]int64{l.mark(code): now.Add(codeLife).Unix()}
	for c, until := range l.Codes {
		if now.Unix() < until && until <= now.Add(codeLife).Unix() {
			codes[c] = until
		}
	}
	l.Codes = codes
	if step > 0 {
		l.Step = step
	}
	l.keep(ctx)
}

// learn notes AWS's clock, and reports by how much the one was off that codes were
// taken by.
func (l *ledger) learn(ctx context.Context, date time.Time) (off time.Duration) {
	if date.IsZero() {
		return 0
	}
	off = date.Sub(l.now()).Abs()
	const negligible = 5 // seconds
	ahead := int64(date.Sub(l.h.now()).Round(time.Second) / time.Second)
	if ahead > -negligible && ahead < negligible {
		ahead = 0
	}
	if ahead != l.Ahead {
		l.Ahead = ahead
		l.keep(ctx)
	}
	return off
}

// keep writes the ledger. Where that cannot be, codes are told apart in this call alone.
func (l *ledger) keep(ctx context.Context) {
	data, err := json.Marshal(l.spent)
	if err != nil || !l.kept {
		l.kept = false
		return
	}
	const life = 30 * 24 * time.Hour // of what is known of the clocks
	put, ok := within(context.WithoutCancel(ctx), diskWait, func() error {
		return l.slot.Put(l.h.now(), cache.Entry{Expires: l.h.now().Add(life), Data: data})
	})
	if !ok || put != nil {
		l.kept = false
		l.h.log().Debug("the codes sent are not noted", "in time", ok, "err", put)
	}
}

// coded makes a call with a code, and with another one where that may help. No
// code is sent twice: not even one that may have got lost.
func (h *Helper) coded(ctx context.Context, f factor, source codeSource, send func(context.Context, *ledger, string) (minted, error)) (minted, error) {
	if source.person() {
		ctx = unhurried(ctx)
	}
	l, unlock, err := h.ledger(ctx, f)
	if err != nil {
		return minted{}, err
	}
	defer unlock()
	defer restart(ctx)
	var before *attempt
	for tries := 1; ; tries++ {
		code, step, err := source.code(ctx, l, before)
		if err != nil {
			if before != nil && temporary(err) {
				err = before.final(f, source) // no time is left for another one
			}
			return minted{}, err
		}
		l.spend(ctx, code, step)
		m, sent, err := sendOnce(ctx, func(ctx context.Context) (minted, error) { return send(ctx, l, code) })
		if err == nil {
			l.learn(ctx, m.date)
			return m, nil
		}
		if ctx.Err() != nil {
			return minted{}, ended(ctx)
		}
		before = &attempt{err: err, refused: refusedCode(err), unkept: !l.kept, lost: sent && temporary(err), off: l.learn(ctx, dateOf(err))}
		h.log().Debug("no answer to the MFA code", "connector", f.connector.Name, "refused", before.refused, "lost", before.lost, "err", err)
		if tries == codeTries || !source.another(before, tries) {
			return minted{}, before.final(f, source)
		}
	}
}

// attempt is what became of a code.
type attempt struct {
	err error
	// refused: AWS says that the code is wrong. lost: nobody knows what AWS did with it.
	refused, lost bool
	// unkept: others cannot know that it was sent, nor this process what they sent.
	unkept bool
	// off is by how much the clock was off that the code was taken by.
	off time.Duration
}

// final is the error that a call ends with.
func (a *attempt) final(f factor, source codeSource) error {
	var e *Error
	if !errors.As(a.err, &e) {
		return a.err
	}
	told := *e
	switch {
	case a.refused:
		told.Reason, told.Advice = NeedsPerson, source.wrong(f)
	case strings.Contains(e.Text, "verify your MFA serial number"):
		told.Reason, told.Advice = Misconfigured, "mfa_serial must be the device of the key's user: IAM shows it as the user's assigned MFA device"
	case a.lost:
		told.Advice = "AWS may have used up the MFA code, so it is not sent again: try again with the device's next one"
	}
	return &told
}

// dateOf returns AWS's time at the answer that err is about; zero where there is none.
func dateOf(err error) time.Time {
	var r *awshttp.ResponseError
	if !errors.As(err, &r) || r.Response == nil {
		return time.Time{}
	}
	at, _ := http.ParseTime(r.Response.Header.Get("Date")) // zero where it is none
	return at
}

func refusedCode(err error) bool {
	var e *Error
	return errors.As(err, &e) && strings.Contains(e.Text, "MultiFactorAuthentication failed") && strings.Contains(e.Text, "one time pass code")
}

// sendOnce makes a call that must not be made twice. It is made again only where
// no connection came about, so that nothing of it can have been sent.
func sendOnce(ctx context.Context, call func(context.Context) (minted, error)) (m minted, sent bool, err error) {
	for try := 1; ; try++ {
		asking, cancel := single(ctx)
		var began, wrote atomic.Bool
		m, err = call(httptrace.WithClientTrace(asking, &httptrace.ClientTrace{
			GetConn:      func(string) { began.Store(true) },
			WroteHeaders: func() { wrote.Store(true) },
		}))
		cancel()
		unsent := began.Load() && !wrote.Load()
		if err == nil || !unsent || !temporary(err) || try == attempts || ctx.Err() != nil {
			return m, !unsent, err
		}
		pause(ctx, time.Duration(try)*maxBackoff/attempts)
	}
}

// single is an exchange of one attempt, which is waited for as long as one may last.
func single(ctx context.Context) (context.Context, context.CancelFunc) {
	e := &exchanges{}
	e.attempts.Store(1)
	return context.WithTimeout(context.WithValue(ctx, exchangesKey{}, e), exchangeTimeout)
}

// restart gives the calls of AWS that follow a time of their own: a person has
// taken what they would have had.
func restart(ctx context.Context) {
	if p, ok := ctx.Value(patienceKey{}).(*patience); ok {
		p.exchange.until = time.Time{}
	}
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
