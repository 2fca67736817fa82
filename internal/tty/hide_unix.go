//go:build !windows

package tty

import (
	"os"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// hide turns the echo off, until show turns it on and, if it is to forget,
// throws away what was typed and not read.
//
// Whatever ends or stops the process from the keyboard turns it on before: main
// ends the dialogue at an interrupt, and hide itself sees to the other signals.
func (t *Terminal) hide() (show func(forget bool), err error) {
	fd := int(t.in.Fd())
	old, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	hidden := *old
	hidden.Lflag &^= unix.ECHO | unix.ECHONL
	hidden.Lflag |= unix.ICANON | unix.ISIG
	hidden.Iflag |= unix.ICRNL
	if err := unix.IoctlSetTermios(fd, setTermios, &hidden); err != nil {
		return nil, err
	}
	var mu sync.Mutex
	over := false
	set := func(state *unix.Termios) {
		mu.Lock()
		defer mu.Unlock()
		if !over {
			// There is nobody to tell: the terminal may be gone.
			_ = unix.IoctlSetTermios(fd, setTermios, state)
		}
	}
	stop := handle(func(s os.Signal) {
		switch s {
		case unix.SIGCONT:
			set(&hidden)
			if prompt := t.prompt.Load(); prompt != nil {
				_, _ = t.Write([]byte(*prompt))
			}
		case unix.SIGTSTP:
			set(old)
			_ = unix.Kill(unix.Getpid(), unix.SIGSTOP)
		default:
			set(old)
			signal.Reset(s)
			_ = unix.Kill(unix.Getpid(), s.(syscall.Signal))
		}
	})
	return func(forget bool) {
		stop()
		request := uint(setTermios)
		if forget {
			request = setTermiosFlush
		}
		mu.Lock()
		defer mu.Unlock()
		over = true
		_ = unix.IoctlSetTermios(fd, request, old)
	}, nil
}

// handle calls f for each signal that stops, continues or ends this process from
// a terminal, but for those that it was started to ignore and those that main has.
func handle(f func(os.Signal)) (stop func()) {
	c := make(chan os.Signal, 4)
	for _, s := range []os.Signal{unix.SIGTSTP, unix.SIGCONT, unix.SIGQUIT, unix.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
	done := make(chan struct{})
	go func() {
		for {
			select {
			case s := <-c:
				f(s)
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(c)
		close(done)
	}
}
