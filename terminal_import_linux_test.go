package main

import (
	"os"
	"path/filepath"
	"testing"
)

const plainKey = "[w]\naws_access_key_id = AKIABOBBOBBOBBOBBOBB\naws_secret_access_key = CANARYghijabcdefghijabcdefghijabcdefghij\n"

// What is stored may be so no longer once a person has agreed: then its plain text is
// all that there is of it.
func TestPlainTextOfALostKeyStays(t *testing.T) {
	c := newConsole(t)
	if err := os.Mkdir(filepath.Join(c.home, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	credentials := c.file(".aws/credentials", plainKey)
	c.start("key", "import", "--no-verify", "--yes")
	c.ended(true)

	c.start("key", "import", "--no-verify", "--remove")
	c.await("[y/N] ")
	other := newConsole(t)
	other.home, other.conf, other.passphraseEnv = c.home, c.conf, c.passphraseEnv
	other.start("key", "remove", "w", "--force")
	other.ended(true)
	c.typed("y\n")
	c.await("its plain text stays: ")
	c.status(3)
	if text, err := os.ReadFile(credentials); err != nil || string(text) != plainKey {
		t.Errorf("the credentials file is %q, %v", text, err)
	}
}
