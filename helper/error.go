package helper

import (
	"context"
	"errors"
	"fmt"

	"aws-connector/internal/ambient"
	"aws-connector/internal/connector"
)

// Reason tells what kind of remedy an [Error] has.
type Reason = ambient.Reason

// The reasons.
const (
	Failed        = ambient.Failed
	Misconfigured = ambient.Misconfigured
	NeedsPerson   = ambient.NeedsPerson
	Temporary     = ambient.Temporary
)

// Error is a failure to get credentials.
type Error struct {
	Reason Reason
	// Text says what is wrong, in one line and without any secret.
	Text string
	// Advice says what to do; empty where nothing can be said.
	Advice string
	// Err is what caused it, for errors.Is and errors.As; its text is not shown.
	Err error

	// costly errors took a call to find: other processes share them for a moment.
	costly bool
	// shared is one that another process had.
	shared bool
}

// Error returns Text.
func (e *Error) Error() string { return e.Text }

// Hint returns Advice.
func (e *Error) Hint() string { return e.Advice }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// whole returns err such that the text around an [*Error] is a part of it, which
// is what other processes share.
func whole(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	told := *e
	told.Text = err.Error()
	return &told
}

func temporary(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Reason == Temporary
}

// ended is the error of a call whose context is over.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return &Error{Reason: Temporary, Text: "no answer in time", Advice: "AWS, the network or the keystore is slow: try again", Err: ctx.Err()}
}

// inConnector names the connector that err is about, unless err does so itself.
func inConnector(c connector.Connector, err error) error {
	var named *connector.Error
	if errors.As(err, &named) {
		return err
	}
	return fmt.Errorf("connector %q: %w", c.Name, err)
}
