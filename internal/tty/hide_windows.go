package tty

import "golang.org/x/sys/windows"

// hide turns the echo off, until show turns it on and, if it is to forget,
// throws away what was typed and not read.
func (t *Terminal) hide() (show func(forget bool), err error) {
	console := windows.Handle(t.in.Fd())
	var old uint32
	if err := windows.GetConsoleMode(console, &old); err != nil {
		return nil, err
	}
	hidden := old&^windows.ENABLE_ECHO_INPUT | windows.ENABLE_PROCESSED_INPUT | windows.ENABLE_LINE_INPUT
	if err := windows.SetConsoleMode(console, hidden); err != nil {
		return nil, err
	}
	return func(forget bool) {
		// There is nobody to tell: the console may be gone.
		_ = windows.SetConsoleMode(console, old)
		if forget {
			_ = windows.FlushConsoleInputBuffer(console)
		}
	}, nil
}
