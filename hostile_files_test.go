package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// repeated returns unit, with its number for each %, up to size bytes.
func repeated(unit string, size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		b.WriteString(strings.ReplaceAll(unit, "%", fmt.Sprint(i)))
	}
	return b.String()
}

// Whatever is in connectors.toml, reading it takes little memory, and work that
// grows with its size alone: these are beyond what is read at all, or just within.
func TestHostileFiles(t *testing.T) {
	const most = 4<<20 - 100
	w := newHostileWorld(t, "http://127.0.0.1:1")
	normal := w.run(t, "", "list")
	if normal.status != 0 {
		t.Fatalf("list: %s", normal.stderr)
	}
	for name, text := range map[string]string{
		"nested lists":          "x=" + strings.Repeat("[", most),
		"nested tables":         "x=" + strings.Repeat("{a=", most/3),
		"few nested tables":     "x=" + strings.Repeat("{a=", 5000) + "1" + strings.Repeat("}", 5000),
		"a dotted key":          strings.Repeat("a.", 10_000) + "a=1",
		"many keys":             repeated("a%=1\n", most),
		"all keys there may be": repeated("a%=1\n", 740_000),
		"all dotted keys":       repeated("a.b.c.d.e.f.g.x%=1\n", 550_000),
		"all new tables":        repeated("x%.b.c.d.e.f.g=1\n", 200_000),
		"all elements":          "x=[" + strings.Repeat("1,", 550_000) + "]",
		"all small tables":      "x=[" + strings.Repeat("{a=1},", 40_000) + "]",
		"all of one table":      "x={" + repeated("a%=1,", 700_000) + "z=1}",
		"a long string":         "x=\"" + strings.Repeat(`\n`, most/2) + "\"",
		"a long number":         "x=" + strings.Repeat("1", most),
		"no text":               strings.Repeat("\x80", most),
		"10,000 connectors": "[defaults]\nregion = \"eu-central-1\"\nkey = \"main\"\nauth_method = \"session-token\"\n" +
			connectorsText(10_000),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(filepath.Join(w.home, "connectors.toml"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			got := w.run(t, "", "get", "c00007")
			if more := got.peak - normal.peak; more > beyond && !raced {
				t.Errorf("it takes %d MB more", more>>20)
			}
			if got.busy > 3*time.Second && !raced {
				t.Errorf("it takes %v of the processor", got.busy)
			}
			if strings.Contains(got.stderr, "goroutine") || got.stdout != "" || got.status == 0 || len(got.stderr) > 2048 {
				t.Errorf("get ended with %d: %q, %.300q", got.status, got.stdout, got.stderr)
			}
		})
	}
}

func connectorsText(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "[connectors.c%05d]\nexpiration_seconds = 3600\nregistries = [\"%012d\", \"%012d.dkr.ecr.us-east-1.amazonaws.com\"]\n", i, i, i)
	}
	return b.String()
}
