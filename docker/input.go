package docker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"
)

// patience is how long more input is waited for. Clients write all of it at once.
const patience = 10 * time.Second

// errOpen is for a client that neither ends its input nor closes it.
var errOpen = errors.New("standard input stayed open without the whole input: a client writes it and closes its end, or ends the registry's host with a newline")

// readLine reads a server URL: one line, with or without its end.
func readLine(ctx context.Context, in io.Reader) (string, error) {
	const longestEnd = 2 // "\r\n"
	data, err := read(ctx, in, maxURL+longestEnd+1, func(data []byte) bool { return bytes.HasSuffix(data, []byte("\n")) })
	if err != nil {
		return "", err
	}
	line, ended := strings.CutSuffix(string(data), "\n")
	if ended {
		line = strings.TrimSuffix(line, "\r")
	}
	if strings.TrimSpace(line) == "" {
		return "", ErrNoServer
	}
	return line, nil
}

// read reads until in ends, whole says that all is there, or limit bytes are. A
// client may never close its end; a person at a terminal has until ctx ends.
func read(ctx context.Context, in io.Reader, limit int64, whole func([]byte) bool) ([]byte, error) {
	type chunk struct {
		data []byte
		err  error
	}
	chunks := make(chan chunk)
	stopped := make(chan struct{})
	defer close(stopped)
	go func() {
		for rest := io.LimitReader(in, limit); ; {
			c := chunk{data: make([]byte, 4096)}
			var n int
			n, c.err = rest.Read(c.data)
			c.data = c.data[:n]
			select {
			case chunks <- c:
			case <-stopped:
				return
			}
			if c.err != nil {
				return
			}
		}
	}()
	terminal := isTerminal(in)
	var all []byte
	for {
		var idle <-chan time.Time
		if !terminal {
			idle = time.After(patience)
		}
		select {
		case c := <-chunks:
			all = append(all, c.data...)
			switch {
			case c.err == io.EOF, whole(all):
				return all, nil
			case c.err != nil:
				return nil, c.err
			}
		case <-idle:
			return nil, errOpen
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil, ctx.Err()
			}
			return nil, errOpen
		}
	}
}

func isTerminal(in io.Reader) bool {
	file, ok := in.(fs.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}
