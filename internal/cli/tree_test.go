package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Of a command that is called alone no more is built, and nobody can tell.
func TestBranchesAnswerLikeTheTree(t *testing.T) {
	answer := func(args []string, tree ...string) string {
		var out, errs bytes.Buffer
		a := App{Stdout: &out, Stderr: &errs}
		root := a.root(tree...)
		root.SetArgs(args)
		err := root.ExecuteContext(t.Context())
		return fmt.Sprintf("%s%s%v", &out, &errs, err)
	}
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		words := strings.Fields(cmd.CommandPath())[1:]
		for _, more := range []string{"--help", "-h -v", "--nope", "--hepl", "help --help", "nope --nope"} {
			args := append(words[:len(words):len(words)], strings.Fields(more)...)
			if got, want := answer(args, args...), answer(args); got != want {
				t.Errorf("%q: the branch answers %q, the tree %q", args, got, want)
			}
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit((&App{}).root())
}

func TestBranches(t *testing.T) {
	for _, b := range branches() {
		if name := b.command(&App{}).Name(); name != b.name {
			t.Errorf("branch %q is command %q", b.name, name)
		}
		if n := len((&App{}).root(b.name, "x").Commands()); b.whole != (n > 1) {
			t.Errorf("%s: %d commands are built", b.name, n)
		}
	}
	for _, other := range [][]string{nil, {"help"}, {"-v", "get"}, {"gte"}, {"__complete", "get", ""}, {""}} {
		if n := len((&App{}).root(other...).Commands()); n < len(branches()) {
			t.Errorf("%q: %d commands are built, want all", other, n)
		}
	}
}
