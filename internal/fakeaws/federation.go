package fakeaws

import "time"

// The lifetimes of GetSessionToken's and GetFederationToken's credentials.
const (
	userMaximum  = 36 * time.Hour
	userStandard = 12 * time.Hour
	rootMaximum  = time.Hour
)

func (s *Server) getSessionToken(c *call) (any, *refusal) {
	f := form{Values: c.params}
	lifetime, code := f.duration(userStandard, userMaximum), f.code()
	if refused := f.refusal(); refused != nil {
		return nil, refused
	}
	if refused := longTermOnly(c); refused != nil {
		return nil, refused
	}
	mfa, refused := s.checkCode(c, code)
	if refused != nil {
		return nil, refused
	}
	id := c.caller.Identity
	lifetime = capRoot(id, lifetime)
	id.Kind, id.MFA = SessionToken, mfa
	return sessionResult{Credentials: s.issue(c, id, lifetime).body()}, nil
}

func (s *Server) getFederationToken(c *call) (any, *refusal) {
	f := form{Values: c.params}
	name := f.required("Name", 2, 32, namePattern)
	lifetime, shape := f.duration(userStandard, userMaximum), f.shape()
	if refused := f.refusal(); refused != nil {
		return nil, refused
	}
	if refused := longTermOnly(c); refused != nil {
		return nil, refused
	}
	packed, refused := shape.packed()
	if refused != nil {
		return nil, refused
	}
	a, _ := parseARN(c.caller.ARN)
	id := Identity{
		Kind:    FederatedUser,
		ARN:     a.sts("federated-user/%s", name),
		UserID:  a.account + ":" + name,
		Account: a.account,
	}
	if refused := shape.apply(&id, c.caller.Identity); refused != nil {
		return nil, refused
	}
	r := sessionResult{
		Credentials:   s.issue(c, id, capRoot(c.caller.Identity, lifetime)).body(),
		FederatedUser: &federated{ARN: id.ARN, ID: id.UserID},
	}
	if packed > 0 {
		r.PackedPolicySize = &packed
	}
	return r, nil
}

func longTermOnly(c *call) *refusal {
	if c.caller.token != "" {
		return accessDenied("Cannot call %s with session credentials", c.action)
	}
	return nil
}

// capRoot shortens what a root asked for: AWS does so and says nothing.
func capRoot(caller Identity, lifetime time.Duration) time.Duration {
	if caller.Kind == Root {
		return min(lifetime, rootMaximum)
	}
	return lifetime
}
