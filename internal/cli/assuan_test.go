//go:build !windows

package cli

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"aws-connector/internal/tty"
)

// A program that has answered, and does not end when it is told to, is not waited for.
func TestPinentryThatStays(t *testing.T) {
	program := filepath.Join(t.TempDir(), "pinentry")
	script := `#!/bin/sh
echo 'OK hello'
while read -r line; do
	case $line in
	GETPIN) echo 'D correct' ;;
	BYE) break ;;
	esac
	echo OK
done
exec sleep 600
`
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	p := &pinentries{terminal: func() (*tty.Terminal, error) { return nil, tty.ErrNone }}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if got, err := p.ask(ctx, program, request{text: "a question", prompt: "Passphrase:"}); err != nil || got.Reveal() != "correct" {
		t.Errorf("it answered, and the error is %v", err)
	}
}
