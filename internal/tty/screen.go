package tty

import "io"

// leaveScreen takes a terminal back from a program that drew on a screen of its own,
// and shows the cursor. https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
const leaveScreen = "\x1b[?1049l\x1b[?25h\x1b[0m"

// LeaveScreen undoes what a program that drew on the whole terminal, and was killed,
// has left of it.
func (t *Terminal) LeaveScreen() { _, _ = io.WriteString(t.out, leaveScreen) }
