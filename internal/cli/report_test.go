package cli

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aws-connector/internal/resource"
)

func TestTelling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		names := []string{"a", "b", "c", "d"}
		var out strings.Builder
		tell := &telling{out: &out, names: names, reports: make([]*resource.Report, len(names))}
		told := func(after time.Duration, want string) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			tell.mu.Lock()
			defer tell.mu.Unlock()
			if got := strings.ReplaceAll(out.String(), ": passed, 0.00s\n", ""); got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		}
		done := func(name string) {
			tell.done(slices.Index(names, name), resource.Report{Connector: name})
		}
		done("c")
		done("b")
		told(patience/2, "")
		told(patience, "bc")
		done("a")
		told(0, "bca")
		done("d")
		told(2*patience, "bcad")
	})
}
