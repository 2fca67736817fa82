package fakeaws

import (
	"encoding/json"
	"net/url"
	"slices"
	"time"
)

// Request is one request as it arrived, refused or not. The fields of the
// signature are what the client wrote, unverified, and empty if it wrote none.
type Request struct {
	Action      string     `json:"action"`                  // as named; "ListBuckets" for S3's GET /
	Params      url.Values `json:"params"`                  // of query and body, Action and Version too
	AccessKeyID string     `json:"access_key_id,omitempty"` // of the credential scope
	Region      string     `json:"region,omitempty"`        // of the credential scope
	Time        time.Time  `json:"time"`                    // by the server's clock, UTC
}

// Calls returns how many requests have named action since the start or the last
// [Server.ClearRequests], refused, faulted and stalled ones included; "" counts
// every request.
func (s *Server) Calls(action string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.requests {
		if action == "" || r.Action == action {
			n++
		}
	}
	return n
}

// Requests returns what [Server.Calls] counts, in order of arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ClearRequests forgets every request so far.
func (s *Server) ClearRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

func (s *Server) record(c *call) {
	sig, _ := parseSignature(c.r.Header)
	r := Request{
		Action:      c.action,
		Params:      c.params,
		AccessKeyID: sig.accessKeyID,
		Region:      sig.region,
		Time:        c.now,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	if s.log != nil {
		json.NewEncoder(s.log).Encode(r)
	}
}
