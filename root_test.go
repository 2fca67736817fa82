//go:build linux

package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Root alone has files that are another user's. CI runs as root, too.
func TestRootScript(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("this is not root")
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/rootscript",
		RequireExplicitExec: true,
		Setup:               setup,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"status": status},
	})
}
