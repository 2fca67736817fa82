package fakeaws

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// login is what a registry makes of a request's credentials.
type login struct {
	registry registry
	scheme   string // of the credentials, "" if there are none
	digest   string // of the live password that they stand for; "" is anonymous
	refused  int    // status of the refusal, 0 if there is none
	message  string // of the refusal
}

// emptyBasic is what some clients send for no user and no password.
const emptyBasic = "Basic Og=="

const (
	messageExpired   = "Your authorization token has expired. Reauthenticate and try again."
	messageAnonymous = "User anonymous is not authorized to perform this action on this resource"
)

// login judges a request to a registry.
func (s *Server) login(r *http.Request) login {
	l := login{registry: registryOf(r.Host)}
	public := l.registry.service == "ecr-public"
	if public && isTokenPath(r.URL.Path) && r.Method != http.MethodGet {
		return l.deny(http.StatusMethodNotAllowed, "Method Not Allowed")
	}
	header := r.Header.Get("Authorization")
	if header == "" || header == emptyBasic {
		if public && (isTokenPath(r.URL.Path) || isPull(r)) {
			return l
		}
		return l.deny(http.StatusUnauthorized, "Not Authorized")
	}
	known := false
	scheme, rest, _ := strings.Cut(header, " ")
	switch username, password, basic := r.BasicAuth(); {
	case basic:
		l.scheme, l.digest = "Basic", digest(password)
		known = username == "AWS"
	case strings.EqualFold(scheme, "Bearer"):
		l.scheme = "Bearer"
		l.digest, known = s.bearer(rest)
	default:
		l.scheme = "other"
	}
	if public && known && l.digest == "" {
		if isPing(r) || isPull(r) {
			return l
		}
		return l.deny(http.StatusForbidden, messageAnonymous)
	}
	t, live := s.liveToken(l.digest)
	if !known || !live || t.Service != l.registry.service || t.Region != l.registry.region {
		return l.deny(http.StatusForbidden, messageExpired)
	}
	return l
}

func (l login) deny(status int, message string) login {
	l.refused, l.message = status, message
	return l
}

// refuse answers in ECR's words.
func (l login) refuse(w http.ResponseWriter, r *http.Request) {
	public := l.registry.service == "ecr-public"
	switch {
	case l.refused != http.StatusUnauthorized:
		writeRegistryError(w, l.refused, "DENIED", l.message)
	case public:
		w.Header().Set("Www-Authenticate", fmt.Sprintf(`Bearer realm="https://%s/token/",service="public.ecr.aws",scope="aws"`, r.Host))
		writeRegistryError(w, l.refused, "DENIED", l.message)
	default:
		w.Header().Set("Www-Authenticate", fmt.Sprintf(`Basic realm="https://%s/",service="ecr.amazonaws.com"`, r.Host))
		http.Error(w, l.message, l.refused)
	}
}

func isTokenPath(path string) bool { return path == "/token/" || path == "/token" }

// isPing reports whether the request is the one by which clients ask how to log
// in: https://github.com/opencontainers/distribution-spec (end-1).
func isPing(r *http.Request) bool { return r.URL.Path == "/v2/" || r.URL.Path == "/v2" }

// isPull reports whether anyone may make the request to ECR Public.
func isPull(r *http.Request) bool {
	return !isPing(r) && (r.Method == http.MethodGet || r.Method == http.MethodHead)
}

// issueBearer makes and remembers a bearer token that stands for a password's
// digest; "" is anonymous.
func (s *Server) issueBearer(digestOfPassword string) string {
	token := base64.RawURLEncoding.EncodeToString(random(300))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bearers[digest(token)] = digestOfPassword
	return token
}

// bearer returns what issueBearer was given for the token.
func (s *Server) bearer(token string) (digestOfPassword string, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	digestOfPassword, known = s.bearers[digest(token)]
	return digestOfPassword, known
}
