package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	asksID     = "AWS access key id: "
	asksSecret = "AWS secret access key: "
)

// console is a program that runs on a terminal of its own, whose keyboard and screen the test has.
type console struct {
	t             *testing.T
	keys, slave   *os.File
	cmd           *exec.Cmd
	chunks        chan []byte
	screen        bytes.Buffer
	seen          int // of the screen
	home, conf    string
	passphraseEnv string
}

// newConsole makes a terminal and a home with the encrypted keystore.
func newConsole(t *testing.T) *console {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(keys.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close(); keys.Close() })
	home := t.TempDir()
	c := &console{t: t, keys: keys, slave: slave, home: home, chunks: make(chan []byte, 1024), passphraseEnv: "AWS_CONNECTOR_PASSPHRASE_FILE=" + filepath.Join(home, "passphrase")}
	c.conf = c.file("connectors.toml", "keystore = \"file\"\npinentry = \"off\"\nunlock_seconds = 0\n")
	c.file("passphrase", "correct horse\n")
	go func() {
		for {
			b := make([]byte, 4096)
			n, err := c.keys.Read(b)
			if n > 0 {
				c.chunks <- b[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	return c
}

func (c *console) file(name, text string) string {
	path := filepath.Join(c.home, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return path
}

func (c *console) start(args ...string) {
	c.t.Helper()
	c.startWith(func() {}, args...)
}

// startWith starts the program as set has it.
func (c *console) startWith(set func(), args ...string) {
	c.t.Helper()
	c.screen.Reset()
	c.seen = 0
	c.cmd = exec.Command("aws-connector", args...)
	c.cmd.Env = []string{"HOME=" + c.home, "PATH=" + os.Getenv("PATH"), "AWS_CONNECTOR_CONFIG=" + c.conf, "AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL=http://127.0.0.1:1", "TERM=xterm", "GORACE=" + goRace, c.passphraseEnv}
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = c.slave, c.slave, c.slave
	c.cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true, Setctty: true}
	set()
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { c.cmd.Process.Kill() })
}

// await waits until text is on the screen, after what was waited for before.
func (c *console) await(text string) {
	c.t.Helper()
	for {
		if _, after, ok := strings.Cut(c.screen.String()[c.seen:], text); ok {
			c.seen = c.screen.Len() - len(after)
			return
		}
		select {
		case b := <-c.chunks:
			c.screen.Write(b)
		case <-time.After(time.Minute):
			c.t.Fatalf("no %q: the screen shows %q", text, c.screen.String())
		}
	}
}

func (c *console) typed(text string) {
	c.t.Helper()
	if _, err := c.keys.WriteString(text); err != nil {
		c.t.Fatal(err)
	}
}

// ended waits for the end, which is a success or is none.
func (c *console) ended(success bool) {
	c.t.Helper()
	if err := c.finished(); (err == nil) != success {
		c.t.Errorf("ended with %v", err)
	}
}

// finished waits for the end, and checks what every dialogue promises.
func (c *console) finished() error {
	c.t.Helper()
	failure := c.cmd.Wait()
	// What was shown before comes before this mark.
	const mark = "\x01end"
	fmt.Fprint(c.slave, mark)
	c.await(mark)
	if strings.Contains(c.screen.String(), "CANARY") {
		c.t.Errorf("the screen shows a secret: %q", c.screen.String())
	}
	if !c.echoes() {
		c.t.Error("the terminal shows nothing of what is typed any more")
	}
	return failure
}

func (c *console) echoes() bool {
	c.t.Helper()
	state, err := unix.IoctlGetTermios(int(c.slave.Fd()), unix.TCGETS)
	if err != nil {
		c.t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// waiting is how much was typed that nobody has read.
func (c *console) waiting() int {
	n, err := unix.IoctlGetInt(int(c.slave.Fd()), unix.TIOCINQ)
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}

const pasted = accessKeyID + "\n" + secretKey + "\n"

func TestPasteOfAKeyIsNotShown(t *testing.T) {
	c := newConsole(t)
	c.start("key", "add", "main")
	c.await(asksID)
	c.typed(pasted)
	c.ended(true)
	if screen := c.screen.String(); !strings.Contains(screen, asksID+accessKeyID+"\r\n"+asksSecret+"\r\n") || !strings.Contains(screen, `stored key "main"`) {
		t.Errorf("the screen shows %q", screen)
	}

	// Where the key exists neither line of it is an answer, nor the shell's next command.
	c.start("key", "add", "main")
	c.await("[y/N] ")
	c.typed(pasted)
	c.await("please answer y or n")
	c.await("please answer y or n")
	c.typed("n\n")
	c.ended(false)
	if n := c.waiting(); n > 0 || !strings.Contains(c.screen.String(), "nothing was changed") {
		t.Errorf("%d bytes wait for the shell, the screen shows %q", n, c.screen.String())
	}
	c.start("key", "add", "main")
	c.await("[y/N] ")
	c.typed("y\n" + pasted)
	c.ended(true)
	if !strings.Contains(c.screen.String(), "[y/N] y\r\n") {
		t.Errorf("the screen shows %q", c.screen.String())
	}
}

func TestSecretInPlaceOfAnIDIsNotShown(t *testing.T) {
	c := newConsole(t)
	c.start("key", "add", "main")
	c.await(asksID)
	c.typed(secretKey + "/x+y\n")
	c.await("is not shown: ")
	c.await(asksID)
	c.typed(pasted)
	c.ended(true)

	c.start("key", "add", "temp")
	c.await(asksID)
	c.typed("ASIAIOSFODNN7EXAMPLE\n" + secretKey + "\nCANARYtoken\nCANARYtime\n2030-01-02T03:04:05Z\n")
	c.ended(true)
	if !strings.Contains(c.screen.String(), "2030-01-02T03:04:05Z\r\n") {
		t.Errorf("the screen shows %q", c.screen.String())
	}
}

func TestPasteOfAPassphraseIsNotShown(t *testing.T) {
	c := newConsole(t)
	c.passphraseEnv = "X="
	c.start("key", "add", "main")
	c.await(asksID)
	c.typed(pasted)
	c.await("New passphrase for ")
	c.typed("CANARYpass\nCANARYpass\n")
	c.ended(true)
	c.start("key", "list")
	c.await("Passphrase for ")
	c.typed("CANARYpass\n")
	c.ended(true)
}

func TestInitShowsNoKey(t *testing.T) {
	c := newConsole(t)
	c.start("init")
	c.await("Method [1]: ")
	c.typed("2\neu-central-1\nmain\n")
	c.await("Key, the name of a stored or a new one")
	c.typed("main\n")
	c.await(asksID)
	c.typed(secretKey + "\n" + pasted)
	c.await("Try it now? [Y/n] ")
	c.typed("n\n")
	c.await("? [Y/n] ")
	c.typed("n\n")
	c.ended(true)
}

// The echo comes back with whatever ends the dialogue from the keyboard.
func TestEchoComesBack(t *testing.T) {
	for name, key := range map[string]string{"interrupt": "\x03", "quit": "\x1c", "end of input": "\x04"} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.start("key", "add", "main")
			c.await(asksID)
			c.typed(accessKeyID + "\n")
			c.await(asksSecret)
			if c.echoes() {
				t.Error("the secret would be shown")
			}
			c.typed(key)
			c.ended(false)
		})
	}
}

// The shell to which Ctrl-Z leads shows what is typed; the dialogue goes on unseen.
func TestStopAndGoOn(t *testing.T) {
	c := newConsole(t)
	c.start("key", "add", "main")
	c.await(asksID)
	c.typed(accessKeyID + "\n")
	c.await(asksSecret)
	for range 2 {
		c.typed("\x1a")
		var status unix.WaitStatus
		if _, err := unix.Wait4(c.cmd.Process.Pid, &status, unix.WUNTRACED, nil); err != nil || !status.Stopped() {
			t.Fatalf("it did not stop: %v, %x", err, status)
		}
		if !c.echoes() {
			t.Error("while it is stopped nothing is shown")
		}
		if err := c.cmd.Process.Signal(unix.SIGCONT); err != nil {
			t.Fatal(err)
		}
		c.await(asksSecret)
		if c.echoes() {
			t.Error("the secret would be shown")
		}
	}
	c.typed(secretKey + "\n")
	c.ended(true)
}
