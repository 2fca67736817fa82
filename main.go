// Command aws-connector gives AWS tools their credentials.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"aws-connector/internal/cli"
	"aws-connector/internal/tty"
	"aws-connector/internal/warm"
)

func main() {
	log.SetOutput(io.Discard) // net/http quotes there what servers send unasked
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	app := cli.App{Stdin: warm.Stdin(), Stdout: os.Stdout, Stderr: os.Stderr, Now: time.Now, Terminal: tty.Open, Question: warm.Asked(), Release: stop}
	status := app.Run(ctx, os.Args)
	stop()
	os.Exit(status)
}
