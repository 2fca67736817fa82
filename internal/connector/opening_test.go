package connector

import (
	"strings"
	"testing"
	"time"
)

func TestOpening(t *testing.T) {
	f, err := Parse("f", []byte("keystore = \"file\"\n"))
	if err != nil || f.Opening.Keep != 300*time.Second || f.Opening.Identity != "" || f.Opening.AllowEnvPassphrase || f.Opening.Pinentry != "" {
		t.Errorf("Parse = %+v, %v", f.Opening, err)
	}
	f, err = Parse("f", []byte(`keystore = "file"
keystore_identity = "~/.ssh/id_ed25519"
keystore_recipients = ["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN me@host"]
pinentry = "/opt/my programs/pinentry"
allow_env_passphrase = true
unlock_seconds = 0
`))
	want := Opening{Identity: "~/.ssh/id_ed25519", Pinentry: "/opt/my programs/pinentry", AllowEnvPassphrase: true}
	o := f.Opening
	if err != nil || len(o.Recipients) != 2 || o.Identity != want.Identity || o.Pinentry != want.Pinentry || !o.AllowEnvPassphrase || o.Keep != 0 {
		t.Errorf("Parse = %+v, %v, want %+v", o, err, want)
	}
	for _, good := range []string{`pinentry = "pinentry-tty"`, `pinentry = "off"`, `pinentry = "~/bin/pinentry"`, "unlock_seconds = 86400", "allow_env_passphrase = false",
		`keystore_identity = "/root/key.txt"`, "keystore = \"system\"\nkeystore_identity = \"/root/key.txt\""} {
		if _, err := Parse("f", []byte(good+"\n")); err != nil {
			t.Errorf("Parse(%s) = %v", good, err)
		}
	}
}

func TestBrokenOpening(t *testing.T) {
	for text, want := range map[string]string{
		`pinentry = ""`:                                               "f:1: pinentry is empty\nhint: write pinentry =",
		`pinentry = true`:                                             "f:1: pinentry must be a string",
		`pinentry = ["pinentry"]`:                                     "f:1: pinentry must be a string",
		`pinentry = "pinentry --ttyname x"`:                           "f:1: pinentry must be a program's name or absolute path, without arguments",
		`pinentry = "bin/pinentry"`:                                   "f:1: pinentry must be a program's name or absolute path\n",
		`pinentry = "../pinentry"`:                                    "f:1: pinentry must be a program's name or absolute path\n",
		`pinentry = "a\u0007"`:                                        "f:1: pinentry has control characters",
		`allow_env_passphrase = "yes"`:                                "f:1: allow_env_passphrase must be true or false",
		`allow_env_passphrase = 1`:                                    "f:1: allow_env_passphrase must be true or false",
		`unlock_seconds = -1`:                                         "f:1: unlock_seconds must be a whole number of seconds, 0 to 86400",
		`unlock_seconds = 86401`:                                      "f:1: unlock_seconds must be a whole number of seconds, 0 to 86400",
		`unlock_seconds = "8h"`:                                       "f:1: unlock_seconds must be a whole number of seconds, 0 to 86400",
		`unlock_seconds = 1.5`:                                        "f:1: unlock_seconds must be a whole number of seconds, 0 to 86400",
		`keystore_identity = ""`:                                      "f:1: keystore_identity is empty",
		`keystore_identity = 1`:                                       "f:1: keystore_identity must be a string",
		`keystore_identity = "id_ed25519"`:                            "f:1: keystore_identity must be an absolute path, or begin with ~/",
		`keystore_identity = "~/"`:                                    "f:1: keystore_identity must be an absolute path, or begin with ~/",
		`keystore_identity = "~root/x"`:                               "f:1: keystore_identity must be an absolute path, or begin with ~/",
		`keystore_identity = "/root/"`:                                "f:1: keystore_identity names a directory",
		`keystore_identity = "/root/id.pub"`:                          "f:1: keystore_identity names a public key",
		`keystore_identity = "AGE-SECRET-KEY-1CANARY"`:                "f:1: keystore_identity holds a private key, which does not belong in this file",
		"keystore_identity = \"/k\"\nkeystore_recipients = \"age1x\"": "f:2: keystore_recipients must be a list of strings",
		"keystore_identity = \"/k\"\nkeystore_recipients = [1]":       "f:2: keystore_recipients ",
		"keystore_identity = \"/k\"\nkeystore_recipients = [\"ssh-rsa AAAA\"]":                      "f:2: keystore_recipients element 1 is an SSH key of another kind than ssh-ed25519",
		"keystore_identity = \"/k\"\nkeystore_recipients = [\"age1yubikey1qx\"]":                    "f:2: keystore_recipients element 1 is a key for one of age's plugins",
		"keystore_identity = \"/k\"\nkeystore_recipients = [\"me@example\"]":                        "f:2: keystore_recipients element 1 is neither an age1… nor an ssh-ed25519 public key",
		"keystore_identity = \"/k\"\nkeystore_recipients = [\"ssh-ed25519\"]":                       "f:2: keystore_recipients element 1 ",
		"keystore_identity = \"/k\"\nkeystore_recipients = [\"age1x\", \"AGE-SECRET-KEY-1CANARY\"]": "f:2: keystore_recipients element 2 is a private key",
		"keystore = \"file\"\nkeystore_recipients = [\"age1x\"]":                                    "f:2: keystore_recipients without keystore_identity\nhint: a file under a passphrase has no recipients",
		`passphrase = "CANARY"`:            "f:1: a secret does not belong here\nhint: remove it; `aws-connector help headless`",
		`pinentri = "x"`:                   "hint: did you mean \"pinentry\"?",
		`keystore_idenity = "x"`:           "hint: did you mean \"keystore_identity\"?",
		`unlock_second = 1`:                "hint: did you mean \"unlock_seconds\"?",
		`allow_env_passphrases = true`:     "hint: did you mean \"allow_env_passphrase\"?",
		"[connectors.c]\npinentry = \"x\"": "f:2: connector \"c\": unknown key \"pinentry\"\nhint: put it at the top of the file, before any table",
		"[defaults]\nunlock_seconds = 1":   "f:2: defaults: unknown key \"unlock_seconds\"\nhint: put it at the top of the file, before any table",
		"[pinentry]\nx = 1":                "f:1: pinentry must be a string",
	} {
		got := complaint(text + "\n")
		if !strings.Contains(got, want) || strings.Contains(got, "CANARY") {
			t.Errorf("Parse(%s) = %s, want %s", text, got, want)
		}
	}
}
