package ambient

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// OwnConnector returns the connector that argv asks the program at self for: argv
// is exactly self, under any name that is not that of a Docker credential helper,
// `get`, flags out of those given, and one name. Any other command line is
// another program's, even if it begins so.
func OwnConnector(argv []string, self string, flags ...string) (name string, ok bool) {
	if len(argv) < 3 || argv[1] != "get" || self == "" || strings.HasPrefix(filepath.Base(argv[0]), "docker-credential-") {
		return "", false
	}
	for _, arg := range argv[2:] {
		switch {
		case slices.Contains(flags, arg):
		case strings.HasPrefix(arg, "-"), name != "", arg == "":
			return "", false
		default:
			name = arg
		}
	}
	program, err := exec.LookPath(argv[0])
	if err != nil || name == "" || !sameFile(program, self) {
		return "", false
	}
	return name, true
}

func sameFile(a, b string) bool {
	if real, err := filepath.EvalSymlinks(a); err == nil {
		a = real
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
