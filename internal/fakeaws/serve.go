package fakeaws

import (
	"bytes"
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody is more than any request of these services has.
const maxBody = 1 << 20

// call is one request on its way through the server.
type call struct {
	r       *http.Request
	body    []byte
	service string // "sts", "s3"; "" if the request fits none
	action  string
	params  url.Values
	now     time.Time
	id      string
	caller  credential
}

// refusal is an answer that is one of AWS's errors.
type refusal struct {
	status        int
	code, message string
}

func refuse(status int, code, format string, args ...any) *refusal {
	return &refusal{status, code, fmt.Sprintf(format, args...)}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	control := s.control
	s.mu.Unlock()
	if control != nil && strings.HasPrefix(r.URL.Path, controlPath) {
		control.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "request body: "+err.Error(), http.StatusBadRequest)
		return
	}
	c := newCall(r, body, s.Now())
	s.record(c)
	if f, ok := s.takeFault(c.action); ok && s.inject(w, c, f) {
		return
	}
	result, refused := s.answer(c)
	if refused != nil {
		writeRefusal(w, c, refused)
		return
	}
	writeResult(w, c, result)
}

func newCall(r *http.Request, body []byte, now time.Time) *call {
	params := r.URL.Query()
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		// A body that does not parse has no action, which is refused later.
		form, _ := url.ParseQuery(string(body))
		for name, values := range form {
			params[name] = append(params[name], values...)
		}
	}
	c := &call{r: r, body: body, params: params, now: now, id: newRequestID(), action: params.Get("Action")}
	switch {
	case r.URL.Path != "/":
	case c.action != "" || r.Method == http.MethodPost:
		c.service = "sts"
	case r.Method == http.MethodGet:
		c.service, c.action = "s3", "ListBuckets"
	}
	return c
}

func (s *Server) answer(c *call) (any, *refusal) {
	if c.service == "" {
		return nil, refuse(http.StatusNotFound, "UnknownOperationException", "%s %s is not served here.", c.r.Method, c.r.URL.Path)
	}
	caller, refused := s.authenticate(c)
	if refused != nil {
		return nil, refused
	}
	c.caller = caller
	if c.service == "s3" {
		return listBuckets(c), nil
	}
	return s.sts(c)
}

func writeResult(w http.ResponseWriter, c *call, result any) {
	if c.service == "sts" {
		result = stsResponse{
			XMLName:  xml.Name{Space: stsNamespace, Local: c.action + "Response"},
			Result:   element{c.action + "Result", result},
			Metadata: metadata{c.id},
		}
	}
	writeXML(w, c, http.StatusOK, result)
}

func writeRefusal(w http.ResponseWriter, c *call, r *refusal) {
	if c.service == "s3" {
		r = s3Refusal(r)
		writeXML(w, c, r.status, s3Error{Code: r.code, Message: r.message, RequestID: c.id})
		return
	}
	side := "Sender"
	if r.status >= http.StatusInternalServerError {
		side = "Receiver"
	}
	writeXML(w, c, r.status, stsError{
		XMLName:   xml.Name{Space: stsNamespace, Local: "ErrorResponse"},
		Error:     errorBody{side, r.code, r.message},
		RequestID: c.id,
	})
}

func writeXML(w http.ResponseWriter, c *call, status int, v any) {
	var b bytes.Buffer
	if c.service == "s3" {
		b.WriteString(xml.Header)
	}
	if err := xml.NewEncoder(&b).Encode(v); err != nil {
		panic(fmt.Sprintf("fakeaws: %v", err))
	}
	writeRaw(w, c, status, "text/xml", b.Bytes())
}

func writeRaw(w http.ResponseWriter, c *call, status int, contentType string, body []byte) {
	h := w.Header()
	h["Content-Type"] = nil // an empty one is left out, not guessed
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	h.Set("Date", c.now.Format(http.TimeFormat))
	h.Set("x-amzn-RequestId", c.id)
	w.WriteHeader(status)
	w.Write(body)
}

// newRequestID returns a random UUID, as AWS's are.
func newRequestID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
