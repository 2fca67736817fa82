package fakeaws

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// signinPath is where AWS's sign-in trades sessions for the tokens of the console.
const signinPath = "/federation"

// getSigninToken answers whoever has the session of a role or of a federated user,
// in JSON or a form, as the real one does: what is wrong with a request it does not say.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html
func (s *Server) getSigninToken(c *call) (any, *refusal) {
	bad := refuse(http.StatusBadRequest, "BadRequest", "")
	var session struct{ SessionID, SessionKey, SessionToken string }
	if c.action != "getSigninToken" || json.Unmarshal([]byte(c.params.Get("Session")), &session) != nil {
		return nil, bad
	}
	s.mu.Lock()
	key, ok := s.keys[session.SessionID]
	s.mu.Unlock()
	console := key.Kind == AssumedRole || key.Kind == FederatedUser
	if !ok || !console || !equal(key.secret, session.SessionKey) || !equal(key.token, session.SessionToken) || !key.Expires.After(c.now) {
		return nil, bad
	}
	if asked, given := c.params["SessionDuration"]; given {
		seconds, err := strconv.Atoi(asked[0])
		s.mu.Lock()
		role, parent := s.roles[key.RoleARN], s.keys[key.Parent]
		s.mu.Unlock()
		if err != nil || seconds < 900 || time.Duration(seconds)*time.Second > role.MaxSession || key.Kind != AssumedRole || parent.Kind == AssumedRole {
			return nil, bad
		}
	}
	return struct{ SigninToken string }{base64.StdEncoding.EncodeToString(random(300))}, nil
}
