package cli

import (
	"runtime"
	"slices"
	"strings"
	"sync"
)

// credentialVariables are what a command must not inherit that is given credentials:
// each SDK would prefer one or another of them.
var credentialVariables = []string{
	"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_ACCESS_KEY", "AWS_SECRET_KEY",
	"AWS_CREDENTIAL_EXPIRATION", "AWS_ACCOUNT_ID", "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
	"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME",
	"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", endpointURI, endpointToken, endpointTokenFile,
	"AWS_REGION", "AWS_DEFAULT_REGION",
}

// withoutCredentials is env without them.
func withoutCredentials(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(line string) bool {
		name, _, _ := strings.Cut(line, "=")
		if runtime.GOOS == "windows" {
			name = strings.ToUpper(name)
		}
		return slices.Contains(credentialVariables, name)
	})
}

// lastSaid remembers what was said of whom, so that it is not said again.
type lastSaid struct {
	mu   sync.Mutex
	said map[string]string
}

func (l *lastSaid) changed(name, text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.said == nil {
		l.said = map[string]string{}
	}
	before := l.said[name]
	l.said[name] = text
	return before != text
}
