package cache

import (
	"context"
	"os"
)

// Lock makes the caller the only one, of all processes and goroutines, that
// holds the slot's lock until it calls unlock or dies. The lock is the kernel's,
// on a file beside the entry that stays. Its error is ctx's if ctx ends first.
func (s Slot) Lock(ctx context.Context) (unlock func(), err error) {
	if !validName(s.name) {
		return nil, errName
	}
	if err := makeDir(s.dir); err != nil {
		return nil, err
	}
	f, err := openLock(s.path() + lockSuffix)
	if err != nil {
		return nil, err
	}
	if held, err := tryLock(f); held || err != nil {
		return release(f, err)
	}
	got := make(chan error, 1)
	go func() { got <- waitLock(f) }()
	select {
	case err := <-got:
		return release(f, err)
	case <-ctx.Done():
		// The wait cannot be ended; a lock that comes too late is given back at once.
		go func() {
			<-got
			f.Close()
		}()
		return nil, ctx.Err()
	}
}

func release(f *os.File, err error) (func(), error) {
	if err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}
