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
			if got := strings.ReplaceAll(strings.ReplaceAll(out.String(), ": passed\n", ""), "\n", "|"); got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		}
		done := func(name string) {
			tell.done(slices.Index(names, name), resource.Report{Connector: name})
		}
		done("c")
		done("b")
		told(patience/2, "")
		told(patience, "b|c")
		done("a")
		told(0, "b|c|a")
		done("d")
		told(2*patience, "b|c|a|d")
	})
}

// While a question is on the screen no report is written over it.
func TestNothingIsToldOverAQuestion(t *testing.T) {
	names := []string{"a", "b", "c"}
	var out strings.Builder
	tell := &telling{out: &out, names: names, reports: make([]*resource.Report, len(names))}
	tell.done(0, resource.Report{Connector: "a"})
	release, again := tell.hold(), tell.hold()
	tell.done(1, resource.Report{Connector: "b"})
	tell.done(2, resource.Report{Connector: "c"})
	release()
	if got := out.String(); got != "a: passed\n" {
		t.Errorf("told %q over a question", got)
	}
	again()
	if got, want := out.String(), "a: passed\n\nb: passed\n\nc: passed\n"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}
