//go:build !windows

package main

import (
	"fmt"
	"os/exec"
	"testing"
)

// A database that cannot be had is no finding, and nothing else is taken for that.
func TestVulnerabilities(t *testing.T) {
	const away = "govulncheck: fetching vulnerabilities: Get \"https://db.example/index/modules.json.gz\": dial tcp: no such host"
	for _, tt := range []struct {
		name, stdout, stderr string
		status, want         int
	}{
		{"nothing found", "No vulnerabilities found.", "", 0, 0},
		{"no database", "", away, 1, 0},
		{"finding", "Vulnerability #1: GO-2026-0001\nfetching vulnerabilities", "", 3, 3},
		{"finding, and trouble", "Vulnerability #1: GO-2026-0001", away, 3, 3},
		{"finding under go run", "Vulnerability #1: GO-2026-0001\n" + away, "exit status 3", 1, 1},
		{"trouble elsewhere", "", "govulncheck: loading packages: fetching vulnerabilities: no", 1, 1},
		{"more trouble", "", away + "\ngovulncheck: loading packages: no", 1, 1},
		{"broken package", "", "govulncheck: loading packages: x.go:1:1: expected 'package'", 1, 1},
		{"wrong usage", "", away, 2, 2},
		{"silent", "", "", 1, 1},
		{"absent", "", away, 127, 127},
	} {
		cmd := exec.Command(".ci/vulnerabilities", "sh", "-c", `printf '%s\n' "$0"; printf '%s' "$1" >&2; exit "$2"`, tt.stdout, tt.stderr, fmt.Sprint(tt.status))
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != tt.want {
			t.Errorf("%s: status %d, want %d: %s", tt.name, got, tt.want, out)
		}
	}
	if exec.Command(".ci/vulnerabilities", "/nowhere/govulncheck").Run() == nil {
		t.Error("a govulncheck that is not there found nothing")
	}
}
