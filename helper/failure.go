package helper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/plain"
	"aws-connector/keystore"
)

// failureLife is how long a failure answers for others. Some callers start us
// twice for each failure, and a crowd should not ask AWS one after the other.
const failureLife = 5 * time.Second

// outOfReachLife is how long callers that have an older answer do not try again.
const outOfReachLife = 30 * time.Second

// failedSuffix makes a slot's name that of the failure to fill it.
const failedSuffix = ".failed"

// failure is an error that other processes share, in the cache.
type failure struct {
	owner
	Reason Reason `json:"reason"`
	Text   string `json:"text"`
	Advice string `json:"advice,omitempty"`
	Dialog string `json:"dialog,omitempty"` // the text of the keystore's error
	At     int64  `json:"at"`               // milliseconds since 1970
	// Late means that a caller with an older answer did not wait for a new one.
	// That is no failure for a caller who has none, and more time.
	Late bool `json:"late,omitempty"`
}

// dialogs are the failures of a keystore that took a person's time.
var dialogs = []error{keystore.ErrDismissed, keystore.ErrTimeout}

// shareFailure lets others that ask for what is in slot fail with err. Errors
// that cost nothing to find again are not shared: the next call may be after the repair.
func (h *Helper) shareFailure(slot cache.Slot, name string, err error) {
	f := failure{owner: owner{File: h.Connectors.Path, Connector: name}, At: h.now().UnixMilli()}
	var e *Error
	switch {
	case errors.As(err, &e) && e.costly:
		f.Reason, f.Text, f.Advice = e.Reason, e.Text, e.Advice
	case keystoreDialog(err) != nil:
		f.Reason, f.Text, f.Dialog = NeedsPerson, err.Error(), keystoreDialog(err).Error()
	default:
		return
	}
	h.putFailure(slot, f)
}

// shareLateness lets others that have an older answer hand it out at once.
func (h *Helper) shareLateness(slot cache.Slot, name string) {
	h.putFailure(slot, failure{owner: owner{File: h.Connectors.Path, Connector: name}, Reason: Temporary, At: h.now().UnixMilli(), Late: true})
}

func (h *Helper) putFailure(slot cache.Slot, f failure) {
	data, err := json.Marshal(f)
	if err == nil {
		put, ok := within(context.Background(), diskWait, func() error {
			return h.Cache.Slot(slot.Name()+failedSuffix).Put(h.now(), cache.Entry{Expires: h.now().Add(time.Minute), Data: data})
		})
		if err = put; !ok {
			err = context.DeadlineExceeded
		}
	}
	if err != nil {
		h.log().Debug("failure not shared", "connector", f.Connector, "err", err)
	}
}

// outOfReach reports whether a new answer for slot was just not to be had for a
// reason that may pass.
func (h *Helper) outOfReach(slot cache.Slot) bool {
	f, age, ok := h.failureOf(slot)
	return ok && f.Reason == Temporary && age <= outOfReachLife
}

// failureOf returns the failure to fill slot, and how long ago it was.
func (h *Helper) failureOf(slot cache.Slot) (f failure, age time.Duration, ok bool) {
	type found struct {
		entry cache.Entry
		ok    bool
	}
	got, _ := within(context.Background(), diskWait, func() found {
		e, ok := h.Cache.Slot(slot.Name() + failedSuffix).Get(h.now())
		return found{e, ok}
	})
	if !got.ok || json.Unmarshal(got.entry.Data, &f) != nil {
		return f, 0, false
	}
	// A clock that was set back says nothing about when it was.
	age = h.now().Sub(time.UnixMilli(f.At))
	return f, age, age >= 0
}

// sharedFailure returns the failure that another process had with the same
// slot, if that was while this one, which started then, waited for it, or just before.
func (h *Helper) sharedFailure(slot cache.Slot, started time.Time) error {
	f, age, ok := h.failureOf(slot)
	waited := ok && !time.UnixMilli(f.At).Before(started)
	if !ok || f.Late || age > failureLife && !waited {
		return nil
	}
	if !waited {
		f.Text += earlier(age)
	}
	for _, d := range dialogs {
		if f.Dialog == d.Error() {
			return &dialogError{f.Text, d}
		}
	}
	return &Error{Reason: f.Reason, Text: f.Text, Advice: f.Advice, shared: true}
}

// earlier says of a failure that nobody was asked again, and when somebody will be.
func earlier(age time.Duration) string {
	again := max(1, int(math.Ceil((failureLife - age).Seconds())))
	return fmt.Sprintf(" (as answered %s ago; asked again after %d s)", plain.Span(age), again)
}

func keystoreDialog(err error) error {
	for _, d := range dialogs {
		if errors.Is(err, d) {
			return d
		}
	}
	return nil
}

// dialogError is a keystore's error that another process had.
type dialogError struct {
	text  string
	cause error
}

func (e *dialogError) Error() string { return e.text }
func (e *dialogError) Unwrap() error { return e.cause }

func isFailure(slot cache.Slot) bool { return strings.HasSuffix(slot.Name(), failedSuffix) }
