package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mostBytes is the largest that the stripped program may be for Linux on amd64.
const mostBytes = 13_150_000

// goBuild builds pkg as it is shipped: the program of the
// tests links more, and is initialised in another order. It returns what the
// linker said.
func goBuild(t *testing.T, path, pkg, ldflags string, env ...string) string {
	t.Helper()
	cmd := exec.Command("go", "build", "-trimpath", "-tags=nethttpomithttp2", "-buildvcs=false", "-ldflags=-s -w "+ldflags, "-o", path, pkg)
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS="), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go build %s: %v\n%.2000s", pkg, err, out)
	}
	return string(out)
}

// What is linked decides half of what a call costs, and grows unseen.
func TestWhatIsLinked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "aws-connector")
	said := goBuild(t, path, ".", "-dumpdep", "GOOS=linux", "GOARCH=amd64")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > mostBytes {
		t.Errorf("the stripped program has %d bytes, %d too many: look for what links a new package (go version -m, go tool nm -size -sort=size), or raise mostBytes and say in the commit what it buys",
			info.Size(), info.Size()-mostBytes)
	}
	if edges := strings.Count(said, " -> "); edges < 10_000 {
		t.Fatalf("the linker told %d dependencies: -dumpdep is written otherwise now, adapt this test", edges)
	}
	for _, forbidden := range []struct{ symbol, why string }{
		{"text/template.(", "its methods are called by name, so that every exported method of every type is linked"},
		{"<ReflectMethod>", "it finds methods by a name that the linker does not know, so that every exported method of every type is linked"},
	} {
		if edge, ok := firstEdgeTo(said, forbidden.symbol); ok {
			t.Errorf("%s is linked: %s; go without what leads to it", edge, forbidden.why)
		}
	}
}

// firstEdgeTo returns the dependency of something else on what has symbol in its name.
func firstEdgeTo(dump, symbol string) (string, bool) {
	for line := range strings.Lines(dump) {
		from, to, ok := strings.Cut(strings.TrimSpace(line), " -> ")
		if ok && strings.Contains(to, symbol) && !strings.Contains(from, symbol) {
			return fmt.Sprintf("%s (from %s)", to, from), true
		}
	}
	return "", false
}
