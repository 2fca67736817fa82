// Command fakeawsd runs the fake AWS of package fakeaws with its control API,
// for suites that are not written in Go.
//
//	fakeawsd [-addr 127.0.0.1:0] [-log FILE]
//
// It prints its URL on one line when it is ready and ends with status 0 on
// SIGTERM or an interrupt. With -log it appends every request to FILE as a line
// of JSON.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"aws-connector/internal/fakeaws"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "host:port to listen on")
	log := flag.String("log", "", "append every request to `FILE` as a line of JSON")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *log); err != nil {
		fmt.Fprintf(os.Stderr, "fakeawsd: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr, log string) error {
	s, err := fakeaws.Listen(addr)
	if err != nil {
		return err
	}
	defer s.Close()
	if log != "" {
		f, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer f.Close()
		s.LogTo(f)
	}
	s.EnableControl()
	if _, err := fmt.Println(s.URL); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
