package fakeaws

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	iamNamespace = "https://iam.amazonaws.com/doc/2010-05-08/"
	iamVersion   = "2010-05-08"
	// maxAccessKeys is how many a user may have, active or not.
	maxAccessKeys = 2
)

// iamRegion is the one in whose name calls of IAM are signed in a principal's partition.
func iamRegion(arn string) string {
	partition, _, _ := strings.Cut(strings.TrimPrefix(arn, "arn:"), ":")
	switch partition {
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	}
	return "us-east-1"
}

func (s *Server) iam(c *call) (any, *refusal) {
	if refused := s.iamAllows(c); refused != nil {
		return nil, refused
	}
	switch c.action {
	case "ListAccessKeys":
		return s.listAccessKeys(c)
	case "CreateAccessKey":
		return s.createAccessKey(c)
	case "UpdateAccessKey":
		return s.updateAccessKey(c)
	case "DeleteAccessKey":
		return s.deleteAccessKey(c)
	case "GetAccessKeyLastUsed":
		return s.accessKeyLastUsed(c)
	}
	return nil, refuse(http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", c.action, iamVersion)
}

// iamAllows refuses callers that IAM does not serve. Sessions of GetSessionToken may
// call it with MFA alone:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
func (s *Server) iamAllows(c *call) *refusal {
	s.mu.Lock()
	secured := s.secured[c.caller.ARN]
	s.mu.Unlock()
	switch {
	case c.caller.Kind == SessionToken && !c.caller.MFA, c.caller.Kind == FederatedUser:
		return refuse(http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid")
	case c.caller.Kind == AssumedRole:
		return refuse(http.StatusBadRequest, "ValidationError", "Must specify userName when calling with non-User credentials")
	case secured && !c.caller.MFA:
		return accessDenied("User: %s is not authorized to perform: iam:%s on resource: user %s with an explicit deny in an identity-based policy", c.caller.ARN, c.action, c.user())
	}
	return nil
}

// user is the caller's name, as IAM has it in answers; empty for the root user.
func (c *call) user() string {
	a, _ := parseARN(c.caller.ARN)
	return a.base()
}

type listedKey struct {
	UserName    string
	AccessKeyID string `xml:"AccessKeyId"`
	Status      string
	CreateDate  string
}

type listResult struct {
	IsTruncated bool
	Keys        []listedKey `xml:"AccessKeyMetadata>member"`
}

func (k credential) listed(user string) listedKey {
	status := "Active"
	if k.access.inactive {
		status = "Inactive"
	}
	return listedKey{user, k.accessKeyID, status, k.access.created.Format(time.RFC3339)}
}

func (s *Server) listAccessKeys(c *call) (any, *refusal) {
	var r listResult
	for _, k := range s.accessKeys(c.caller.ARN) {
		r.Keys = append(r.Keys, k.listed(c.user()))
	}
	return r, nil
}

type createdKey struct {
	listedKey
	SecretAccessKey string
}

type createResult struct{ AccessKey createdKey }

func (s *Server) createAccessKey(c *call) (any, *refusal) {
	id := c.caller.Identity
	if id.Kind == SessionToken {
		id = Identity{Kind: User, ARN: id.ARN, UserID: id.UserID, Account: id.Account}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.keysOf(id.ARN)) >= maxAccessKeys {
		return nil, refuse(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: %d", maxAccessKeys)
	}
	k := credential{
		Identity:    id,
		accessKeyID: "AKIA" + base32.StdEncoding.EncodeToString(random(10)),
		secret:      "CANARY" + base64.StdEncoding.EncodeToString(random(24)),
		access:      accessKey{created: c.now.Truncate(time.Second), known: c.now.Add(s.settling)},
	}
	if s.settling == 0 {
		k.access.known = time.Time{}
	}
	s.keys[k.accessKeyID] = k
	return createResult{createdKey{k.listed(c.user()), k.secret}}, nil
}

// own returns the caller's key that the request names.
func (s *Server) own(c *call) (credential, *refusal) {
	id := c.params.Get("AccessKeyId")
	i := slices.IndexFunc(s.accessKeys(c.caller.ARN), func(k credential) bool { return k.accessKeyID == id })
	if i < 0 {
		return credential{}, refuse(http.StatusNotFound, "NoSuchEntity", "The Access Key with id %s cannot be found.", id)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[id], nil
}

func (s *Server) updateAccessKey(c *call) (any, *refusal) {
	k, refused := s.own(c)
	if refused != nil {
		return nil, refused
	}
	status := c.params.Get("Status")
	if status != "Active" && status != "Inactive" {
		return nil, refuse(http.StatusBadRequest, "ValidationError", "1 validation error detected: Value '%s' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]", status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k.access.inactive = status == "Inactive"
	s.keys[k.accessKeyID] = k
	return nil, nil
}

func (s *Server) deleteAccessKey(c *call) (any, *refusal) {
	k, refused := s.own(c)
	if refused != nil {
		return nil, refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, k.accessKeyID)
	return nil, nil
}

type lastUsed struct {
	LastUsedDate        string `xml:",omitempty"`
	ServiceName, Region string
}

type lastUsedResult struct {
	UserName string
	LastUsed lastUsed `xml:"AccessKeyLastUsed"`
}

func (s *Server) accessKeyLastUsed(c *call) (any, *refusal) {
	k, refused := s.own(c)
	if refused != nil {
		return nil, refused
	}
	used := lastUsed{ServiceName: "N/A", Region: "N/A"}
	if !k.access.used.IsZero() {
		used = lastUsed{k.access.used.Format(time.RFC3339), k.access.service, k.access.region}
	}
	return lastUsedResult{c.user(), used}, nil
}

// iamAnswer wraps a result, nil for none, as IAM does.
func iamAnswer(c *call, result any) any {
	name := xml.Name{Space: iamNamespace, Local: c.action + "Response"}
	if result == nil {
		return struct {
			XMLName  xml.Name
			Metadata metadata `xml:"ResponseMetadata"`
		}{name, metadata{c.id}}
	}
	return stsResponse{XMLName: name, Result: element{c.action + "Result", result}, Metadata: metadata{c.id}}
}

func (c *call) namespace() string {
	if c.service == "iam" {
		return iamNamespace
	}
	return stsNamespace
}
