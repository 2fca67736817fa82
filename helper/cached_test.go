package helper

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aws-connector/cache"
)

// A cached session is current if a call would be answered with it.
func TestWhichSessionsAreCurrent(t *testing.T) {
	for name, change := range map[string]func(*world){
		"":                            func(*world) {},
		"the connector is edited":     func(w *world) { w.edit(t, roleConnector+"external_id = \"x1\"\n") },
		"the connector is removed":    func(w *world) { w.edit(t, "[connectors.s]\nauth_method = \"session-token\"\n") },
		"the connector is broken":     func(w *world) { w.edit(t, roleConnector+"polcy = 1\n") },
		"the key is replaced":         func(w *world) { w.replaceKey() },
		"the environment is another":  func(w *world) { w.Env.Proxy = "p" },
		"the key's version is hidden": func(w *world) { w.Keys = &asked{keys: w.Keys.(keys), err: errors.New("being changed")} },
		"it is to be renewed":         func(w *world) { w.later(50 * time.Minute) },
	} {
		w := newWorld(t, roleConnector)
		first := w.get(t, "r")
		change(w)
		all, err := w.Sessions(t.Context())
		if err != nil || len(all) != 1 || all[0].Connector != "r" || all[0].AccessKeyID != first.AccessKeyID || !all[0].Expires.Equal(first.Expires) {
			t.Errorf("%s: Sessions = %+v, %v, want the one of r", name, all, err)
		} else if all[0].Current != (name == "") {
			t.Errorf("%s: the session is current: %t", name, all[0].Current)
		}
	}
}

func TestWhichTokensAreCurrent(t *testing.T) {
	for name, change := range map[string]func(*world){
		"":                         func(*world) {},
		"the connector is edited":  func(w *world) { w.edit(t, roleConnector+"external_id = \"x1\"\n") },
		"the connector is removed": func(w *world) { w.edit(t, "[connectors.s]\nauth_method = \"session-token\"\n") },
		"the key is replaced":      func(w *world) { w.replaceKey() },
		"it is to be renewed":      func(w *world) { w.later(6 * time.Hour) },
	} {
		w := newWorld(t, roleConnector)
		w.aws.SetClock(w.clock)
		first := w.token(t, "r", registryHost)
		change(w)
		all, err := w.Tokens(t.Context())
		want := Token{Connector: "r", Service: "ecr", Region: "eu-central-1", Expires: first.Expires, Current: name == ""}
		if err != nil || len(all) != 1 || all[0] != want {
			t.Errorf("%s: Tokens = %+v, %v, want %+v", name, all, err, want)
		}
	}
	for host, service := range map[string]string{"public.ecr.aws": "ecr-public", strings.Replace(registryHost, "ecr", "ecr-fips", 1): "ecr"} {
		w := newWorld(t, roleConnector)
		w.token(t, "r", host)
		if all, err := w.Tokens(t.Context()); err != nil || len(all) != 1 || all[0].Service != service || !all[0].Current {
			t.Errorf("Tokens = %+v, %v, want a current one of %s", all, err, host)
		}
	}
}

// A cache that cannot be looked into is no empty one.
func TestACacheThatCannotBeRead(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.Cache = cache.Open(filepath.Join(t.TempDir(), strings.Repeat("x", 300)), cache.Off)
	if all, err := w.Sessions(t.Context()); all != nil || err == nil {
		t.Errorf("Sessions = %+v, %v, want an error", all, err)
	}
	if all, err := w.Tokens(t.Context()); all != nil || err == nil {
		t.Errorf("Tokens = %+v, %v, want an error", all, err)
	}
	if n, err := w.Clear(t.Context()); n != 0 || err == nil {
		t.Errorf("Clear = %d, %v, want an error", n, err)
	}
	if n, err := w.Forget(t.Context(), "main"); n != 0 || err == nil {
		t.Errorf("Forget = %d, %v, want an error", n, err)
	}
}

// Who gives up waiting for others has removed nothing.
func TestClearThatIsInterrupted(t *testing.T) {
	w := newWorld(t, roleConnector)
	first := w.get(t, "r")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := w.Clear(ctx); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("Clear = %d, %v, want %v", n, err, context.Canceled)
	}
	if w.get(t, "r").AccessKeyID != first.AccessKeyID {
		t.Error("the session is gone")
	}
}

// What is no session counts as none, and goes with the connector in its name.
func TestClearOfWhatIsNoSession(t *testing.T) {
	w := newWorld(t, roleConnector)
	other := &Error{Reason: Failed, Text: "no", costly: true}
	for _, name := range []string{"r-0", "r-b-0"} {
		if err := w.Cache.Slot(name).Put(w.now, cache.Entry{Expires: w.now.Add(time.Hour), Data: []byte("{}")}); err != nil {
			t.Fatal(err)
		}
		w.shareFailure(w.Cache.Slot(name), name[:len(name)-2], other)
	}
	if n, err := w.Clear(t.Context(), "r"); n != 0 || err != nil {
		t.Errorf("Clear = %d, %v, want 0", n, err)
	}
	files, err := os.ReadDir(w.Cache.Path())
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, f := range files {
		if strings.HasPrefix(f.Name(), "r-") {
			left = append(left, f.Name())
		}
	}
	if got := strings.Join(left, " "); got != "r-0.lock r-b-0 r-b-0.failed" {
		t.Errorf("left are %q, want what is r-b's and the lock of r's", got)
	}
}
