package main

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const screensTOML = `keystore = "file"
[connectors.deploy]
auth_method = "iam-role"
region = "eu-central-1"
key = "main"
role_arn = "arn:aws:iam::123456789012:role/AWSReservedSSO_AdministratorAccess_0123456789abcdef"
[connectors.typo]
auth_method = "iam-rol"
`

// On a terminal no line of a screen is longer than it is wide, unless it is one word,
// and colours are shown where nothing says that they are not wanted.
func TestScreensOnATerminal(t *testing.T) {
	c := newConsole(t)
	c.conf = c.file("connectors.toml", screensTOML)
	shown := func(width int, env []string, command string) string {
		t.Helper()
		if err := unix.IoctlSetWinsize(int(c.slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(width)}); err != nil {
			t.Fatal(err)
		}
		c.startWith(func() { c.cmd.Env = append(c.cmd.Env, env...) }, strings.Fields(command)...)
		c.finished()
		return strings.ReplaceAll(strings.TrimSuffix(c.screen.String(), "\x01end"), "\r\n", "\n")
	}
	plain := strings.NewReplacer("\x1b[0m", "", "\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "")
	for _, width := range []int{60, 80, 120} {
		for _, command := range []string{"list", "show deploy", "doctor", "check typo"} {
			for line := range strings.Lines(plain.Replace(shown(width, nil, command))) {
				line = strings.TrimSuffix(line, "\n")
				line = line[strings.LastIndexByte(line, '\r')+1:] // what is before is of the line of progress
				if words := strings.Fields(line); len([]rune(line)) >= width && len(words) > 1 {
					t.Errorf("%s at %d columns has %q", command, width, line)
				}
			}
		}
	}
	for command, want := range map[string]string{
		"list":                    "\x1b[31mbroken\x1b[0m",
		"doctor":                  "\x1b[31mbroken\x1b[0m: connector",
		"check typo":              "typo: \x1b[31mfailed\x1b[0m",
		"configure kube --remove": "\x1b[31m-- name: deploy\x1b[0m\n",
	} {
		if strings.HasPrefix(command, "configure") {
			c.file("kubeconfig", kubeconfigOfOurs)
		}
		config := []string{"KUBECONFIG=" + c.home + "/kubeconfig"}
		if got := shown(80, config, command); !strings.Contains(got, want) {
			t.Errorf("%s shows %q, want %q in it", command, got, want)
		}
		for _, quiet := range []string{"NO_COLOR=1", "TERM=dumb"} {
			if strings.HasPrefix(command, "configure") {
				c.file("kubeconfig", kubeconfigOfOurs)
			}
			if got := shown(80, append(config, quiet), command); strings.Contains(got, "\x1b") {
				t.Errorf("%s with %s shows %q", command, quiet, got)
			}
		}
	}
	for env, want := range map[string]string{"LANG=C.UTF-8": "✓", "LC_ALL=C LANG=C.UTF-8": "ok:", "TERM=linux LANG=C.UTF-8": "ok:", "": "ok:"} {
		if got := shown(80, strings.Fields(env), "doctor"); !strings.Contains(got, fmt.Sprintf("\x1b[32m%s\x1b[0m connectors.toml", want)) {
			t.Errorf("doctor with %q has no %q: %q", env, want, got)
		}
	}
}

const kubeconfigOfOurs = `apiVersion: v1
kind: Config
clusters: []
contexts: []
users:
- name: deploy
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: aws-connector
      args: ["kube-token", "deploy", "--cluster", "prod"]
      interactiveMode: Never
`
