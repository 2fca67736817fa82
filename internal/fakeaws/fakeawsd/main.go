// Command fakeawsd runs the fake AWS of package fakeaws with its control API,
// for suites that are not written in Go.
//
//	fakeawsd [-addr 127.0.0.1:0] [-log FILE]
//	         [-registry 127.0.0.1:0 -upstream URL -cert CERT -key KEY]
//
// It prints its URL on one line when it is ready and ends with status 0 on
// SIGTERM or an interrupt. With -log it appends every request to FILE as a line
// of JSON.
//
// With -registry it also makes the Docker registry at URL, which asks for no
// credentials, answer over TLS as ECR does. It prints the listener's URL as a
// second line. CERT is the file with the certificate for the registries' names
// and KEY that with its key, both PEM.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"aws-connector/internal/fakeaws"
)

type options struct {
	addr, log                     string
	registry, upstream, cert, key string
}

func main() {
	var o options
	flag.StringVar(&o.addr, "addr", "127.0.0.1:0", "host:port to listen on")
	flag.StringVar(&o.log, "log", "", "append every request to `FILE` as a line of JSON")
	flag.StringVar(&o.registry, "registry", "", "host:port to answer on as the registries of ECR")
	flag.StringVar(&o.upstream, "upstream", "", "`URL` of the Docker registry behind them")
	flag.StringVar(&o.cert, "cert", "", "`CERT`: file with the certificate of the registries, PEM")
	flag.StringVar(&o.key, "key", "", "`KEY`: file with its key, PEM")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintf(os.Stderr, "fakeawsd: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	s, err := fakeaws.Listen(o.addr)
	if err != nil {
		return err
	}
	defer s.Close()
	if o.log != "" {
		f, err := os.OpenFile(o.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer f.Close()
		s.LogTo(f)
	}
	s.EnableControl()
	ready := s.URL
	stopped := make(chan error, 1)
	if o.registry != "" || o.upstream != "" || o.cert != "" || o.key != "" {
		l, handler, err := o.listenRegistry(s)
		if err != nil {
			return err
		}
		server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
		defer server.Close()
		go func() { stopped <- server.Serve(l) }()
		ready += "\nhttps://" + l.Addr().String()
	}
	if _, err := fmt.Println(ready); err != nil {
		return err
	}
	select {
	case err := <-stopped:
		return fmt.Errorf("registry: %w", err)
	case <-ctx.Done():
		return nil
	}
}

// listenRegistry returns a TLS listener and what is to be served on it.
func (o options) listenRegistry(s *fakeaws.Server) (net.Listener, http.Handler, error) {
	if o.registry == "" || o.upstream == "" || o.cert == "" || o.key == "" {
		return nil, nil, errors.New("-registry, -upstream, -cert and -key go together")
	}
	upstream, err := url.Parse(o.upstream)
	if err != nil || upstream.Scheme != "http" && upstream.Scheme != "https" || upstream.Host == "" {
		return nil, nil, fmt.Errorf("-upstream %q: not an http or https URL", o.upstream)
	}
	cert, err := tls.LoadX509KeyPair(o.cert, o.key)
	if err != nil {
		return nil, nil, fmt.Errorf("-cert %q, -key %q: %w", o.cert, o.key, err)
	}
	l, err := tls.Listen("tcp", o.registry, &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		return nil, nil, fmt.Errorf("-registry %q: %w", o.registry, err)
	}
	return l, s.RegistryProxy(upstream), nil
}
