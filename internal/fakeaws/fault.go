package fakeaws

import (
	"maps"
	"net/http"
	"strconv"
	"time"
)

// Fault is what the server does to a request instead of answering it, before it
// looks at the signature. With Code it is an error of AWS, with Status or Body
// a raw answer, with only Delay a slow one that is otherwise right.
type Fault struct {
	Action string // that the fault befalls, as in [Server.Calls]; "" is every action
	Times  int    // how many requests it befalls; 0 is every one until ClearFaults
	Skip   int    // how many requests that it fits it spares before

	// After lets the request do what it does first, and puts the fault in the place of
	// the answer: an MFA code is used up, and nobody learns it.
	After bool

	Delay           time.Duration // before anything else
	Stall           bool          // never answer, until the client goes or the server closes
	CloseConnection bool          // drop the connection without an answer

	Code, Message string        // of an error in the service's XML or JSON, as they are
	Status        int           // default: 400 with Code, else 200
	Body          string        // as is, if there is no Code
	ContentType   string        // of Body; "" sends no such header
	Header        http.Header   // further ones, with Body
	RetryAfter    time.Duration // Retry-After header, whole seconds; 0 sends none
}

// Fail adds a fault. Of the faults that fit a request the first one added
// befalls it.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// ClearFaults removes every fault. Requests that stall go on stalling.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault returns the fault that befalls the request and uses up one of its
// times.
func (s *Server) takeFault(c *call) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if !names(f.Action, c.service, c.action) {
			continue
		}
		if f.Skip > 0 {
			s.faults[i].Skip--
			continue
		}
		switch f.Times {
		case 0:
		case 1:
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		default:
			s.faults[i].Times--
		}
		return f, true
	}
	return Fault{}, false
}

// inject reports whether the fault was all of the answer.
func (s *Server) inject(w http.ResponseWriter, c *call, f Fault) bool {
	if !s.wait(c, f) {
		panic(http.ErrAbortHandler)
	}
	if f.CloseConnection {
		panic(http.ErrAbortHandler)
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter/time.Second)))
	}
	status := f.Status
	switch {
	case f.Code != "":
		if status == 0 {
			status = http.StatusBadRequest
		}
		writeRefusal(w, c, &refusal{status, f.Code, f.Message})
	case f.Status != 0 || f.Body != "":
		if status == 0 {
			status = http.StatusOK
		}
		maps.Copy(w.Header(), f.Header)
		writeRaw(w, c, status, f.ContentType, []byte(f.Body))
	default:
		return false
	}
	return true
}

// wait reports whether there is still a client to answer after the delay; a
// stall ends only when there is none.
func (s *Server) wait(c *call, f Fault) bool {
	var after <-chan time.Time
	if !f.Stall {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		after = timer.C
	}
	select {
	case <-after:
		return true
	case <-c.r.Context().Done():
	case <-s.done:
	}
	return false
}
