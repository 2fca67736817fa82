package keystore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A lock that comes when nobody waits for it any more is given back.
func TestALockThatComesTooLate(t *testing.T) {
	for _, cancelled := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if cancelled {
				cancel()
			}
			defer cancel()
			late, back := make(chan bool), 0
			unlock, err := lock(ctx, "p", "w", func(string, bool) (func(), error) {
				<-late
				return func() { back++ }, nil
			})
			if unlock != nil || errors.Is(err, context.Canceled) != cancelled || !cancelled && !strings.Contains(err.Error(), "another process keeps p locked") {
				t.Errorf("lock = %v, cancelled: %t", err, cancelled)
			}
			close(late)
			synctest.Wait()
			if back != 1 {
				t.Errorf("it was given back %d times, want once", back)
			}
		})
	}
}

// Who sees that others have their turn waits on; a holder that does nothing is
// waited for once.
func TestPatienceWithALock(t *testing.T) {
	for turns, want := range map[int]time.Duration{0: patience, 1: 2 * patience, 3: 4 * patience} {
		synctest.Test(t, func(t *testing.T) {
			watched := filepath.Join(t.TempDir(), "w")
			go func() {
				time.Sleep(patience / 2)
				for i := range turns {
					if err := os.WriteFile(watched, make([]byte, i+1), 0o600); err != nil {
						t.Error(err)
					}
					time.Sleep(patience)
				}
			}()
			never := make(chan bool)
			began := time.Now()
			_, err := lock(t.Context(), "p", watched, func(string, bool) (func(), error) {
				<-never
				return nil, errBusy
			})
			if took := time.Since(began); err == nil || took != want {
				t.Errorf("lock while others have %d turns = %v after %v, want that it gave up after %v", turns, err, took, want)
			}
			close(never)
			time.Sleep(patience)
		})
	}
}
