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

// Endpoint is a server on a port of its own of 127.0.0.1.
type Endpoint struct {
	Options
	token  secret.Text
	port   string
	server *server
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
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	e.stop = stop
	for _, h := range e.held {
		h.ctx = renewing
		e.loops.Go(h.renewAhead)
	}
	e.server = &server{listener: l, answer: func(r *http.Request) answer { return e.answer(renewing, r) }, open: map[net.Conn]bool{}}
	e.loops.Go(e.server.run)
	return e, nil
}

// URI is where the credentials of the connector called name are.
func (e *Endpoint) URI(name string) string { return "http://127.0.0.1:" + e.port + "/" + name }

// Token is what a request must have as its Authorization header, 64 characters of hex.
func (e *Endpoint) Token() secret.Text { return e.token }

// Close stops serving at once. It leaves nothing that listens or renews.
func (e *Endpoint) Close() {
	e.server.close()
	e.stop()
	e.loops.Wait()
}
