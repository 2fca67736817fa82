package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// asker is a pinentry program of the test's, which writes down what it is told and
// answers with the lines of the file answers, one at a time.
const asker = `#!/bin/sh
here=${0%/*}
echo 'OK Pleased to meet you'
while IFS= read -r line; do
	printf '%s\n' "$line" >>"$here/log"
	case $line in
	"GETINFO flavor") echo "D $(cat "$here/flavor")" ;;
	SETREPEAT*) [ -e "$here/repeats" ] || { echo 'ERR 536871187 Unknown IPC command'; continue; } ;;
	GETPIN)
		answer=$(head -n 1 "$here/answers")
		sed -i 1d "$here/answers"
		case $answer in
		ERR*) printf '%s\n' "$answer"; continue ;;
		hang) env >"$here/environ"; exec sleep 600 ;;
		esac
		[ ! -e "$here/repeats" ] || echo 'S PIN_REPEATED'
		[ -z "$answer" ] || printf 'D %s\n' "$answer" ;;
	BYE) echo OK; exit ;;
	esac
	echo OK
done
`

// withAsker gives the console a pinentry program with these answers.
func withAsker(t *testing.T, flavor string, answers ...string) *console {
	t.Helper()
	c := newConsole(t)
	c.passphraseEnv = "X="
	path := c.file("asker", asker)
	if err := os.Chmod(path, 0o700); err != nil {
		t.Fatal(err)
	}
	c.file("flavor", flavor)
	c.answers(answers...)
	c.file("connectors.toml", "keystore = \"file\"\nunlock_seconds = 0\npinentry = \""+path+"\"\n")
	return c
}

func (c *console) answers(answers ...string) {
	c.file("answers", strings.Join(answers, "\n")+"\n")
	os.Remove(filepath.Join(c.home, "log"))
}

func (c *console) log() string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.home, "log"))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// status checks the exit status.
func (c *console) status(want int) {
	c.t.Helper()
	if err := c.finished(); c.cmd.ProcessState.ExitCode() != want {
		c.t.Errorf("ended with %v, want exit status %d: the screen shows %q", err, want, c.screen.String())
	}
}

func TestPinentryAsks(t *testing.T) {
	c := withAsker(t, "curses", "CANARY 50%25", "CANARY 50%25")
	c.start("keystore", "use", "file")
	c.status(0)
	log := c.log()
	for _, want := range []string{"OPTION ttyname=/dev/tty\n", "OPTION ttytype=xterm\n", "SETDESC New passphrase for " + c.home + "/keys.age\n", "SETPROMPT The same again:\n", "SETREPEAT "} {
		if !strings.Contains(log, want) {
			t.Errorf("the program was not told %q: %s", want, log)
		}
	}
	if n := strings.Count(log, "\nGETPIN\n"); n != 2 {
		t.Errorf("it was asked %d times for a new passphrase, want 2", n)
	}

	// A wrong one is told of and asked for again; what comes is decoded, blanks kept.
	c.answers("wrong", "CANARY 50%25")
	c.start("key", "list")
	c.status(0)
	if log := c.log(); !strings.Contains(log, "SETERROR Wrong passphrase: try again.\n") || !strings.Contains(log, "SETDESC Passphrase for ") {
		t.Errorf("the program was told %s", log)
	}
	c.answers("a", "b", "c", "CANARY 50%25")
	c.start("key", "list")
	c.await("wrong passphrase")
	c.status(3)
	if n := strings.Count(c.log(), "\nGETPIN\n"); n != 3 {
		t.Errorf("a person was asked %d times, want 3", n)
	}

	// Sent away, or nobody there.
	c.answers("ERR 83886179 Operation cancelled <Pinentry>")
	c.start("key", "list")
	c.await("the question was dismissed")
	c.status(3)
	c.answers("ERR 83886142 Timeout <Pinentry>")
	c.start("key", "list")
	c.await("nobody answered in time")
	c.status(3)
	// One that cannot ask leaves it to the terminal.
	c.answers("ERR 83918952 Inappropriate ioctl <Pinentry>")
	c.start("key", "list")
	c.await("Passphrase for ")
	c.typed("CANARY 50%\n")
	c.status(0)
}

func TestPinentryRepeats(t *testing.T) {
	c := withAsker(t, "gtk2", "", "CANARYpass")
	c.file("repeats", "")
	c.start("keystore", "use", "file")
	c.status(0)
	log := c.log()
	if n := strings.Count(log, "\nGETPIN\n"); n != 2 || !strings.Contains(log, "SETERROR An empty passphrase protects nothing") {
		t.Errorf("it was asked %d times, and told %s", n, log)
	}

	c = withAsker(t, "gtk2", "CANARYa", "CANARYb", "CANARYc", "CANARYd", "CANARYe", "CANARYf")
	c.start("keystore", "use", "file")
	c.await("in three tries")
	c.status(3)
	if !strings.Contains(c.log(), "SETERROR The two differ") {
		t.Errorf("the program was told %s", c.log())
	}
	if _, err := os.Stat(filepath.Join(c.home, "keys.age")); err == nil {
		t.Error("a file was made")
	}
}

// Ctrl-C ends the program too, and leaves the terminal as it was; no secret is in
// the environment of the program.
func TestPinentryInterrupted(t *testing.T) {
	c := withAsker(t, "curses", "hang")
	c.passphraseEnv = "AWS_CONNECTOR_PASSPHRASE=CANARYenvironment"
	c.start("keystore", "use", "file")
	environ := filepath.Join(c.home, "environ")
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the program was not asked")
		}
		if text, err := os.ReadFile(environ); err == nil && len(text) > 0 {
			if strings.Contains(string(text), "CANARY") {
				t.Error("the program inherits the passphrase")
			}
			break
		}
	}
	c.typed("\x03")
	c.await("interrupted")
	c.status(130)
}

// Nothing waits on a pinentry that has no terminal.
func TestPinentryWithoutTerminal(t *testing.T) {
	c := withAsker(t, "curses", "CANARY")
	c.startWith(func() {
		c.cmd.SysProcAttr.Setctty = false
	}, "keystore", "use", "file")
	c.await("no passphrase for ")
	c.status(3)
	if strings.Contains(c.log(), "GETPIN") {
		t.Errorf("it was asked on no terminal: %s", c.log())
	}
}

func TestPassphraseOnTheTerminal(t *testing.T) {
	c := newConsole(t)
	c.passphraseEnv = "X="
	c.file("connectors.toml", "keystore = \"file\"\nunlock_seconds = 0\npinentry = \"off\"\n")
	c.start("keystore", "use", "file")
	c.await("New passphrase for ")
	c.typed("\n")
	c.await("An empty passphrase protects nothing")
	c.await("New passphrase for ")
	c.typed("CANARYa\n")
	c.await("The same again: ")
	c.typed("CANARYb\n")
	c.await("The two differ")
	c.await("New passphrase for ")
	c.typed("CANARYa\n")
	c.await("The same again: ")
	c.typed("CANARYa\n")
	c.status(0)

	c.start("key", "list")
	c.await("Passphrase for ")
	c.typed("CANARYb\n")
	c.await("Wrong passphrase")
	c.await("Passphrase for ")
	c.typed("CANARYa\n")
	c.status(0)
	c.start("key", "list")
	for range 3 {
		c.await("Passphrase for ")
		c.typed("CANARYb\n")
	}
	c.await("wrong passphrase for ")
	c.status(3)
	c.start("key", "list")
	c.await("Passphrase for ")
	c.typed("\x04")
	c.await("end of input")
	c.status(3)
	c.start("key", "list")
	c.await("Passphrase for ")
	c.typed("\x03")
	c.await("interrupted")
	c.status(130)
}

// Where there is no keyring and no choice, a person is offered the file.
func TestFileIsOffered(t *testing.T) {
	c := newConsole(t)
	os.Remove(c.conf)
	c.start("key", "add", "main")
	c.await("Keep them in an encrypted file, ")
	c.await("[y/N] ")
	c.typed("n\n")
	c.await("chooses no other place for keys")
	c.status(3)
	if _, err := os.Stat(c.conf); err == nil {
		t.Error("connectors.toml was made")
	}
	c.start("key", "add", "main")
	c.await("[y/N] ")
	c.typed("y\n")
	c.await(asksID)
	c.typed(pasted)
	c.await("stored key \"main\"")
	c.status(0)
	if text, err := os.ReadFile(c.conf); err != nil || string(text) != "keystore = \"file\"\n" {
		t.Errorf("connectors.toml is %q, %v", text, err)
	}
}

// Passphrases that differ, however often, end neither init nor lose its answers.
func TestInitKeepsItsAnswers(t *testing.T) {
	c := newConsole(t)
	c.file("connectors.toml", "keystore = \"file\"\npinentry = \"off\"\n")
	c.passphraseEnv = "X="
	c.start("init")
	c.await("Method [1]: ")
	c.typed("2\neu-central-1\nmine\nmain\n")
	c.await(asksID)
	c.typed(pasted)
	for range 3 {
		c.await("New passphrase for ")
		c.typed("CANARYone\n")
		c.await("again")
		c.typed("CANARYtwo\n")
	}
	c.await("here it is again")
	c.await("New passphrase for ")
	c.typed("CANARYone\n")
	c.await("again")
	c.typed("CANARYone\n")
	c.await(`stored key "main"`)
	c.await("Try it now? [Y/n] ")
	c.typed("n\n")
	c.await("? [Y/n] ")
	c.typed("n\n")
	c.ended(true)
}
