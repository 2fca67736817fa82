package helper

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// connectorOfProcess returns NAME if the line of a credential_process is this
// program with get, NAME and flags that change nothing in the answer, whatever
// name the program goes by. Any other line is for its shell alone to understand.
func connectorOfProcess(line, self string) string {
	args, plain := words(line, runtime.GOOS == "windows")
	if !plain || len(args) < 3 || self == "" || isDockerHelper(args[0]) {
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
	if len(given) != 2 || given[0] != "get" || strings.HasPrefix(given[1], "-") {
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

// words splits a command line where every shell and SDK splits it alike; false
// where it holds anything that one of them gives a meaning of its own.
func words(line string, windows bool) (all []string, plain bool) {
	var word []rune
	within, quote := false, rune(0)
	rest := []rune(line)
	for i := 0; i < len(rest); i++ {
		r := rest[i]
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0 && (!unicode.IsPrint(r) || quote == '"' && strings.ContainsRune("$`\\!%", r) && !(windows && r == '\\')):
			return nil, false
		case quote != 0:
			word = append(word, r)
		case r == '"', r == '\'' && !windows:
			quote, within = r, true
		case r == ' ', r == '\t':
			if within {
				all, word, within = append(all, string(word)), nil, false
			}
		case r == '\\' && !windows:
			i++
			if i == len(rest) || !unicode.IsPrint(rest[i]) {
				return nil, false
			}
			word, within = append(word, rest[i]), true
		case ordinary(r, windows) || r == '=' && len(all) > 0:
			word, within = append(word, r), true
		default:
			return nil, false
		}
	}
	if within {
		all = append(all, string(word))
	}
	return all, quote == 0
}

func ordinary(r rune, windows bool) bool {
	return unicode.In(r, unicode.Letter, unicode.Mark, unicode.Digit) || strings.ContainsRune("/._-+@,:", r) || windows && r == '\\'
}

func sameFile(a, b string) bool {
	if real, err := filepath.EvalSymlinks(a); err == nil {
		a = real
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
