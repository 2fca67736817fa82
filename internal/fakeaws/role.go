package fakeaws

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Role is an IAM role that the server lets principals assume.
type Role struct {
	ARN        string
	MaxSession time.Duration // 1 to 12 h; 0 is 1 h, AWS's default
	ExternalID string        // that AssumeRole must give; "" needs none
	MFA        bool          // only with an MFA code, now or when the caller's session began

	// Trusts are the ARNs of the users, roles, sessions or accounts (their root)
	// that may assume the role, and of identity providers; none is every principal
	// of its own account and every provider.
	Trusts []string
}

// The bounds of a role's sessions; roles assumed by role chaining get no more
// than the first.
const (
	chainedMaximum = time.Hour
	roleMaximum    = 12 * time.Hour
)

// AddRole adds r or replaces the role of its ARN. It panics if ARN is not that
// of a role or MaxSession is out of range.
func (s *Server) AddRole(r Role) {
	if err := s.addRole(r); err != nil {
		panic("fakeaws: " + err.Error())
	}
}

func (s *Server) addRole(r Role) error {
	if a, ok := parseARN(r.ARN); !ok || a.kind != "role" {
		return fmt.Errorf("role %q: not the ARN of a role", r.ARN)
	}
	if r.MaxSession == 0 {
		r.MaxSession = time.Hour
	}
	if r.MaxSession < time.Hour || r.MaxSession > roleMaximum {
		return fmt.Errorf("role %q: longest session %v is not 1h to 12h", r.ARN, r.MaxSession)
	}
	r.Trusts = slices.Clone(r.Trusts)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.roles[r.ARN] = r
	return nil
}

// trusts reports whether the role's trust policy has a place for the caller.
func (r Role) trusts(caller Identity) bool {
	role, _ := parseARN(r.ARN)
	if len(r.Trusts) == 0 {
		return caller.Account == role.account
	}
	return slices.ContainsFunc(r.Trusts, func(trusted string) bool {
		a, ok := parseARN(trusted)
		return trusted == caller.ARN || trusted == caller.RoleARN || ok && a.kind == "root" && a.account == caller.Account
	})
}

func (s *Server) assumeRole(c *call) (any, *refusal) {
	f := form{Values: c.params}
	arn := f.required("RoleArn", 20, 2048, nil)
	session := f.required("RoleSessionName", 2, 64, namePattern)
	externalID := f.optional("ExternalId", 2, 1224, externalIDPattern)
	source := f.optional("SourceIdentity", 2, 64, namePattern)
	lifetime := f.duration(time.Hour, roleMaximum)
	shape, code := f.shape(), f.code()
	if refused := f.refusal(); refused != nil {
		return nil, refused
	}
	id, refused := roleSession(arn, session)
	if refused != nil {
		return nil, refused
	}
	packed, refused := shape.packed()
	if refused != nil {
		return nil, refused
	}
	if refused := shape.apply(&id, c.caller.Identity); refused != nil {
		return nil, refused
	}
	if id.MFA, refused = s.checkCode(c, code); refused != nil {
		return nil, refused
	}
	if refused := s.checkTrust(c, arn, externalID, id.MFA, lifetime); refused != nil {
		return nil, refused
	}
	if id.SourceIdentity, refused = sourceIdentity(c.caller.Identity, source, arn); refused != nil {
		return nil, refused
	}
	return roleResult(s.issue(c, id, lifetime), packed), nil
}

// roleSession returns the identity of a session of the role, whether or not
// there is one.
func roleSession(arn, session string) (Identity, *refusal) {
	a, ok := parseARN(arn)
	if !ok || a.kind != "role" {
		return Identity{}, refuse(http.StatusBadRequest, "ValidationError", "%s is invalid", arn)
	}
	return Identity{
		Kind:    AssumedRole,
		ARN:     a.sts("assumed-role/%s/%s", a.base(), session),
		UserID:  uniqueID("AROA", arn) + ":" + session,
		Account: a.account,
		RoleARN: arn,
	}, nil
}

// checkTrust refuses callers that the role does not trust, and durations that
// it or role chaining does not allow.
func (s *Server) checkTrust(c *call, arn, externalID string, mfa bool, lifetime time.Duration) *refusal {
	caller := c.caller.Identity
	s.mu.Lock()
	role, known := s.roles[arn]
	s.mu.Unlock()
	switch {
	case caller.Kind == Root || caller.Kind == SessionToken && caller.UserID == caller.Account:
		return accessDenied("Roles may not be assumed by root accounts.")
	case !known, caller.Kind == FederatedUser, !role.trusts(caller),
		role.ExternalID != "" && role.ExternalID != externalID,
		// A role's session does not hand its MFA down to the next role.
		role.MFA && !mfa && (caller.Kind != SessionToken || !caller.MFA):
		return notAuthorized(caller, "AssumeRole", arn)
	case caller.Kind == AssumedRole && lifetime > chainedMaximum:
		return refuse(http.StatusBadRequest, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case lifetime > role.MaxSession:
		return refuse(http.StatusBadRequest, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return nil
}

// sourceIdentity returns the session's: once set, it stays through a chain.
func sourceIdentity(caller Identity, asked, role string) (string, *refusal) {
	if caller.SourceIdentity == "" || asked == caller.SourceIdentity {
		return asked, nil
	}
	if asked != "" {
		return "", notAuthorized(caller, "SetSourceIdentity", role)
	}
	return caller.SourceIdentity, nil
}

func roleResult(k credential, packed int) sessionResult {
	r := sessionResult{
		Credentials:     k.body(),
		SourceIdentity:  k.SourceIdentity,
		AssumedRoleUser: &assumedRole{ARN: k.ARN, ID: k.UserID},
	}
	if packed > 0 {
		r.PackedPolicySize = &packed
	}
	return r
}
