package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// started returns the memory that each package takes before main, by path, of this
// test's program, which has all that the program has.
func started(t *testing.T, env ...string) map[string]int {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.run=^$")
	cmd.Env = append(os.Environ(), append(env, "GODEBUG=inittrace=1")...)
	var told bytes.Buffer
	cmd.Stderr = &told
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`^init (\S+) @.* (\d+) bytes, \d+ allocs$`)
	took := map[string]int{}
	for s := bufio.NewScanner(&told); s.Scan(); {
		if m := line.FindStringSubmatch(s.Text()); m != nil {
			took[m[1]], _ = strconv.Atoi(m[2])
		}
	}
	if len(took) < 50 {
		t.Fatalf("%d packages were initialised:\n%s", len(took), &told)
	}
	return took
}

// What a package makes when the program starts, every call pays for: errors may be
// made, tables may not.
func TestNothingIsMadeAtStart(t *testing.T) {
	const few = 1200 // bytes
	for name, bytes := range started(t) {
		own, ok := strings.CutPrefix(name, "aws-connector/")
		if ok && !strings.HasPrefix(own, "internal/fakeaws") && bytes > few {
			t.Errorf("%s takes %d bytes when the program starts, more than %d", name, bytes, few)
		}
	}
}

// The TOML parser would read the file of the local time zone, whatever is asked.
func TestNoTimeZoneIsReadAtStart(t *testing.T) {
	zone := filepath.Join(t.TempDir(), "zone")
	const size = 1 << 20
	if err := os.WriteFile(zone, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, bytes := range started(t, "TZ=:"+zone) {
		if bytes >= size && name != "aws-connector" { // that is this test
			t.Errorf("%s reads the time zone when the program starts", name)
		}
	}
}
