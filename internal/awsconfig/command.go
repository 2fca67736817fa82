package awsconfig

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

var (
	plainArgument = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._/:@+-]+$`) })
	driveOrShare  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([A-Za-z]:\\|\\\\)`) })
)

// PathError is a path of a program that SDKs would not all run.
type PathError struct {
	Path string
	// Advice says what to do instead.
	Advice string
}

// Error names the path.
func (e *PathError) Error() string {
	return fmt.Sprintf("credential_process cannot be %q for all SDKs", e.Path)
}

// Hint returns Advice.
func (e *PathError) Hint() string { return e.Advice }

// Command returns the line of credential_process that runs program with args on
// goos. SDKs give it to sh, to cmd.exe or to parsers of their own. What sh would
// not take as it is in the path of the program has a backslash before it: quotes
// are taken for something else by Go, in version 1 of its SDK wherever they are.
//
// program is an absolute path, or a bare name to be found on PATH; no SDK but
// some expand ~ or variables. args must not be empty (minio refuses a command
// without any) and hold only letters, digits and . _ / : @ + -.
func Command(goos, program string, args ...string) (string, error) {
	if len(args) == 0 {
		return "", fmt.Errorf("credential_process of %q: no argument", program)
	}
	for _, a := range args {
		if !plainArgument().MatchString(a) {
			return "", fmt.Errorf("credential_process of %q: SDKs would not all pass on the argument %q", program, a)
		}
	}
	quoted, err := quotePOSIX(program)
	if goos == "windows" {
		quoted, err = quoteWindows(program)
	}
	if err != nil {
		return "", err
	}
	return quoted + " " + strings.Join(args, " "), nil
}

func quotePOSIX(program string) (string, error) {
	const advice = "install it, or a link to it, where the path has only letters, digits, blanks and . _ - / + @ , :, or put that directory on PATH and use the bare name"
	bare := program != "" && !strings.Contains(program, "/")
	if strings.HasPrefix(program, "-") || !bare && !strings.HasPrefix(program, "/") {
		return "", &PathError{program, "use an absolute path, or a bare name that is on PATH"}
	}
	var quoted strings.Builder
	for _, r := range program {
		switch {
		case isWord(r), strings.ContainsRune("/._-+@%,:", r), unicode.In(r, unicode.Letter, unicode.Mark, unicode.Digit):
		case !bare && strings.ContainsRune(" ()&[]{}~", r):
			quoted.WriteByte('\\')
		default:
			return "", &PathError{program, advice}
		}
		quoted.WriteRune(r)
	}
	return quoted.String(), nil
}

// quoteWindows never quotes: what Go hands to cmd.exe arrives there with
// backslashes before the quotes. Beyond ASCII, the AWS CLI reads the file in the
// code page of the machine and other SDKs in UTF-8.
func quoteWindows(program string) (string, error) {
	const advice = `install it where the path has only ASCII letters, digits and . _ - + @ ~ (not "C:\Program Files"), or put that directory on PATH and use the bare name`
	bare := program != "" && !strings.ContainsAny(program, `\/:`)
	if strings.HasPrefix(program, "-") || !bare && !driveOrShare().MatchString(program) {
		return "", &PathError{program, "use an absolute path, or a bare name that is on PATH"}
	}
	for i, r := range program {
		if !isWord(r) && !strings.ContainsRune(`\._-+@~`, r) && !(r == ':' && i == 1) {
			return "", &PathError{program, advice}
		}
	}
	return program, nil
}

func isWord(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}
