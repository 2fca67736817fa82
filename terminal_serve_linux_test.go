package main

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// served starts a shell script by serve on a terminal, with credentials that nobody is asked for.
func served(t *testing.T, script string) *console {
	c := newConsole(t)
	c.file("connectors.toml", "keystore = \"file\"\n[connectors.stored]\nauth_method = \"sts-token\"\nregion = \"eu-central-1\"\n")
	add := exec.Command("aws-connector", "key", "add", "stored", "--stdin")
	add.Stdin = strings.NewReader(`{"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"x","SessionToken":"t","Expiration":"` + time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339) + `"}`)
	c.start("version") // for its environment
	c.ended(true)
	add.Env = c.cmd.Env
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	c.start("serve", "stored", "--", "sh", "-c", script)
	return c
}

// The terminal sends what is typed to the command itself: it comes once. What is sent
// to aws-connector alone is passed on.
func TestServePassesSignalsOnce(t *testing.T) {
	c := served(t, `trap 'echo interrupted' INT; trap 'echo hung up' HUP; trap 'echo terminated; exit 9' TERM; echo ready; while :; do read line; echo "read $line"; done`)
	c.await("ready")
	const times = 5
	for range times { // two that come at once may be one
		c.typed("\x03")
		c.await("interrupted")
	}
	if err := unix.Kill(c.cmd.Process.Pid, unix.SIGHUP); err != nil {
		t.Fatal(err)
	}
	c.await("hung up")
	c.typed("on\n")
	c.await("read on")
	if err := unix.Kill(c.cmd.Process.Pid, unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	c.typed("\n") // dash finishes its read before a trap
	c.await("terminated")
	_ = c.finished()
	if got := c.cmd.ProcessState.ExitCode(); got != 9 {
		t.Errorf("the exit status is %d, want the command's, 9", got)
	}
	if n := strings.Count(c.screen.String(), "interrupted"); n != times {
		t.Errorf("the command was interrupted %d times, want %d", n, times)
	}
}

// Without a terminal whoever interrupts aws-connector means the command.
func TestServePassesInterruptWithoutTerminal(t *testing.T) {
	c := served(t, "exit 0")
	c.ended(true)
	cmd := exec.Command("aws-connector", "serve", "stored", "--", "sh", "-c", `trap 'exit 5' INT; echo ready; while :; do sleep 0.05; done`)
	cmd.Env = c.cmd.Env
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	if _, err := out.Read(make([]byte, 64)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(unix.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 5 {
		t.Errorf("the exit status is %d, want the command's, 5", got)
	}
}
