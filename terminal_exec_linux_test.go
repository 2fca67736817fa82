package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// execConsole is a console with a session of connector deploy in the cache.
func execConsole(t *testing.T) *console {
	t.Helper()
	c, aws := mfaConsole(t)
	c.start("exec", "deploy", "--", "sh", "-c", "echo in $AWS_CONNECTOR_EXEC")
	c.await(asksCode)
	c.typed(aws.MFACode(deviceARN) + "\n")
	c.await("in deploy")
	c.ended(true)
	return c
}

// proc is a file of the program's process.
func (c *console) proc(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", c.cmd.Process.Pid, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// The command is the process that was started: its environment is the caller's with
// the session's variables, and no secret is among its arguments.
func TestExecIsTheCommand(t *testing.T) {
	c := execConsole(t)
	before := map[string]bool{}
	c.startWith(func() {
		c.cmd.Env = append(c.cmd.Env, "AWS_SESSION_TOKEN=inherited", "AWS_PROFILE=inherited", "EMPTY=", "LINES=two\nlines")
		for _, entry := range c.cmd.Env {
			before[entry] = true
		}
	}, "exec", "deploy", "--", "/bin/sh", "-c", "echo pid $$.; read line; exit 7")
	c.await(fmt.Sprintf("pid %d.", c.cmd.Process.Pid))
	if got, want := c.proc("cmdline"), "/bin/sh\x00-c\x00echo pid $$.; read line; exit 7\x00"; got != want {
		t.Errorf("the arguments are %q, want %q", got, want)
	}
	after := map[string]bool{}
	for entry := range strings.SplitSeq(strings.TrimSuffix(c.proc("environ"), "\x00"), "\x00") {
		after[entry] = true
	}
	missing, added := maps.Clone(before), maps.Clone(after)
	maps.DeleteFunc(missing, func(e string, _ bool) bool { return after[e] })
	maps.DeleteFunc(added, func(e string, _ bool) bool { return before[e] })
	if got := slices.Sorted(maps.Keys(missing)); !slices.Equal(got, []string{"AWS_PROFILE=inherited", "AWS_SESSION_TOKEN=inherited"}) {
		t.Errorf("the environment lacks %q", got)
	}
	var names []string
	for entry := range added {
		name, _, _ := strings.Cut(entry, "=")
		names = append(names, name)
	}
	want := []string{"AWS_ACCESS_KEY_ID", "AWS_CONNECTOR_EXEC", "AWS_CREDENTIAL_EXPIRATION", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
	if slices.Sort(names); !slices.Equal(names, want) {
		t.Errorf("the environment has got %q, want %q", names, want)
	}
	// Of what this program opened nothing is left; what it was given is the command's.
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", c.cmd.Process.Pid))
	if err != nil || len(open) < 3 {
		t.Errorf("%d files are open: %v", len(open), err)
	}
	for _, f := range open {
		to, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", c.cmd.Process.Pid, f.Name()))
		for _, own := range []string{c.home, "socket:", "anon_inode:", "/dev/tty"} {
			if strings.HasPrefix(to, own) {
				t.Errorf("%s is open", to)
			}
		}
	}
	c.typed("\n")
	var exit *exec.ExitError
	if err := c.finished(); !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Errorf("ended with %v, want exit status 7", err)
	}
}

// Signals are the command's, whether they come from the keyboard or from a caller.
func TestExecIsSignalled(t *testing.T) {
	c := execConsole(t)
	for name, test := range map[string]struct {
		send func()
		want syscall.Signal
	}{
		"interrupt": {func() { c.typed("\x03") }, syscall.SIGINT},
		"quit":      {func() { c.typed("\x1c") }, syscall.SIGQUIT},
		"SIGTERM":   {func() { c.cmd.Process.Signal(syscall.SIGTERM) }, syscall.SIGTERM},
		"SIGHUP":    {func() { c.cmd.Process.Signal(syscall.SIGHUP) }, syscall.SIGHUP},
		"SIGPIPE":   {func() { c.cmd.Process.Signal(syscall.SIGPIPE) }, syscall.SIGPIPE},
	} {
		t.Run(name, func(t *testing.T) {
			c.start("exec", "deploy", "--", "sh", "-c", "ulimit -c 0; echo ready; exec cat")
			c.await("ready")
			test.send()
			var exit *exec.ExitError
			if err := c.finished(); !errors.As(err, &exit) || !exit.Sys().(syscall.WaitStatus).Signaled() || exit.Sys().(syscall.WaitStatus).Signal() != test.want {
				t.Errorf("ended with %v, want by %v", err, test.want)
			}
		})
	}
}

// What the caller has ignored, as nohup and a shell's & do, the command ignores too.
func TestExecIgnoresWhatItsCallerDoes(t *testing.T) {
	c := execConsole(t)
	c.startWith(func() {
		c.cmd.Path = "/bin/sh"
		c.cmd.Args = append([]string{"sh", "-c", `trap "" INT HUP; exec "$@"`, "sh"}, c.cmd.Args...)
	}, "exec", "deploy", "--", "sh", "-c", "echo ready; read line")
	c.await("ready")
	ignored := unix.SignalNum("SIGINT")
	var mask uint64
	_, line, _ := strings.Cut(c.proc("status"), "SigIgn:\t")
	if _, err := fmt.Sscanf(line, "%x", &mask); err != nil || mask&(1<<(ignored-1)) == 0 || mask&(1<<(unix.SIGHUP-1)) == 0 {
		t.Errorf("ignored are %x, %v", mask, err)
	}
	c.typed("\x03\n")
	c.ended(true)
}

// A person who has env print on the screen is told what is there now.
func TestEnvOnAScreenIsTold(t *testing.T) {
	c := execConsole(t)
	c.start("env", "deploy", "--shell", "bash")
	c.await("export AWS_SESSION_TOKEN='")
	c.await("the credentials above are live: ")
	c.await(`eval "$(aws-connector env deploy --shell bash)"`)
	c.ended(true)
}

// Whoever gives up at the question has run nothing.
func TestExecIsInterruptedBefore(t *testing.T) {
	c, _ := mfaConsole(t)
	c.start("exec", "deploy", "--", "sh", "-c", "echo it ran")
	c.await(asksCode)
	c.typed("\x03")
	c.await("interrupted")
	c.ended(false)
	if strings.Contains(c.screen.String(), "it ran") {
		t.Errorf("the screen shows %q", c.screen.String())
	}
}
