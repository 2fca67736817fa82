//go:build darwin || windows

package keystore

import (
	"os/user"
	"runtime"
)

func stateInHome() string {
	if runtime.GOOS == "darwin" {
		return "Library/Application Support/aws-connector"
	}
	return `AppData\Local\aws-connector`
}

// accountHome returns the home that the system has for this user, empty where it has none.
func accountHome() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.HomeDir
}
