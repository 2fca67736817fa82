package helper

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"aws-connector/internal/connector"
)

// ownConnector returns NAME if the arguments of a credential_process are this
// program, whatever name it goes by, with get, NAME and flags that change nothing
// in the answer. Any other is another program's, even if it begins so.
func ownConnector(args []string, self string) string {
	if len(args) < 3 || self == "" || isDockerHelper(args[0]) {
		return ""
	}
	program, err := exec.LookPath(args[0])
	if err != nil || !sameFile(program, self) {
		return ""
	}
	rest := args[1:]
	var given []string
	for i, a := range rest {
		if a == "--" {
			given = append(given, rest[i+1:]...)
			break
		}
		if !isVerbose(a) {
			given = append(given, a)
		}
	}
	if len(given) != 2 || given[0] != "get" || !connector.ValidName(given[1]) {
		return ""
	}
	return given[1]
}

// isDockerHelper reports whether the program answers Docker by this name.
func isDockerHelper(path string) bool {
	return strings.HasPrefix(filepath.Base(path), "docker-credential-")
}

func isVerbose(arg string) bool {
	flag, value, given := strings.Cut(arg, "=")
	if _, err := strconv.ParseBool(value); given && err != nil {
		return false
	}
	return slices.Contains([]string{"-v", "--verbose"}, flag)
}

func sameFile(a, b string) bool {
	if real, err := filepath.EvalSymlinks(a); err == nil {
		a = real
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
