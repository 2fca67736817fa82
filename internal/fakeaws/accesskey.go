package fakeaws

import (
	"cmp"
	"slices"
	"time"
)

// accessKey is what IAM knows of a long-term key beside its secret.
type accessKey struct {
	created, known, used time.Time // known: from then on requests that it signed are taken
	service, region      string    // of its last use
	inactive             bool
}

func (k accessKey) takes(now time.Time) bool { return !k.inactive && !now.Before(k.known) }

// AccessKey is an access key of a user.
type AccessKey struct {
	ID       string    `json:"id"`
	Active   bool      `json:"active"`
	Created  time.Time `json:"created"`
	LastUsed time.Time `json:"last_used,omitzero"`
}

// AccessKeys returns the long-term keys of a user, the oldest first.
func (s *Server) AccessKeys(userARN string) []AccessKey {
	all := []AccessKey{} // not nil: JSON has an empty list
	for _, k := range s.accessKeys(userARN) {
		all = append(all, AccessKey{k.accessKeyID, !k.access.inactive, k.access.created, k.access.used})
	}
	return all
}

// RequireMFA makes IAM deny a user's calls without MFA, as the policies do by which
// users manage their own credentials.
func (s *Server) RequireMFA(userARN string, required bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secured[userARN] = required
}

// SetSettling makes every access key that is created later unknown for so long:
// IAM is eventually consistent.
func (s *Server) SetSettling(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settling = d
}

// DeleteKey, DeactivateKey and UseKey do what an administrator or another holder of
// a key may do at any time; they do nothing where there is no such key.
func (s *Server) DeleteKey(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, id)
}

// DeactivateKey is described with [Server.DeleteKey].
func (s *Server) DeactivateKey(id string) {
	s.change(id, func(k *accessKey) { k.inactive = true })
}

// UseKey is described with [Server.DeleteKey].
func (s *Server) UseKey(id string) {
	now := s.Now()
	s.change(id, func(k *accessKey) { k.used, k.service, k.region = now, "s3", "eu-central-1" })
}

func (s *Server) change(id string, how func(*accessKey)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, ok := s.keys[id]; ok {
		how(&k.access)
		s.keys[id] = k
	}
}

func (s *Server) accessKeys(userARN string) []credential {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keysOf(userARN)
}

// keysOf is accessKeys for who has the lock.
func (s *Server) keysOf(userARN string) []credential {
	var all []credential
	for _, k := range s.keys {
		if k.ARN == userARN && k.token == "" {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b credential) int {
		return cmp.Or(a.access.created.Compare(b.access.created), cmp.Compare(a.accessKeyID, b.accessKeyID))
	})
	return all
}

// used notes that a key signed a request.
func (s *Server) used(key credential, c *call) {
	if key.token == "" {
		s.change(key.accessKeyID, func(k *accessKey) { k.used, k.service, k.region = c.now, c.service, c.region() })
	}
}
