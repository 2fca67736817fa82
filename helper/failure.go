package helper

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"aws-connector/cache"
	"aws-connector/keystore"
)

// failureLife is how long a failure answers for others. Some callers start us
// twice for each failure, and a crowd should not ask AWS one after the other.
const failureLife = 5 * time.Second

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
	data, err := json.Marshal(f)
	if err == nil {
		err = h.Cache.Slot(slot.Name()+failedSuffix).Put(h.now(), cache.Entry{Expires: h.now().Add(time.Minute), Data: data})
	}
	if err != nil {
		h.log().Debug("failure not shared", "connector", name, "err", err)
	}
}

// sharedFailure returns the failure that another process had with the same
// slot, if that was while this one, which started then, waited for it, or just before.
func (h *Helper) sharedFailure(slot cache.Slot, started time.Time) error {
	e, ok := h.Cache.Slot(slot.Name() + failedSuffix).Get(h.now())
	var f failure
	if !ok || json.Unmarshal(e.Data, &f) != nil {
		return nil
	}
	at := time.UnixMilli(f.At)
	if age := h.now().Sub(at); age < 0 || age > failureLife && at.Before(started) {
		return nil
	}
	for _, d := range dialogs {
		if f.Dialog == d.Error() {
			return &dialogError{f.Text, d}
		}
	}
	return &Error{Reason: f.Reason, Text: f.Text, Advice: f.Advice}
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
