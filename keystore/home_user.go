//go:build darwin || windows

package keystore

import (
	"os/user"
	"runtime"
)

// accountFiles are what accountHome depends on: nothing that a file tells.
func accountFiles() []string { return nil }

// stateInHome is not where connectors.toml is, on macOS, nor the cache, on Windows.
func stateInHome() string {
	if runtime.GOOS == "darwin" {
		return "Library/Application Support/aws-connector-state"
	}
	return `AppData\Local\aws-connector-state`
}

// accountHome returns the home that the system has for this user, empty where it has none.
func accountHome() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.HomeDir
}
