package fakeaws

import (
	"encoding/json"
	"net/url"
	"time"
)

// Request is one request as it arrived, refused or not. The fields of the
// signature are what the client wrote, unverified, and empty if it wrote none.
type Request struct {
	Service     string          `json:"service,omitempty"`       // by its signing name, "sts"; empty if it is none that the server has
	Action      string          `json:"action"`                  // as named; "ListBuckets" for S3's GET /
	Params      url.Values      `json:"params"`                  // of query and form, Action and Version too
	Input       json.RawMessage `json:"input,omitempty"`         // the body of a service that speaks JSON
	AccessKeyID string          `json:"access_key_id,omitempty"` // of the credential scope
	Region      string          `json:"region,omitempty"`        // of the credential scope
	Time        time.Time       `json:"time"`                    // by the server's clock, UTC
}

// Calls returns how many requests have named action since the start or the last
// [Server.ClearRequests], refused, faulted and stalled ones included; "" counts
// every request. Where services share an action's name, its service tells them
// apart: "ecr-public:GetAuthorizationToken".
func (s *Server) Calls(action string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.requests {
		if names(action, r.Service, r.Action) {
			n++
		}
	}
	return n
}

// names reports whether a name, "Action", "service:Action" or "", is one of
// action of service.
func names(name, service, action string) bool {
	return name == "" || name == action || name == service+":"+action
}

// Requests returns what [Server.Calls] counts, in order of arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request{}, s.requests...) // not nil: JSON has an empty list
}

// ClearRequests forgets every request so far, those of registry proxies too.
func (s *Server) ClearRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.proxied = nil, nil
}

func (s *Server) record(c *call) {
	sig, _ := parseSignature(c.r)
	r := Request{
		Service:     c.service,
		Action:      c.action,
		Params:      c.params,
		AccessKeyID: sig.accessKeyID,
		Region:      sig.region,
		Time:        c.now,
	}
	if c.json() && json.Valid(c.body) {
		r.Input = c.body
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	if s.log != nil {
		json.NewEncoder(s.log).Encode(r)
	}
}
