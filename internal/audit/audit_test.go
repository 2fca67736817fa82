package audit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var record = Record{
	Time: time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("", 3600)), Version: "v1.0.0", Caller: Caller{PID: 7, Program: "aws"},
	Connector: "deploy", Action: "get", Answer: Hit, Key: "MPLE", Outcome: "ok",
}

const recorded = `{"time":"2026-01-02T02:04:05.678Z","version":"v1.0.0","pid":7,"program":"aws","connector":"deploy","action":"get","answer":"hit","key":"MPLE","outcome":"ok"}` + "\n"

func TestAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trail")
	for range 2 {
		if err := Append(path, record); err != nil {
			t.Fatalf("Append = %v", err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != recorded+recorded {
		t.Errorf("the trail is %s, want %s twice", got, recorded)
	}
}

// A name that its process chose breaks no line.
func TestAppendOddNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trail")
	r := record
	r.Program = "a\n\"}\x1b\xff\u009b\u202e\x7f"
	if err := Append(path, r); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got Record
	if strings.Count(string(text), "\n") != 1 || strings.ContainsAny(string(text), "\x1b\u009b\u202e\x7f") || json.Unmarshal(text, &got) != nil {
		t.Errorf("the trail is %q, want one line of JSON", text)
	}
}

// Lines of many that append at once do not mix. Where one was stopped within its
// own, an empty one may follow.
func TestAppendAtOnce(t *testing.T) {
	const n = 200
	path := filepath.Join(t.TempDir(), "trail")
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			if err := Append(path, record); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(text), "\n\n", "\n") != strings.Repeat(recorded, n) {
		t.Errorf("%d lines of %d, or mixed ones", strings.Count(string(text), "\n"), n)
	}
}

// What a full disk left of a line stays alone.
func TestAppendAfterATornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trail")
	for _, before := range []string{"", "\n", recorded, "{\"time", recorded + "{"} {
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Append(path, record); err != nil {
			t.Fatal(err)
		}
		want := before + recorded
		if before != "" && !strings.HasSuffix(before, "\n") {
			want = before + "\n" + recorded
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("after %q the trail is %q, %v", before, got, err)
		}
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "trail")
	if err := Check(path); err != nil {
		t.Errorf("Check of what is to be made = %v", err)
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("Check made it")
	}
	if err := Append(path, record); err != nil {
		t.Fatal(err)
	}
	if err := Check(path); err != nil {
		t.Errorf("Check = %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != recorded {
		t.Errorf("after Check the trail is %q, %v", got, err)
	}
	for _, path := range []string{dir, filepath.Join(dir, "missing", "trail")} {
		if err := Check(path); err == nil {
			t.Errorf("Check(%s) = nil, want an error", path)
		}
	}
}

func TestAppendWhereItCannot(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "missing", "trail")} {
		if err := Append(path, record); err == nil {
			t.Errorf("Append(%s) = nil, want an error", path)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "missing")); err == nil {
		t.Error("a directory was made")
	}
}

func TestParent(t *testing.T) {
	if got := Parent(); got.PID != os.Getppid() {
		t.Errorf("Parent() = %+v, want pid %d", got, os.Getppid())
	}
}
