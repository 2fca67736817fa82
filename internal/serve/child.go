package serve

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// Run runs cmd to its end and returns its exit status, as a shell tells it. What
// this process is sent meanwhile goes to cmd, but for what the keyboard of the
// terminal that both are on has sent to both. Its error says why cmd did not start.
func Run(cmd *exec.Cmd) (int, error) {
	got := make(chan os.Signal, 8)
	for _, s := range passed() {
		// What this process was started to ignore, as by nohup, cmd ignores too.
		if !signal.Ignored(s) {
			signal.Notify(got, s)
		}
	}
	defer signal.Stop(got)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-got:
			if !typed(s) {
				_ = cmd.Process.Signal(s) // it may have ended
			}
		case err := <-ended:
			return status(cmd.ProcessState, err)
		}
	}
}

func status(s *os.ProcessState, err error) (int, error) {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		const bySignal = 128
		return bySignal + int(w.Signal()), nil
	}
	return s.ExitCode(), nil
}

// Stop returns what is closed when this process is to end, for one that runs nothing,
// and a function that ends the watch.
func Stop() (stop <-chan os.Signal, end func()) {
	got := make(chan os.Signal, 1)
	for _, s := range ends() {
		if !signal.Ignored(s) {
			signal.Notify(got, s)
		}
	}
	return got, func() { signal.Stop(got) }
}
