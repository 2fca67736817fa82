package main

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"aws-connector/internal/fakeaws"
)

// mfaConsole is a console with a connector whose role asks for MFA, of which the
// key is stored.
func mfaConsole(t *testing.T) (*console, *fakeaws.Server) {
	t.Helper()
	c := newConsole(t)
	aws := fakeaws.Start()
	t.Cleanup(aws.Close)
	aws.AddUser("arn:aws:iam::123456789012:user/alice", accessKeyID, secretKey)
	aws.AddMFA("arn:aws:iam::123456789012:user/alice", deviceARN, deviceSeed)
	aws.AddRole(fakeaws.Role{ARN: "arn:aws:iam::123456789012:role/Deploy", MFA: true})
	c.file("connectors.toml", "keystore = \"file\"\n[connectors.deploy]\nauth_method = \"iam-role\"\nkey = \"main\"\nregion = \"eu-central-1\"\nendpoint_url = \""+aws.URL+
		"\"\nrole_arn = \"arn:aws:iam::123456789012:role/Deploy\"\nmfa_serial = \""+deviceARN+"\"\n")
	c.start("key", "add", "main")
	c.await(asksID)
	c.typed(pasted)
	c.ended(true)
	return c, aws
}

const asksCode = "(" + deviceARN + "): "

func TestSeedIsNotShown(t *testing.T) {
	c, _ := mfaConsole(t)
	c.start("key", "add", "main", "--totp")
	c.await("Seed (not shown): ")
	c.typed("CANARYseed\n")
	c.await("Seed (not shown): ")
	c.typed(deviceSeed + "\n")
	c.ended(true)
	if strings.Contains(c.screen.String(), deviceSeed) {
		t.Errorf("the screen shows the seed: %q", c.screen.String())
	}
	c.start("get", "deploy") // asks nothing now
	c.ended(true)
}

// Whatever ends the question ends the call, and leaves the terminal as it was.
func TestCodeIsNotGiven(t *testing.T) {
	for name, test := range map[string]struct{ key, says string }{
		"interrupt":    {"\x03", "interrupted"},
		"end of input": {"\x04", "no MFA code was given"},
	} {
		t.Run(name, func(t *testing.T) {
			c, aws := mfaConsole(t)
			c.start("get", "deploy")
			c.await(asksCode)
			c.typed(test.key)
			c.await(test.says)
			c.ended(false)
			if n := aws.Calls(""); n != 0 {
				t.Errorf("%d calls of AWS, want none", n)
			}
		})
	}
}

// One process asks. The others, of other connectors too, wait for it as long as a
// person takes, and do not ask when it is stopped for a while.
func TestOthersWaitForTheCode(t *testing.T) {
	c, aws := mfaConsole(t)
	c.start("login", "deploy")
	c.await(asksCode)
	var others []*console
	for range 3 {
		o := newConsole(t)
		o.home, o.conf, o.passphraseEnv = c.home, c.conf, c.passphraseEnv
		o.start("get", "deploy")
		others = append(others, o)
	}
	if err := c.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	c.typed(aws.MFACode(deviceARN) + "\n")
	c.await("deploy: until ")
	c.ended(true)
	for _, o := range others {
		o.await(`"Version":1`)
		o.ended(true)
		if strings.Contains(o.screen.String(), "MFA code") {
			t.Errorf("another process asked: %q", o.screen.String())
		}
	}
	if n := aws.Calls("GetSessionToken"); n != 1 {
		t.Errorf("%d calls of GetSessionToken, want 1", n)
	}
}

// A caller that has standard error thrown away and the terminal as its input.
func TestCodeWithoutStandardError(t *testing.T) {
	c, aws := mfaConsole(t)
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	c.startWith(func() { c.cmd.Stderr = null }, "get", "deploy")
	c.await(asksCode)
	c.typed(aws.MFACode(deviceARN) + "\n")
	c.await(`"Version":1`)
	c.ended(true)
}
