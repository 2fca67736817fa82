package fakeaws

import (
	"crypto/subtle"
	"net/http"
)

// authenticate returns the credential that signed the request.
func (s *Server) authenticate(c *call) (credential, *refusal) {
	g, refused := parseSignature(c.r)
	if refused != nil {
		return credential{}, refused
	}
	s.mu.Lock()
	key, ok := s.keys[g.accessKeyID]
	regions := s.regions
	s.mu.Unlock()

	// A long-term key has no token, and one that comes with it is as wrong as a
	// temporary key's missing one.
	if !ok || !equal(key.token, g.token) || !key.access.takes(c.now) {
		return credential{}, refuse(http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	if !key.Expires.IsZero() && !c.now.Before(key.Expires) {
		return credential{}, refuse(http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired")
	}
	if c.service == "iam" {
		regions = []string{iamRegion(key.ARN)}
	}
	if refused := g.checkScope(c.service, regions); refused != nil {
		return credential{}, refused
	}
	if refused := g.checkTime(c.now); refused != nil {
		return credential{}, refused
	}
	if !equal(g.value, g.sign(c.r, c.body, key.secret)) {
		return credential{}, mismatch("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	s.used(key, c)
	return key, nil
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// region returns the one of the request's credential scope, which stands for the
// endpoint that was called.
func (c *call) region() string {
	g, _ := parseSignature(c.r)
	return g.region
}

// authorize refuses a caller that AWS gives no permission whatever the user's
// own policies are: a federated user without a session policy.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
func (c *call) authorize(caller Identity) *refusal {
	if c.service == "sts" || caller.Kind != FederatedUser || caller.Policy != "" || len(caller.PolicyARNs) > 0 {
		return nil
	}
	action := c.service + ":" + c.action
	return accessDenied("User: %s is not authorized to perform: %s on resource: * because no session policy allows the %s action", caller.ARN, action, action)
}
