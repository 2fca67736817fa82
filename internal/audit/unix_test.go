//go:build !windows

package audit

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

func TestAppendMakesItPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trail")
	if err := Append(path, record); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode = %o, want 600", got)
	}
}

func TestAppendRefuses(t *testing.T) {
	dir := t.TempDir()
	target, link, fifo := filepath.Join(dir, "target"), filepath.Join(dir, "link"), filepath.Join(dir, "fifo")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Append(link, record); err == nil || !strings.HasSuffix(err.Error(), "is a symbolic link") {
		t.Errorf("Append to a link = %v", err)
	}
	if got, err := os.ReadFile(target); err != nil || len(got) > 0 {
		t.Errorf("behind the link there is %q, %v", got, err)
	}
	if err := Append(fifo, record); err == nil { // and it comes at once
		t.Error("Append to a FIFO that nobody reads = nil")
	}
	reader, err := os.OpenFile(fifo, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := Append(fifo, record); err == nil || !strings.HasSuffix(err.Error(), "is not a regular file") {
		t.Errorf("Append to a FIFO that is read = %v", err)
	}
}

func TestSyslog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	log, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if err := toSyslog([]string{path + ".missing", path}, record.Time, []byte(recorded)); err != nil {
		t.Fatalf("toSyslog = %v", err)
	}
	packet := make([]byte, 4096)
	n, err := log.Read(packet)
	if err != nil {
		t.Fatal(err)
	}
	if want := regexp.MustCompile(`^<86>[A-Z][a-z]{2} [ 123][0-9] [0-9:]{8} aws-connector\[[0-9]+\]: \{"time":.*\}\n$`); !want.Match(packet[:n]) {
		t.Errorf("the log has %q", packet[:n])
	}
	if err := toSyslog([]string{path + ".missing"}, record.Time, nil); err == nil {
		t.Error("toSyslog without a log = nil")
	}
}
