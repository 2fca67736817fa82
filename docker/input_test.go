package docker

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// slow is an input that stays open after its parts, each of which is read by itself.
type slow struct{ parts []string }

func (s *slow) Read(p []byte) (int, error) {
	if len(s.parts) == 0 {
		time.Sleep(time.Hour)
		return 0, io.EOF
	}
	n := copy(p, s.parts[0])
	s.parts = s.parts[1:]
	return n, nil
}

func TestInputThatStaysOpen(t *testing.T) {
	const given = `{"ServerURL":"` + host + `","Username":"AWS","Secret":"x"}`
	for _, tt := range []struct {
		action string
		parts  []string
		after  time.Duration
		want   error
	}{
		{"get", []string{host + "\n"}, 0, nil},
		{"get", []string{"https://", host, "\r\n"}, 0, nil},
		{"get", []string{"docker.io\n"}, 0, ErrNotFound},
		{"get", []string{"\n"}, 0, ErrNoServer},
		{"get", []string{host}, patience, errOpen},
		{"get", nil, patience, errOpen},
		{"erase", []string{host + "\n"}, 0, nil},
		{"erase", []string{host}, patience, errOpen},
		{"store", []string{given[:20], given[20:]}, 0, nil},
		{"store", []string{given[:20]}, patience, errOpen},
	} {
		synctest.Test(t, func(t *testing.T) {
			started := time.Now()
			err := Server{Logins: &anyRegistry{}}.Serve(t.Context(), tt.action, &slow{tt.parts}, io.Discard)
			if took := time.Since(started); !errors.Is(err, tt.want) || took != tt.after {
				t.Errorf("%s %q = %v after %v, want %v after %v", tt.action, tt.parts, err, took, tt.want, tt.after)
			}
			time.Sleep(2 * time.Hour) // until the reader has ended
		})
	}
}

// The call may have less time than a client is given.
func TestInputWithoutTime(t *testing.T) {
	silent, w := io.Pipe()
	defer w.Close()
	over, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	for ctx, want := range map[context.Context]error{over: errOpen, interrupted: context.Canceled} {
		for _, action := range []string{"get", "store", "erase"} {
			if err := (Server{Logins: &anyRegistry{}}).Serve(ctx, action, silent, io.Discard); !errors.Is(err, want) {
				t.Errorf("%s = %v, want %v", action, err, want)
			}
		}
	}
}

// file is an open file that is read slowly.
type file struct {
	fs.File
	slow
}

func (f *file) Read(p []byte) (int, error) { return f.slow.Read(p) }

// A person at a terminal types more slowly than a client writes.
func TestInputOfATerminal(t *testing.T) {
	const all = 55 * time.Second
	files := fstest.MapFS{"terminal": {Mode: fs.ModeDevice | fs.ModeCharDevice}, "pipe": {Mode: fs.ModeNamedPipe}}
	for name, want := range map[string]time.Duration{"terminal": all, "pipe": patience} {
		synctest.Test(t, func(t *testing.T) {
			open, err := files.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), all)
			defer cancel()
			started := time.Now()
			err = Server{Logins: &anyRegistry{}}.Serve(ctx, "get", &file{File: open}, io.Discard)
			if took := time.Since(started); !errors.Is(err, errOpen) || took != want {
				t.Errorf("get from a %s = %v after %v, want %v", name, err, took, want)
			}
			time.Sleep(2 * time.Hour)
		})
	}
}

func TestInputThatCannotBeRead(t *testing.T) {
	torn := errors.New("torn")
	for _, action := range []string{"get", "store", "erase"} {
		in := io.MultiReader(strings.NewReader(host), iotest.ErrReader(torn))
		if err := (Server{Logins: &anyRegistry{}}).Serve(t.Context(), action, in, io.Discard); !errors.Is(err, torn) {
			t.Errorf("%s = %v, want %v", action, err, torn)
		}
	}
}
