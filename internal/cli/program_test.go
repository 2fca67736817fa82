package cli

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestPrintedIsBounded(t *testing.T) {
	var p printed
	n, err := io.Copy(&p, strings.NewReader(strings.Repeat("x", outputLimit)))
	if err != nil || n != outputLimit || len(p.data) != outputLimit {
		t.Errorf("%d bytes were kept of %d, %v", len(p.data), n, err)
	}
	if _, err := p.Write([]byte("x")); !errors.Is(err, errOutput) || len(p.data) != outputLimit {
		t.Errorf("Write beyond the limit = %v, with %d bytes", err, len(p.data))
	}
}
