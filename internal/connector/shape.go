package connector

import (
	"strings"
	"unicode"
)

// The shapes of names are told by hand: compiling their regular expressions
// when the program starts took two thirds of what a hit takes.

// consists reports whether s is made of ASCII letters, digits and the
// characters of others, and has least to most bytes.
func consists(s string, least, most int, others string) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if !alphanumeric(s[i]) && strings.IndexByte(others, s[i]) < 0 {
			return false
		}
	}
	return true
}

func alphanumeric(c byte) bool { return isUpper(c) || isLower(c) || isDigit(c) }
func isUpper(c byte) bool      { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool      { return 'a' <= c && c <= 'z' }
func isDigit(c byte) bool      { return '0' <= c && c <= '9' }

// every reports whether s is not empty and each of its bytes is one of is.
func every(s string, is func(byte) bool) bool {
	for i := range len(s) {
		if !is(s[i]) {
			return false
		}
	}
	return s != ""
}

func isAccountID(s string) bool { return len(s) == 12 && every(s, isDigit) }

// isSessionName checks what AssumeRole takes for RoleSessionName and SourceIdentity.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func isSessionName(s string) bool {
	return consists(s, shortestSessionName, longestSessionName, inSessionName)
}

func isExternalID(s string) bool { return consists(s, 2, 1224, "_+=,.@:/-") }

func isMFASerial(s string) bool { return consists(s, 9, 256, "_+=/:,.@-") }

// isTagText checks the characters of a tag, not its length.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html
func isTagText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.Z, unicode.N) && !strings.ContainsRune("_.:/=+-@", r)
	})
}

// holdsAccessKeyID reports whether an access key id stands in s: AKIA or ASIA
// with 16 capital letters and digits, and none on either side.
func holdsAccessKeyID(s string) bool {
	const length = 20
	for start := 0; start < len(s); {
		end := start
		for end < len(s) && (isUpper(s[end]) || isDigit(s[end])) {
			end++
		}
		if end-start == length && (s[start:start+4] == "AKIA" || s[start:start+4] == "ASIA") {
			return true
		}
		start = end + 1
	}
	return false
}

func isRegionOf(prefix, region string) bool {
	rest, ok := strings.CutPrefix(region, prefix)
	place, number, both := strings.Cut(rest, "-")
	return ok && both && every(place, isLower) && every(number, isDigit)
}

// iamARN returns the account in the ARN of an IAM resource of a kind, such as
// role, whose name has at most longest characters; "aws" is AWS's own.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
func iamARN(s, kind string, longest int) (account string, ok bool) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || !every(parts[1], func(c byte) bool { return isLower(c) || c == '-' }) || parts[2] != "iam" || parts[3] != "" {
		return "", false
	}
	path, ok := strings.CutPrefix(parts[5], kind+"/")
	name := path[strings.LastIndexByte(path, '/')+1:]
	path = path[:len(path)-len(name)]
	printable := func(c byte) bool { return '!' <= c && c <= '~' }
	if !ok || path != "" && (len(path) < 2 || !every(path, printable)) || !consists(name, 1, longest, "_+=,.@-") {
		return "", false
	}
	return parts[4], true
}

func isRole(s string) bool {
	account, ok := iamARN(s, "role", 64)
	return ok && isAccountID(account)
}

func isManagedPolicy(s string) bool {
	account, ok := iamARN(s, "policy", 128)
	return ok && (isAccountID(account) || account == "aws")
}

// isBucketName checks length and characters.
func isBucketName(s string) bool {
	edge := func(c byte) bool { return isLower(c) || isDigit(c) }
	return len(s) >= 3 && len(s) <= 63 && edge(s[0]) && edge(s[len(s)-1]) && every(s, func(c byte) bool { return edge(c) || c == '.' || c == '-' })
}

func isClusterName(s string) bool { return consists(s, 1, 100, "_-") && alphanumeric(s[0]) }

// isRepository checks the characters of a repository's name, or of a pattern of names.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
func isRepository(s string) bool {
	return every(s, func(c byte) bool { return isLower(c) || isDigit(c) || strings.IndexByte("._-/*", c) >= 0 })
}

// isImage checks the characters of what follows a registry's host and a slash:
// nothing, or a repository with a tag or digest, or the path of the registry's API.
func isImage(s string) bool {
	return s == "" || every(s, func(c byte) bool { return alphanumeric(c) || strings.IndexByte("._-/:@", c) >= 0 })
}
