package helper

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"aws-connector/keystore"
)

// greeter is a listener of TLS that tells of its connections.
type greeter struct {
	net.Listener
	greeted chan struct{}
	n       atomic.Int32
	closed  chan struct{}
}

func (g *greeter) Accept() (net.Conn, error) {
	conn, err := g.Listener.Accept()
	if err != nil {
		return nil, err
	}
	g.n.Add(1)
	return &heard{Conn: conn, g: g}, nil
}

// heard tells of what it reads and when it is closed.
type heard struct {
	net.Conn
	g *greeter
}

func (c *heard) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err == nil {
		c.g.greeted <- struct{}{}
	}
	return n, err
}

// Close is what the server does once the other side has gone.
func (c *heard) Close() error {
	c.g.closed <- struct{}{}
	return c.Conn.Close()
}

// secureWorld is a world whose AWS answers over TLS, with its authority in a bundle.
func secureWorld(t *testing.T, connectors string) (*world, *greeter) {
	t.Helper()
	w := newWorld(t, connectors)
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS() // for its certificate
	server.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &greeter{Listener: l, greeted: make(chan struct{}, 1000), closed: make(chan struct{}, 1000)}
	w.aws.Serve(tls.NewListener(g, &tls.Config{Certificates: server.TLS.Certificates, NextProtos: []string{"h2", "http/1.1"}}))
	w.aws.URL = "https://" + l.Addr().String()
	w.edit(t, connectors)
	w.Env.CABundle = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(w.Env.CABundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	w.Env.Roots = NewRoots(w.Env.CABundle, "")
	return w, g
}

// slowKeys answer once somebody has been greeted.
type slowKeys struct {
	keys
	greeter *greeter
	asked   atomic.Int32
}

func (k *slowKeys) Get(ctx context.Context, name string) (keystore.Key, error) {
	k.asked.Add(1)
	select {
	case <-k.greeter.greeted:
	case <-ctx.Done():
		return keystore.Key{}, ctx.Err()
	}
	return k.keys.Get(ctx, name)
}

// While a key is read, AWS is greeted, with the connection that is used then.
func TestGreetAhead(t *testing.T) {
	w, g := secureWorld(t, roleConnector)
	w.Keys = &slowKeys{keys: w.Keys.(keys), greeter: g}
	w.get(t, "r")
	if n := g.n.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
	w.get(t, "r") // a hit
	if n := g.n.Load(); n != 1 {
		t.Errorf("%d connections after a hit, want 1", n)
	}
}

// A key that is missing leaves no connection, and nothing was asked.
func TestGreetedForNothing(t *testing.T) {
	w, g := secureWorld(t, roleConnector)
	w.Keys = &slowKeys{keys: keys{}, greeter: g}
	if _, err := w.Credentials(t.Context(), "r"); !errors.Is(err, keystore.ErrNotFound) {
		t.Fatalf("Credentials = %v, want no such key", err)
	}
	<-g.closed
	if n := len(w.aws.Requests()); n != 0 || g.n.Load() != 1 {
		t.Errorf("%d requests, %d connections, want none and 1", n, g.n.Load())
	}
}

// Who asks AWS nothing greets nobody.
func TestNotGreeted(t *testing.T) {
	w, g := secureWorld(t, "[connectors.k]\nauth_method = \"secret-key\"\n"+roleConnector+
		"[connectors.m]\nauth_method = \"iam-role\"\nrole_arn = \""+roleARN+"\"\nmfa_serial = \"arn:aws:iam::123456789012:mfa/alice\"\n")
	w.get(t, "k")
	if _, err := w.Credentials(t.Context(), "none"); err == nil {
		t.Error("Credentials(none) succeeded")
	}
	c, err := w.Connectors.Lookup("r")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(h *Helper){
		"http":        func(h *Helper) { h.Env.EndpointURL = "http://127.0.0.1:1"; c.EndpointURL = "" },
		"another STS": func(h *Helper) { h.STS = func(Client) (STS, error) { return nil, errors.New("asked") } },
		"FIPS and URL": func(h *Helper) {
			h.Env.EndpointURL, h.Env.FIPS, c.EndpointURL = w.aws.URL, true, ""
		},
		"no roots":   func(h *Helper) { h.Env.Roots = nil },
		"bad bundle": func(h *Helper) { h.Env.Roots = NewRoots(t.TempDir(), "") },
		"a person":   func(*Helper) { c.MFASerial = "arn:aws:iam::123456789012:mfa/alice" },
	} {
		h, before := *w.Helper, c
		change(&h)
		h.greetAhead(c)()
		c = before
		if h.Env.Roots != nil && len(h.Env.Roots.ahead.all) > 0 {
			t.Errorf("%s: a connection is left", name)
		}
	}
	if n := g.n.Load(); n != 0 {
		t.Errorf("%d connections, want none", n)
	}
}

// Through a proxy AWS is not reached by the way that is known here.
func TestDirect(t *testing.T) {
	u := &url.URL{Scheme: "https", Host: "sts.eu-central-1.amazonaws.com"}
	r := NewRoots(filepath.Join(t.TempDir(), "ca.pem"), "")
	for name, proxy := range map[string]struct {
		url  *url.URL
		err  error
		want bool
	}{
		"none": {nil, nil, true}, "one": {&url.URL{Scheme: "http", Host: "proxy:3128"}, nil, false}, "not a URL": {nil, errors.New("x"), false},
	} {
		transport := &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return proxy.url, proxy.err }}
		r.use(transport)
		if got := direct(transport, u); got != proxy.want {
			t.Errorf("direct with a proxy, %s = %t, want %t", name, got, proxy.want)
		}
	}
}

// A connection on which nothing was said for long may be dead.
func TestAheadGrowsOld(t *testing.T) {
	for age, want := range map[time.Duration]bool{0: true, aheadAge + time.Second: false} {
		var a aheads
		here, there := net.Pipe()
		a.start("x:443", func() (net.Conn, error) { return here, nil })
		a.start("x:443", func() (net.Conn, error) { t.Error("dialled twice"); return nil, errors.New("x") })
		one := a.all["x:443"]
		<-one.done
		one.made = one.made.Add(-age)
		if got := a.take(t.Context(), "x:443"); (got != nil) != want {
			t.Errorf("take of one of age %v = %v, want one: %t", age, got, want)
		}
		if !want {
			if _, err := there.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Errorf("the old one is not closed: %v", err)
			}
		}
		if a.take(t.Context(), "x:443") != nil {
			t.Error("taken twice")
		}
		there.Close()
	}
}
