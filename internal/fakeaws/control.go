package fakeaws

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// controlPath is no path of the services'.
const controlPath = "/_fake/"

// EnableControl lets whoever reaches the server drive it over HTTP, for suites
// that are not written in Go. Bodies and answers are JSON; durations are in the
// form of [time.ParseDuration]; what is wrong is told with status 400 and an
// "error". Every path starts with /_fake/ and is neither counted nor faulted.
//
//	POST user              {"arn", "access_key_id", "secret"}
//	POST role              {"arn", "max_session", "external_id", "mfa", "trusts"}
//	POST mfa               {"user", "serial", "seed"}
//	POST repository        {"account", "region", "name"}
//	POST bucket            {"account", "region", "name"}
//	POST cluster           {"account", "region", "name", "endpoint", "certificate_authority", "version"}
//	POST ecr-revoke        {}: RevokeECRTokens
//	POST iam               {"user", "mfa", "settling"}: as RequireMFA and SetSettling
//	POST fault             {"action", "times", "skip", "delay", "stall", "close_connection", "code",
//	                       "message", "status", "body", "content_type", "retry_after", "after"}
//	POST regions           {"regions"}: as SetRegions
//	POST clock             {"offset"} from the machine's clock, or {"at"}: stopped at an
//	                       RFC 3339 time; {} is the machine's clock
//	POST clear             {}: ClearFaults and ClearRequests
//	GET  calls             ?action=AssumeRole, or =ecr:GetAuthorizationToken: a number
//	GET  requests          a list of Request
//	GET  identity          ?access_key_id=ASIA…: an Identity
//	GET  access-keys       ?user=arn:…: a list of AccessKey
//	GET  mfa               ?serial=…: the code that the device shows, a string
//	GET  ecr-token         ?sha256=…: the Token whose password has this SHA-256, in hex;
//	                       an error unless it is live
//	GET  registry-requests a list of RegistryRequest
func (s *Server) EnableControl() {
	mux := http.NewServeMux()
	post(mux, "user", func(b userBody) error { return s.addUser(b.ARN, b.AccessKeyID, b.Secret) })
	post(mux, "role", func(b roleBody) error {
		return s.addRole(Role{b.ARN, time.Duration(b.MaxSession), b.ExternalID, b.MFA, b.Trusts})
	})
	post(mux, "mfa", func(b mfaBody) error { return s.addMFA(b.User, b.Serial, b.Seed) })
	post(mux, "repository", s.addRepository)
	post(mux, "bucket", s.addBucket)
	post(mux, "cluster", s.addCluster)
	post(mux, "ecr-revoke", func(struct{}) error { s.RevokeECRTokens(); return nil })
	post(mux, "fault", func(b faultBody) error { s.Fail(b.fault()); return nil })
	post(mux, "iam", func(b iamBody) error {
		s.RequireMFA(b.User, b.MFA)
		s.SetSettling(time.Duration(b.Settling))
		return nil
	})
	post(mux, "regions", func(b regionsBody) error { s.SetRegions(b.Regions...); return nil })
	post(mux, "clock", s.setClock)
	post(mux, "clear", func(struct{}) error { s.ClearFaults(); s.ClearRequests(); return nil })
	get(mux, "calls", func(r *http.Request) (any, error) { return s.Calls(r.FormValue("action")), nil })
	get(mux, "requests", func(*http.Request) (any, error) { return s.Requests(), nil })
	get(mux, "identity", func(r *http.Request) (any, error) {
		id, ok := s.Identity(r.FormValue("access_key_id"))
		if !ok {
			return nil, fmt.Errorf("access key %q: not known", r.FormValue("access_key_id"))
		}
		return id, nil
	})
	get(mux, "access-keys", func(r *http.Request) (any, error) { return s.AccessKeys(r.FormValue("user")), nil })
	get(mux, "mfa", func(r *http.Request) (any, error) {
		code := s.MFACode(r.FormValue("serial"))
		if code == "" {
			return nil, fmt.Errorf("mfa device %q: not known", r.FormValue("serial"))
		}
		return code, nil
	})
	get(mux, "ecr-token", func(r *http.Request) (any, error) {
		t, ok := s.liveToken(strings.ToLower(r.FormValue("sha256")))
		if !ok {
			return nil, fmt.Errorf("token of sha256 %q: not live", r.FormValue("sha256"))
		}
		return t, nil
	})
	get(mux, "registry-requests", func(*http.Request) (any, error) { return s.RegistryRequests(), nil })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.control = mux
}

type userBody struct {
	ARN         string `json:"arn"`
	AccessKeyID string `json:"access_key_id"`
	Secret      string `json:"secret"`
}

type roleBody struct {
	ARN        string   `json:"arn"`
	MaxSession duration `json:"max_session"`
	ExternalID string   `json:"external_id"`
	MFA        bool     `json:"mfa"`
	Trusts     []string `json:"trusts"`
}

type mfaBody struct {
	User   string `json:"user"`
	Serial string `json:"serial"`
	Seed   string `json:"seed"`
}

type iamBody struct {
	User     string   `json:"user"`
	MFA      bool     `json:"mfa"`
	Settling duration `json:"settling"`
}

type regionsBody struct {
	Regions []string `json:"regions"`
}

type clockBody struct {
	Offset duration  `json:"offset"`
	At     time.Time `json:"at"`
}

type faultBody struct {
	Action          string   `json:"action"`
	Times           int      `json:"times"`
	Skip            int      `json:"skip"`
	Delay           duration `json:"delay"`
	Stall           bool     `json:"stall"`
	CloseConnection bool     `json:"close_connection"`
	Code            string   `json:"code"`
	Message         string   `json:"message"`
	Status          int      `json:"status"`
	Body            string   `json:"body"`
	ContentType     string   `json:"content_type"`
	RetryAfter      duration `json:"retry_after"`
	After           bool     `json:"after"`
}

func (b faultBody) fault() Fault {
	return Fault{
		Action: b.Action, Times: b.Times, Skip: b.Skip,
		Delay: time.Duration(b.Delay), Stall: b.Stall, CloseConnection: b.CloseConnection,
		Code: b.Code, Message: b.Message, Status: b.Status,
		Body: b.Body, ContentType: b.ContentType, RetryAfter: time.Duration(b.RetryAfter), After: b.After,
	}
}

func (s *Server) setClock(b clockBody) error {
	switch {
	case b.At.IsZero():
		s.SetClock(func() time.Time { return time.Now().Add(time.Duration(b.Offset)) })
	case b.Offset != 0:
		return errors.New("clock: both at and offset")
	default:
		s.SetClock(func() time.Time { return b.At })
	}
	return nil
}

// duration is a time.Duration that JSON has as "90s".
type duration time.Duration

// UnmarshalText reads the form of time.ParseDuration.
func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = duration(v)
	return err
}

func post[T any](mux *http.ServeMux, name string, apply func(T) error) {
	mux.HandleFunc("POST "+controlPath+name, func(w http.ResponseWriter, r *http.Request) {
		var body T
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		d.DisallowUnknownFields()
		err := d.Decode(&body)
		if err == nil {
			err = apply(body)
		}
		writeJSON(w, struct{}{}, err)
	})
}

func get(mux *http.ServeMux, name string, answer func(*http.Request) (any, error)) {
	mux.HandleFunc("GET "+controlPath+name, func(w http.ResponseWriter, r *http.Request) {
		v, err := answer(r)
		writeJSON(w, v, err)
	})
}

func writeJSON(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		v = map[string]string{"error": err.Error()}
	}
	json.NewEncoder(w).Encode(v)
}
