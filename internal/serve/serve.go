// Package serve answers AWS SDKs as the container credentials endpoint of ECS and
// EKS does, on loopback, for the program that it runs.
//
// An answer comes from memory: SDKs wait for one or two seconds at most. Sessions
// are renewed behind it, before any SDK would ask for a newer one.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
package serve

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/secret"
)

// Source gives the credentials of a connector, and when to ask again for newer ones;
// *helper.Helper is one.
type Source interface {
	Lasting(ctx context.Context, name string) (helper.Credentials, time.Time, error)
}

// Failure is an answer that has no credentials.
type Failure struct {
	// Status is of HTTP: 5xx where asking again may help, which makes SDKs do so.
	Status int
	// Code is one word, Message one line.
	Code, Message string
}

// Options say what an [Endpoint] answers with. All fields but Log are required.
type Options struct {
	// Names are connectors.
	Names  []string
	Source Source
	// Explain words a failure of Source for whoever asked.
	Explain func(error) Failure
	// Renewed is told when Source was asked, and of what came of it.
	Renewed func(name string, err error)
	// Now is the wall clock.
	Now func() time.Time
	Log *slog.Logger
}

const (
	// headerTime, answerTime and headerBytes bound what a connection may take.
	headerTime  = 5 * time.Second
	answerTime  = 20 * time.Second
	headerBytes = 8 << 10
	// connections is how many there may be at once; others wait for one of them to end.
	connections = 64
)

// Endpoint is a server on a port of its own of 127.0.0.1.
type Endpoint struct {
	Options
	token  secret.Text
	port   string
	server *http.Server
	held   map[string]*held
	stop   context.CancelFunc
	loops  sync.WaitGroup
}

// Open gets the credentials of all names, and then serves them until Close. The
// first ones come from first, which may ask a person.
func Open(ctx context.Context, o Options, first Source) (*Endpoint, error) {
	var random [32]byte
	_, _ = rand.Read(random[:]) // it never fails
	e := &Endpoint{Options: o, token: secret.New(hex.EncodeToString(random[:])), held: map[string]*held{}}
	for _, name := range o.Names {
		h := &held{name: name, options: &e.Options}
		c, renew, err := first.Lasting(ctx, name)
		if err == nil {
			err = h.keep(c, renew)
		}
		o.Renewed(name, err)
		if err != nil {
			return nil, err
		}
		e.held[name] = h
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	_, e.port, _ = net.SplitHostPort(l.Addr().String())
	e.server = &http.Server{
		Handler: e, ReadHeaderTimeout: headerTime, ReadTimeout: headerTime, WriteTimeout: answerTime, MaxHeaderBytes: headerBytes,
		ErrorLog: log.New(io.Discard, "", 0), Protocols: new(http.Protocols),
	}
	e.server.Protocols.SetHTTP1(true)
	// A connection that says nothing would take the place of another's.
	e.server.SetKeepAlivesEnabled(false)
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	e.stop = stop
	for _, h := range e.held {
		h.ctx = renewing
		e.loops.Go(h.renewAhead)
	}
	e.loops.Go(func() { _ = e.server.Serve(&limited{Listener: l, room: make(chan struct{}, connections)}) })
	return e, nil
}

// URI is where the credentials of the connector called name are.
func (e *Endpoint) URI(name string) string { return "http://127.0.0.1:" + e.port + "/" + name }

// Token is what a request must have as its Authorization header, 64 characters of hex.
func (e *Endpoint) Token() secret.Text { return e.token }

// Close stops serving at once. It leaves nothing that listens or renews.
func (e *Endpoint) Close() {
	e.server.Close()
	e.stop()
	e.loops.Wait()
}

// limited accepts so many connections at once.
type limited struct {
	net.Listener
	room chan struct{}
}

func (l *limited) Accept() (net.Conn, error) {
	l.room <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.room
		return nil, err
	}
	return &placed{Conn: c, leave: sync.OnceFunc(func() { <-l.room })}, nil
}

type placed struct {
	net.Conn
	leave func()
}

func (p *placed) Close() error {
	defer p.leave()
	return p.Conn.Close()
}
