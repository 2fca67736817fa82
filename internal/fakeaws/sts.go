package fakeaws

import (
	"encoding/xml"
	"net/http"
	"time"
)

const (
	stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/"
	stsVersion   = "2011-06-15"
)

// stsResponse is the envelope of every answer of the Query protocol.
type stsResponse struct {
	XMLName  xml.Name
	Result   element
	Metadata metadata `xml:"ResponseMetadata"`
}

type metadata struct {
	RequestID string `xml:"RequestId"`
}

// element is a value under a name that is known only at run time.
type element struct {
	name  string
	value any
}

// MarshalXML writes the value as an element of that name.
func (l element) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	return e.EncodeElement(l.value, xml.StartElement{Name: xml.Name{Local: l.name}})
}

type stsError struct {
	XMLName   xml.Name
	Error     errorBody
	RequestID string `xml:"RequestId"`
}

type errorBody struct{ Type, Code, Message string }

type callerIdentityResult struct {
	ARN     string `xml:"Arn"`
	UserID  string `xml:"UserId"`
	Account string
}

// sessionResult is the result of every action that makes a session.
type sessionResult struct {
	Credentials      credentialsBody
	SourceIdentity   string       `xml:",omitempty"`
	AssumedRoleUser  *assumedRole `xml:",omitempty"`
	FederatedUser    *federated   `xml:",omitempty"`
	PackedPolicySize *int         `xml:",omitempty"`

	// Of AssumeRoleWithWebIdentity.
	Subject  string `xml:"SubjectFromWebIdentityToken,omitempty"`
	Provider string `xml:",omitempty"`
}

type credentialsBody struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

type assumedRole struct {
	ARN string `xml:"Arn"`
	ID  string `xml:"AssumedRoleId"`
}

type federated struct {
	ARN string `xml:"Arn"`
	ID  string `xml:"FederatedUserId"`
}

func (s *Server) sts(c *call) (any, *refusal) {
	if c.action == "" {
		return nil, refuse(http.StatusBadRequest, "MissingAction", "The request must contain the parameter Action")
	}
	if version := c.params.Get("Version"); version == stsVersion {
		switch c.action {
		case "AssumeRole":
			return s.assumeRole(c)
		case "GetSessionToken":
			return s.getSessionToken(c)
		case "GetFederationToken":
			return s.getFederationToken(c)
		case "GetCallerIdentity":
			return callerIdentityResult{c.caller.ARN, c.caller.UserID, c.caller.Account}, nil
		}
	}
	return nil, refuse(http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", c.action, c.params.Get("Version"))
}

// body returns the credential as the actions that make one show it.
func (k credential) body() credentialsBody {
	return credentialsBody{k.accessKeyID, k.secret, k.token, k.Expires.Format(time.RFC3339)}
}

func accessDenied(format string, args ...any) *refusal {
	return refuse(http.StatusForbidden, "AccessDenied", format, args...)
}

func notAuthorized(caller Identity, action, resource string) *refusal {
	return accessDenied("User: %s is not authorized to perform: sts:%s on resource: %s", caller.ARN, action, resource)
}
