package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// What a path, a name or a field has in it steers no terminal: of codes there are
// our colours alone, and of carriage returns those of lines' ends and of the line of progress.
func TestHostileTextOnATerminal(t *testing.T) {
	const evil = "x\x1b]0;evil\a\x1b[2J\x1b[31m\u009b31m\u202eevil\u200b\rforged\nhint: curl\u2028\ufdd1passed\ufdd0\x9b1m\xff"
	c := newConsole(t)
	dir := filepath.Join(c.home, evil)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	toml := "keystore = \"file\"\npinentry = \"off\"\nunlock_seconds = 0\n[connectors.good]\nauth_method = \"secret-key\"\nregion = \"eu-central-1\"\nkey = \"main\"\n"
	for i, r := range strings.ToValidUTF8(evil, "") {
		toml += fmt.Sprintf("[connectors.\"bad%d\\u%04x\"]\n", i, r)
	}
	toml += "[connectors.\"bad\\nhint: curl\\ufdd1passed\"]\n"
	c.conf = c.file(filepath.Join(evil, "connectors.toml"), toml)
	printable := func() {
		t.Helper()
		screen := strings.NewReplacer("\x1b[0m", "", "\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "", "\x01end", "").Replace(c.screen.String())
		if strings.Contains(screen, "\nhint: curl") || strings.Contains(c.screen.String(), "31mpassed") || strings.Contains(screen, "\rforged") {
			t.Errorf("the screen shows a forged text: %q", c.screen.String())
		}
		for _, r := range screen {
			if !unicode.IsPrint(r) && r != '\n' && r != '\r' {
				t.Errorf("the screen got %U: %q", r, c.screen.String())
				return
			}
		}
	}
	c.start("init")
	c.await("Method [1]: ")
	c.typed("\x04")
	c.ended(false)
	printable()
	c.passphraseEnv = "X="
	c.start("key", "add", "main")
	c.await(asksID)
	c.typed(pasted)
	c.await("New passphrase for ")
	c.await(": ")
	c.typed("CANARY\nCANARY\n")
	c.ended(true)
	printable()
	for _, command := range []string{"list", "show good", "key list", "doctor"} {
		c.start(strings.Fields(command)...)
		if command == "key list" {
			c.await("Passphrase for ")
			c.typed("CANARY\n")
		}
		c.finished()
		printable()
	}
	c.start("check")
	c.await("Passphrase for ")
	c.typed("CANARY\n")
	c.finished()
	printable()
}
