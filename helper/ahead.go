package helper

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"aws-connector/internal/connector"
)

// aheadAge is how old a connection may be that was made before it was needed:
// servers close those on which nobody says anything.
const aheadAge = 3 * time.Second

// aheads are connections that are made before they are needed, by address. The
// zero value is ready to use.
type aheads struct {
	mu  sync.Mutex
	all map[string]*ahead
}

type ahead struct {
	done chan struct{} // closed after the others are set
	conn net.Conn
	err  error
	made time.Time
}

// greetAhead connects to where c's session will be asked for, while its key is
// read, which with an encrypted file takes as long. Nothing but a greeting is sent.
// It is for a caller that will ask unless the key is missing, and calls the result
// when it has asked. Where a proxy is on the way, or a person, nothing is done.
func (h *Helper) greetAhead(c connector.Connector) (drop func()) {
	none := func() {}
	mints := c.Method == connector.IAMRole || c.Method == connector.SessionToken || c.Method == connector.FederationToken
	if !mints || c.MFASerial != "" || c.Source != "" || h.STS != nil || h.Env.Roots == nil {
		return none
	}
	o, err := h.Client(c, Credentials{}, serviceSTS, c.Region)
	if err != nil {
		return none
	}
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), aheadKey{}, true))
	addr, t := o.straight(ctx)
	if t == nil {
		cancel()
		return none
	}
	known := &h.Env.Roots.ahead
	known.start(addr, func() (net.Conn, error) { return t.DialTLSContext(ctx, "tcp", addr) })
	return func() {
		known.drop(addr)
		cancel()
	}
}

// straight returns the address of o's endpoint and the transport that greets it
// there; nil where that is not with TLS, or not there but at a proxy.
func (o Client) straight(ctx context.Context) (addr string, t *http.Transport) {
	text, err := o.URL(ctx)
	if err != nil {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" {
		return "", nil
	}
	client, err := o.transport()
	if err != nil {
		return "", nil
	}
	t = client.GetTransport()
	if !direct(t, u) {
		return "", nil
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(u.Hostname(), port), t
}

// direct reports whether t calls u without a proxy, by a way of its own.
func direct(t *http.Transport, u *url.URL) bool {
	proxy, err := t.Proxy(&http.Request{URL: u})
	return err == nil && proxy == nil && t.DialTLSContext != nil
}

// aheadKey marks the context of a connection that is made ahead.
type aheadKey struct{}

func (a *aheads) start(addr string, dial func() (net.Conn, error)) {
	one := &ahead{done: make(chan struct{})}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all[addr] != nil {
		return
	}
	if a.all == nil {
		a.all = map[string]*ahead{}
	}
	a.all[addr] = one
	go func() {
		one.conn, one.err = dial()
		one.made = time.Now()
		close(one.done)
	}()
}

// take returns the connection to addr that was made ahead, or what came of it; nil
// if none was, or one that is too old now.
func (a *aheads) take(ctx context.Context, addr string) *ahead {
	one := a.remove(addr)
	if one == nil {
		return nil
	}
	select {
	case <-one.done:
	case <-ctx.Done():
		go one.close()
		return &ahead{err: ctx.Err()}
	}
	if one.err == nil && time.Since(one.made) > aheadAge {
		one.close()
		return nil
	}
	return one
}

// drop closes the connection to addr that nobody took.
func (a *aheads) drop(addr string) {
	if one := a.remove(addr); one != nil {
		go one.close()
	}
}

func (a *aheads) remove(addr string) *ahead {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.all[addr]
	delete(a.all, addr)
	return one
}

func (o *ahead) close() {
	<-o.done
	if o.conn != nil {
		o.conn.Close()
	}
}
