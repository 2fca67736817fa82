package fakeaws

import (
	"bytes"
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
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
	service string // by its signing name: "sts", "ecr", "ecr-public", "s3", "eks", "signin"; "" if the request fits none
	action  string
	params  url.Values
	now     time.Time
	id      string
	caller  credential
	header  http.Header // to answer with
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
	f, faulted := s.takeFault(c)
	if faulted && !f.After && s.inject(w, c, f) {
		return
	}
	result, refused := s.answer(c)
	if faulted && f.After && s.inject(w, c, f) {
		return
	}
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
	c := &call{r: r, body: body, params: params, now: now, id: newRequestID(), action: params.Get("Action"), header: http.Header{}}
	sig, _ := parseSignature(r)
	switch {
	case r.URL.Path == signinPath:
		c.service = "signin"
	case r.URL.Path != "/" && sig.service == "s3" && s3Action(r) != "":
		c.service, c.action = "s3", s3Action(r)
	case r.URL.Path != "/":
		c.service, c.action = splitPath(r.Method, r.URL.Path)
	case c.json():
		c.service, c.action = splitTarget(r.Header.Get(targetHeader))
	case c.action != "" || r.Method == http.MethodPost:
		if c.service = "sts"; params.Get("Version") == iamVersion {
			c.service = "iam"
		}
	case r.Method == http.MethodGet:
		c.service, c.action = "s3", "ListBuckets"
	}
	return c
}

// splitPath returns service and action of a request that names them by method
// and path; both are empty if it fits none. Buckets are in path style.
func splitPath(method, path string) (service, action string) {
	first, rest, deeper := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch {
	case method == http.MethodGet && first == "clusters" && !deeper:
		return "eks", "ListClusters"
	case method == http.MethodGet && first == "clusters" && rest != "" && !strings.Contains(rest, "/"):
		return "eks", "DescribeCluster"
	case method == http.MethodHead && rest == "":
		return "s3", "HeadBucket"
	}
	return "", ""
}

func (s *Server) answer(c *call) (any, *refusal) {
	if c.service == "" {
		return nil, refuse(http.StatusNotFound, "UnknownOperationException", "%s %s is not served here.", c.r.Method, c.r.URL.Path)
	}
	if c.service == "sts" && c.action == webIdentity && c.params.Get("Version") == stsVersion {
		return s.assumeRoleWithWebIdentity(c)
	}
	if c.service == "signin" {
		return s.getSigninToken(c)
	}
	caller, refused := s.authenticate(c)
	if refused == nil {
		refused = c.authorize(caller.Identity)
	}
	if refused != nil {
		return nil, c.words(refused)
	}
	c.caller = caller
	if refused := c.policed(); refused != nil {
		return nil, c.words(refused)
	}
	switch c.service {
	case "s3":
		return s.s3(c)
	case "eks":
		return s.eks(c)
	case "ecr":
		return s.ecr(c)
	case "ecr-public":
		return s.ecrPublic(c)
	case "iam":
		return s.iam(c)
	}
	return s.sts(c)
}

// words puts a refusal of the signature or the caller, which is in STS's words,
// in those of the service.
func (c *call) words(r *refusal) *refusal {
	switch {
	case c.service == "s3":
		return s3Refusal(r)
	case c.service == "eks":
		return eksRefusal(r)
	case c.json():
		return jsonRefusal(r)
	}
	return r
}

func writeResult(w http.ResponseWriter, c *call, result any) {
	if who, ok := result.(callerIdentityResult); ok && c.wantsJSON() {
		writeIdentity(w, c, who)
		return
	}
	switch c.service {
	case "iam":
		result = iamAnswer(c, result)
	case "sts":
		result = stsResponse{
			XMLName:  xml.Name{Space: stsNamespace, Local: c.action + "Response"},
			Result:   element{c.action + "Result", result},
			Metadata: metadata{c.id},
		}
	case "ecr", "ecr-public", "eks", "signin":
		writeAWSJSON(w, c, http.StatusOK, result)
		return
	}
	if raw, ok := result.(rawBody); ok {
		writeRaw(w, c, http.StatusOK, "binary/octet-stream", raw)
		return
	}
	if result == nil {
		writeRaw(w, c, http.StatusOK, "application/xml", nil)
		return
	}
	writeXML(w, c, http.StatusOK, result)
}

func writeRefusal(w http.ResponseWriter, c *call, r *refusal) {
	switch {
	case c.service == "signin":
		writeRaw(w, c, r.status, "text/html", []byte("<html><title>Bad Request</title></html>"))
		return
	case c.json():
		writeAWSJSON(w, c, r.status, jsonError{r.code, r.message})
		return
	case c.service == "eks":
		c.header.Set("X-Amzn-Errortype", r.code)
		writeAWSJSON(w, c, r.status, struct {
			Message string `json:"message"`
		}{r.message})
		return
	case c.service == "s3":
		writeXML(w, c, r.status, s3Error{Code: r.code, Message: r.message, RequestID: c.id})
		return
	}
	side := "Sender"
	if r.status >= http.StatusInternalServerError {
		side = "Receiver"
	}
	writeXML(w, c, r.status, stsError{
		XMLName:   xml.Name{Space: c.namespace(), Local: "ErrorResponse"},
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
	maps.Copy(h, c.header)
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
