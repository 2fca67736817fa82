//go:build !windows

package audit

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"aws-connector/internal/owned"
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

// Root makes and writes nothing in another user's place. Others are kept out by the system.
func TestAppendInAnothersPlace(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a directory away")
	}
	const nobody = 65534
	dir := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "trail")
	for _, made := range []bool{false, true} {
		if made {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		if err := Append(path, record); !errors.Is(err, owned.ErrForeign) {
			t.Errorf("Append = %v", err)
		}
		if err := Check(path); !errors.Is(err, owned.ErrForeign) {
			t.Errorf("Check = %v", err)
		}
		if got, _ := os.ReadFile(path); len(got) > 0 {
			t.Errorf("there is %q", got)
		}
	}
}

// A file that may be written but not read gets its lines all the same.
func TestAppendToWhatCannotBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trail")
	if err := os.WriteFile(path, nil, 0o200); err != nil {
		t.Fatal(err)
	}
	if err := Append(path, record); err != nil {
		t.Errorf("Append = %v", err)
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
	if err := reach([]string{path}); err != nil {
		t.Errorf("reach = %v", err)
	}
	if err := reach([]string{path + ".missing"}); err == nil {
		t.Error("reach without a log = nil")
	}
}
