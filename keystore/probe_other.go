//go:build darwin || windows

package keystore

import (
	"context"
	"runtime"
)

// probe lists the names on Windows. It asks nothing of the macOS Keychain, which
// would open a dialog if it were locked.
func (r *ring) probe(ctx context.Context) (State, error) {
	if runtime.GOOS == "darwin" {
		return State{Provider: "macOS Keychain"}, nil
	}
	names, err := r.names(ctx)
	return State{Provider: "Windows Credential Manager", Names: sorted(names), Listed: err == nil}, err
}
