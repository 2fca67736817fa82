package fakeaws

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Kind is what sort of principal a credential stands for.
type Kind string

// The kinds of credentials.
const (
	User          Kind = "user"           // a long-term key of an IAM user
	Root          Kind = "root"           // a long-term key of an account's root
	SessionToken  Kind = "session-token"  // of GetSessionToken
	AssumedRole   Kind = "assumed-role"   // of AssumeRole and AssumeRoleWithWebIdentity
	FederatedUser Kind = "federated-user" // of GetFederationToken
)

// Identity is what a credential stands for.
type Identity struct {
	Kind    Kind   `json:"kind"`
	ARN     string `json:"arn"`     // as GetCallerIdentity has it; a session-token's is its user's
	UserID  string `json:"user_id"` // as GetCallerIdentity has it
	Account string `json:"account"`

	// The rest is zero for long-term keys.
	Expires        time.Time         `json:"expires,omitzero"`   // whole seconds, UTC
	Parent         string            `json:"parent,omitempty"`   // access key id of the credential that asked for this one
	RoleARN        string            `json:"role_arn,omitempty"` // of an assumed role
	MFA            bool              `json:"mfa"`                // an MFA code was given for this session
	Policy         string            `json:"policy,omitempty"`   // the session policy, as given
	PolicyARNs     []string          `json:"policy_arns,omitempty"`
	Tags           map[string]string `json:"tags,omitempty"`            // inherited transitive ones too
	TransitiveTags []string          `json:"transitive_tags,omitempty"` // keys, in the tags' letter case
	SourceIdentity string            `json:"source_identity,omitempty"`
}

// credential is an access key and what the server must know to honour it.
type credential struct {
	Identity
	accessKeyID, secret, token string
	access                     accessKey
}

// Identity returns what the credential of an access key id stands for, and
// false if the server has not been given or issued it. Expired ones stay known.
func (s *Server) Identity(accessKeyID string) (Identity, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.keys[accessKeyID]
	c.PolicyARNs = slices.Clone(c.PolicyARNs)
	c.Tags = maps.Clone(c.Tags)
	c.TransitiveTags = slices.Clone(c.TransitiveTags)
	return c.Identity, ok
}

// AddUser gives an IAM user, or with arn:aws:iam::123456789012:root the root of
// an account, a long-term key. A key of the same id is replaced. It panics if
// arn is neither or if the id or the secret is empty.
func (s *Server) AddUser(arn, accessKeyID, secret string) {
	if err := s.addUser(arn, accessKeyID, secret); err != nil {
		panic("fakeaws: " + err.Error())
	}
}

func (s *Server) addUser(arn, accessKeyID, secret string) error {
	a, ok := parseARN(arn)
	if !ok || a.kind != "user" && a.kind != "root" {
		return fmt.Errorf("user %q: not the ARN of a user or a root", arn)
	}
	if accessKeyID == "" || secret == "" {
		return fmt.Errorf("user %q: access key id or secret is empty", arn)
	}
	id := Identity{Kind: User, ARN: arn, UserID: uniqueID("AIDA", arn), Account: a.account}
	if a.kind == "root" {
		id.Kind, id.UserID = Root, a.account
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[accessKeyID] = credential{Identity: id, accessKeyID: accessKeyID, secret: secret, access: accessKey{created: s.clock().UTC().Truncate(time.Second)}}
	return nil
}

// issue makes, remembers and returns a temporary credential for id.
func (s *Server) issue(c *call, id Identity, lifetime time.Duration) credential {
	id.Parent = c.caller.accessKeyID
	id.Expires = c.now.Truncate(time.Second).Add(lifetime)
	k := credential{
		Identity:    id,
		accessKeyID: "ASIA" + base32.StdEncoding.EncodeToString(random(10)),
		secret:      base64.StdEncoding.EncodeToString(random(30)),
		// The prefix is the one that AWS's own have; the length is theirs too.
		token: "IQoJb3JpZ2luX2Vj" + base64.StdEncoding.EncodeToString(random(600)),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[k.accessKeyID] = k
	return k
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// uniqueID is the same for the same ARN, in the form of IAM's unique ids.
func uniqueID(prefix, arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// iamARN is an ARN of IAM, apart.
type iamARN struct {
	partition, account, kind string
	name                     string // with its path; empty for root
}

var iamARNForm = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::([0-9]{12}):(?:(root)|(user|role|mfa)/([\w+=,.@/-]*[\w+=,.@-]))$`)

func parseARN(arn string) (iamARN, bool) {
	m := iamARNForm.FindStringSubmatch(arn)
	if m == nil {
		return iamARN{}, false
	}
	return iamARN{partition: m[1], account: m[2], kind: m[3] + m[4], name: m[5]}, true
}

// sts returns the ARN of a session in the same account.
func (a iamARN) sts(format string, args ...any) string {
	return fmt.Sprintf("arn:%s:sts::%s:", a.partition, a.account) + fmt.Sprintf(format, args...)
}

// base returns the name without its path.
func (a iamARN) base() string { return a.name[strings.LastIndexByte(a.name, '/')+1:] }
