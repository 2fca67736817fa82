package main

import (
	"strings"
	"testing"
)

// Some terminals paste each line end of Windows as two: the line between them is
// no answer, and what comes after it is no command of the shell's.
func TestPasteWithBlankLinesIsNotShown(t *testing.T) {
	c := newConsole(t)
	c.start("key", "add", "main")
	c.await(asksID)
	c.typed(strings.ReplaceAll("\n"+pasted, "\n", "\r\r"))
	c.ended(true)
	if screen := c.screen.String(); !strings.Contains(screen, `stored key "main"`) {
		t.Errorf("the screen shows %q", screen)
	}
}

// What is pasted is thrown away with the key that it makes no good one.
func TestPasteOfABadKeyIsForgotten(t *testing.T) {
	c := newConsole(t)
	c.start("key", "add", "main")
	c.await(asksID)
	c.typed(accessKeyID + "\nCANARY with blanks\nCANARYthird\n")
	c.await("please enter the key again")
	c.await("is not shown")
	c.await(asksID)
	c.typed("CANARYrest\x03")
	c.ended(false)
	if n := c.waiting(); n > 0 || c.cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("%d bytes wait for the shell, status %d, the screen shows %q", n, c.cmd.ProcessState.ExitCode(), c.screen.String())
	}

	c.passphraseEnv = "X="
	c.start("key", "add", "main")
	c.await(asksID)
	c.typed(pasted)
	c.await("New passphrase for ")
	c.typed("CANARYone\nCANARYtwo\nCANARYthree\n")
	c.await("The two differ")
	c.await("New passphrase for ")
	n := c.waiting()
	c.typed("\x03")
	c.ended(false)
	if n > 0 {
		t.Errorf("%d bytes wait for the shell, the screen shows %q", n, c.screen.String())
	}
}

// Ctrl-D within a line submits what is there; at its end the input is over, and
// half a secret is none.
func TestEndOfInputWithinASecret(t *testing.T) {
	c := newConsole(t)
	c.start("key", "add", "main")
	c.await(asksID)
	c.typed(accessKeyID + "\n")
	c.await(asksSecret)
	c.typed("CANARYhalf\x04\x04")
	c.ended(false)
	if screen := c.screen.String(); !strings.Contains(screen, "end of input") {
		t.Errorf("the screen shows %q", screen)
	}
}

// Whoever reads "key" may paste the key where its name, or a yes, is asked for.
func TestPasteInPlaceOfANameIsNotShown(t *testing.T) {
	c := newConsole(t)
	c.start("init")
	c.await("Method [1]: ")
	c.typed("2\neu-central-1\nmain\n")
	c.await("Key, the name of a stored or a new one [main]: ")
	c.typed(accessKeyID + "\n" + secretKey + "/x+y\n")
	c.await("it is not shown")
	c.await("it is not shown")
	c.typed("main\n")
	c.await("[main]: main\r\n")
	c.await(asksID)
	c.typed(pasted)
	c.await("Try it now? [Y/n] ")
	c.typed("n\n")
	c.await("? [Y/n] ")
	c.typed("n\n")
	c.ended(true)

	c.start("key", "remove", "main")
	c.await("[y/N] ")
	c.typed(pasted)
	c.await("please answer y or n")
	c.await("please answer y or n")
	c.typed("no\n")
	c.ended(false)
	if n := c.waiting(); n > 0 || !strings.Contains(c.screen.String(), "nothing was changed") {
		t.Errorf("%d bytes wait for the shell, the screen shows %q", n, c.screen.String())
	}
	c.start("key", "remove", "main")
	c.await("[y/N] ")
	c.typed("y\n")
	c.await("[y/N] y\r\n"[len("[y/N] "):])
	c.ended(true)
}
