package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// What opens AWS is printed on a screen with a warning, whether or not the answer is
// one that is given before anything else is initialised; into a pipe, without one.
func TestLiveCredentialsOnAScreen(t *testing.T) {
	h := newHits(t)
	for _, call := range hitCalls {
		if _, tooMany := h.initialised(t, call.args, call.stdin); len(tooMany) > 0 {
			t.Fatalf("%s: no answer is kept", call.name)
		}
		piped, errs, err := h.run(h.program, call.args, call.stdin)
		if err != nil || strings.Contains(errs, "live") {
			t.Errorf("%s: piped it ended with %v and said %q", call.name, err, errs)
		}
		for range 2 {
			c := newConsole(t)
			var stderr bytes.Buffer
			c.cmd = &exec.Cmd{Path: h.program, Args: call.args, Env: h.env, Stdin: strings.NewReader(call.stdin), Stdout: c.slave, Stderr: &stderr}
			if err := c.cmd.Run(); err != nil {
				t.Fatalf("%s: %v: %s", call.name, err, stderr.String())
			}
			c.await(strings.TrimSpace(piped))
			if n := strings.Count(stderr.String(), "whoever sees this screen or a log of it can use "); n != 1 {
				t.Errorf("%s: it warned %d times: %s", call.name, n, stderr.String())
			}
		}
	}
}
