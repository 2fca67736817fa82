package cli

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
)

// errCrash is a panic. What it says may quote a secret, and its trace would be
// on a stream that a client reads: neither is shown.
var errCrash = errors.New("internal error; please report the command, and what it prints with AWS_CONNECTOR_LOG=1")

// survive, deferred, turns a panic into a failure, told as the caller expects it.
func (a *App) survive(status *int) {
	if recover() == nil {
		return
	}
	if log := a.log(); log != nil {
		log.Debug("panic", "stack", string(debug.Stack()))
	}
	*status = a.fail(errCrash)
	if strings.HasPrefix(a.trail.action, "docker") {
		fmt.Fprintln(a.Stdout, message(errCrash, "; "))
	}
}
