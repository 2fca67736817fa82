package connector

import (
	"regexp"
	"strings"
	"testing"
)

// shapes are the functions with the regular expressions that say what they are for.
var shapes = []struct {
	name    string
	is      func(string) bool
	pattern *regexp.Regexp
}{
	{"name", ValidName, regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)},
	{"account id", isAccountID, regexp.MustCompile(`^[0-9]{12}$`)},
	{"session name", isSessionName, regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{2,64}$`)},
	{"MFA serial", isMFASerial, regexp.MustCompile(`^[A-Za-z0-9_+=/:,.@-]{9,256}$`)},
	{"tag", isTagText, regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)},
	{"access key id", holdsAccessKeyID, regexp.MustCompile(`(^|[^A-Z0-9])(AKIA|ASIA)[A-Z0-9]{16}($|[^A-Z0-9])`)},
	{"role", isRole, regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}:role/([!-~]+/)?[A-Za-z0-9_+=,.@-]{1,64}$`)},
	{"policy", isManagedPolicy, regexp.MustCompile(`^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/([!-~]+/)?[A-Za-z0-9_+=,.@-]{1,128}$`)},
	{"bucket", isBucketName, regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)},
	{"cluster", isClusterName, regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$`)},
	{"region", ValidRegion, regexp.MustCompile(`^((us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|eusc-de|us-iso|us-isob|eu-isoe|us-isof)-[a-z]+-[0-9]+)$`)},
	{"registry", func(s string) bool { _, _, ok := cutRegistry(s); return ok }, regexp.MustCompile(`^([0-9]{12})\.dkr([.-])ecr(-fips)?\.([a-z0-9-]+)\.([a-z0-9.-]+)$`)},
}

func checkShapes(t *testing.T, s string) {
	t.Helper()
	for _, shape := range shapes {
		if got, want := shape.is(s), shape.pattern.MatchString(s); got != want {
			t.Errorf("is %q a %s: %v, want %v by %s", s, shape.name, got, want, shape.pattern)
		}
	}
}

func TestShapes(t *testing.T) {
	for _, s := range shapeSeeds() {
		checkShapes(t, s)
		// And all that is one character off.
		for i := range len(s) {
			checkShapes(t, s[:i]+s[i+1:])
			for _, c := range []string{"", "-", "/", ":", "a", "A", "0", "\n", "é", "\xff", " "} {
				checkShapes(t, s[:i]+c+s[i:])
			}
		}
	}
}

func FuzzShapes(f *testing.F) {
	for _, s := range shapeSeeds() {
		f.Add(s)
	}
	f.Fuzz(checkShapes)
}

func shapeSeeds() []string {
	return []string{
		"", "a", "main", strings.Repeat("a", 64), strings.Repeat("a", 65), strings.Repeat("a", 100), strings.Repeat("a", 257), "-a", "a.b_c-d",
		"123456789012", "alice@example.com", "arn:aws:iam::123456789012:mfa/alice", "Tag key: ok/äöü", "AKIAIOSFODNN7EXAMPLE", "x ASIAIOSFODNN7EXAMPLE.", "éAKIAIOSFODNN7EXAMPLE",
		"arn:aws:iam::123456789012:role/Deploy", "arn:aws-cn:iam::123456789012:role/a/b:c/Deploy", "arn:aws:iam::123456789012:role//x", "arn:aws:iam::aws:policy/ReadOnlyAccess",
		"arn:aws:iam::aws:role/x", "arn:aws:iam::123456789012:role/" + strings.Repeat("r", 65), "arn:aws:iam::123456789012:policy/" + strings.Repeat("p", 128),
		"my.bucket-1", "a..b", "us-east-1", "us-gov-west-1", "eusc-de-east-1", "us-isob-east-1", "eu-isoe-west-1", "us--1", "us-east-",
		"123456789012.dkr.ecr.eu-central-1.amazonaws.com", "123456789012.dkr-ecr-fips.us-east-1.on.aws", "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com",
	}
}
