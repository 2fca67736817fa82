package helper

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"aws-connector/internal/awsconfig"
)

// ownGet returns what is asked for if the arguments of a credential_process are
// this program, whatever name it goes by, with get. Any other is another
// program's, even if it begins so.
func ownGet(args []string, self string) (awsconfig.Get, bool) {
	if len(args) < 3 || self == "" || isDockerHelper(args[0]) {
		return awsconfig.Get{}, false
	}
	program, err := exec.LookPath(args[0])
	if err != nil || !sameFile(program, self) {
		return awsconfig.Get{}, false
	}
	return awsconfig.ParseGet(args[1:])
}

// isDockerHelper reports whether the program answers Docker by this name.
func isDockerHelper(path string) bool {
	return strings.HasPrefix(filepath.Base(path), "docker-credential-")
}

func sameFile(a, b string) bool {
	if real, err := filepath.EvalSymlinks(a); err == nil {
		a = real
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
