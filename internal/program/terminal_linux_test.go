package program

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal returns both ends of a new pseudo-terminal.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	fd := int(person.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(filepath.Join("/dev/pts", fmt.Sprint(n)), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

// onTerminal starts a process that is in the foreground of a terminal and runs
// the script; it returns that process, and the person's end of the terminal.
func onTerminal(t *testing.T, script, held string) (us *exec.Cmd, person *os.File) {
	t.Helper()
	person, program := terminal(t)
	us = exec.Command(self(t), sh(script)...)
	us.Env = append(os.Environ(), as+"=runner", "HELD="+held, "SELF="+self(t))
	us.Stdin = program
	us.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if err := us.Start(); err != nil {
		t.Fatal(err)
	}
	return us, person
}

func TestRunAsksOnTerminal(t *testing.T) {
	path, held, gone := holders(t)
	us, person := onTerminal(t, `exec 3>"$HELD"; echo ready >&3; read -r a; read -r b </dev/tty; echo "$a $b" >&3`, path)
	held()
	if _, err := person.WriteString("123\n456\n"); err != nil {
		t.Fatal(err)
	}
	if said := gone(); said != "123 456\n" {
		t.Errorf("the program read %q, want both lines", said)
	}
	if err := us.Wait(); err != nil {
		t.Error(err)
	}
}

func TestRunEndsOnTerminal(t *testing.T) {
	for name, end := range map[string]func(us *exec.Cmd, person *os.File) error{
		"killed":      func(us *exec.Cmd, _ *os.File) error { return us.Process.Kill() },
		"interrupted": func(_ *exec.Cmd, person *os.File) error { _, err := person.WriteString("\x03"); return err },
		"hung up":     func(_ *exec.Cmd, person *os.File) error { return person.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			path, held, gone := holders(t)
			us, person := onTerminal(t, all(), path)
			held()
			if err := end(us, person); err != nil {
				t.Fatal(err)
			}
			_ = us.Wait()
			gone()
		})
	}
}
