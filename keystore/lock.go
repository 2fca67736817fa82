package keystore

import (
	"context"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// lock keeps other processes out by the kernel's lock on the file at path, which
// it makes. It waits until ctx ends, and 10 s at most: a holder may be stopped.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type result struct {
		unlock func()
		err    error
	}
	got := make(chan result, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(path).Lock()
		got <- result{unlock, err}
	}()
	select {
	case r := <-got:
		return r.unlock, r.err
	case <-ctx.Done():
		// The wait cannot be ended; a lock that comes too late is given back at once.
		go func() {
			if r := <-got; r.err == nil {
				r.unlock()
			}
		}()
		return nil, ctx.Err()
	}
}
