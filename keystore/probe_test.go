package keystore

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

func TestProbeOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.age")
	s := quick(path, passphrase("correct"))
	if got, err := s.Probe(t.Context()); err != nil || !got.Listed || len(got.Names) != 0 {
		t.Errorf("Probe() of an absent file = %+v, %v", got, err)
	}
	for _, name := range []string{"b", "a"} {
		if err := s.Set(t.Context(), name, long); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Probe(t.Context()); err != nil || !got.Listed || !slices.Equal(got.Names, []string{"a", "b"}) {
		t.Errorf("Probe() = %+v, %v, want a and b", got, err)
	}
	if _, err := quick(path, passphrase("wrong")).Probe(t.Context()); !errors.Is(err, ErrPassphrase) {
		t.Errorf("Probe() with a wrong passphrase = %v, want %v", err, ErrPassphrase)
	}
}

// What answers on a real bus is in testdata/peers/doctor.sh.
func TestProbeWithoutABus(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // other systems have no bus
	}
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, "silent"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, test := range []struct {
		address string
		want    error
	}{
		{"", ErrUnavailable},
		{"autolaunch:", ErrUnavailable},
		{"unix:path=" + filepath.Join(dir, "nothing"), ErrUnavailable},
		{"nonsense", ErrUnavailable},
		{"unix:path=" + filepath.Join(dir, "silent"), ErrTimeout},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if test.want == ErrTimeout {
			ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
		}
		s := System(SystemOptions{BusAddress: test.address, RuntimeDir: dir})
		if got, err := s.Probe(ctx); !errors.Is(err, test.want) || got.Listed {
			t.Errorf("Probe() with bus %q = %+v, %v, want %v", test.address, got, err, test.want)
		}
		cancel()
	}
}
