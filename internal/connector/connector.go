// Package connector reads connectors.toml: named ways of getting AWS credentials.
//
// Loading is strict. An unknown key, a field that its method does not use, a
// value out of range or a secret is an error that says where it is and what to
// do instead. One broken connector does not stop the others.
package connector

import (
	"slices"
	"time"
)

// Method is a way of getting credentials, auth_method in the file.
type Method string

// The methods.
const (
	Implicit        Method = "implicit"         // whatever the AWS SDK's default chain finds
	SecretKey       Method = "secret-key"       // the stored long-term key itself
	STSToken        Method = "sts-token"        // stored temporary credentials
	IAMRole         Method = "iam-role"         // STS AssumeRole
	SessionToken    Method = "session-token"    // STS GetSessionToken
	FederationToken Method = "federation-token" // STS GetFederationToken
	WebIdentity     Method = "web-identity"     // STS AssumeRoleWithWebIdentity
	Process         Method = "process"          // what another program prints
)

// ResourceType is what kind of resource a connector is for, resource_type in the file.
type ResourceType string

// The resource types.
const (
	Generic           ResourceType = "aws-generic"
	S3Bucket          ResourceType = "s3-bucket"
	KubernetesCluster ResourceType = "kubernetes-cluster"
	DockerRegistry    ResourceType = "docker-registry"
)

// Scope is which session policy is generated from the resource, scope in the file.
type Scope string

// The scopes.
const (
	ScopeNone     Scope = "none"
	ScopeResource Scope = "resource"
	ScopeReadOnly Scope = "resource-read-only"
)

// Connector is a connector as resolved: valid, with [defaults] filled in.
type Connector struct {
	Name   string
	Method Method
	Region string
	// EndpointURL replaces the endpoint of every AWS service, EndpointURLs that
	// of sts, ecr, ecr-public, eks, s3 or iam.
	EndpointURL  string
	EndpointURLs map[string]string
	// Key names the long-term key in the keystore; empty where there is none.
	Key string
	// KeyProcess is the program, with its arguments, that keeps the key called Key
	// and prints it; nil where the keystore has it.
	KeyProcess []string
	RoleARN    string
	// Policy is the written inline session policy, as compact JSON.
	Policy     string
	PolicyARNs []string
	// Scope is never empty.
	Scope         Scope
	Profile       string
	AllowImplicit bool
	// ResourceType is never empty. ResourceID is in canonical form, empty where none is given.
	ResourceType ResourceType
	ResourceID   string
	// ExpiresAt is when stored temporary credentials die; zero if not said.
	ExpiresAt time.Time
	// Duration is the lifetime to ask for, in whole seconds; zero where nothing is minted.
	Duration time.Duration
	// SkewTolerance is how long before its expiry a session is no longer handed out; nil means automatic.
	SkewTolerance                               *time.Duration
	RoleSessionName, ExternalID, SourceIdentity string
	Tags                                        map[string]string
	TransitiveTagKeys                           []string
	// MFASerial is the MFA device of the key's user, empty for none. The fields
	// after it are zero where there is no device, and MFA is never empty where there is one.
	MFASerial  string
	MFAProcess []string // prints the code: a program and its arguments
	MFA        MFA
	// MFASession is the lifetime of the MFA session to ask for.
	MFASession time.Duration
	// Source names the connector whose session assumes the role. Chained means that
	// this is known to be a role's too, so that Duration is [LongestChained] at most.
	Source  string
	Chained bool
	// WebIdentityTokenFile is where the token of web-identity lies, an absolute path
	// or one that begins with ~/; WebIdentityTokenProcess prints it instead.
	WebIdentityTokenFile    string
	WebIdentityTokenProcess []string
	// CredentialProcess is the program, with its arguments, of process.
	CredentialProcess []string
	// Registries are registry hosts, account ids or "*".
	Registries []string
	// Narrowed means that [Connector.Narrow] made it.
	Narrowed bool
}

// AccountID returns the account of the role, empty where there is no role.
func (c Connector) AccountID() string {
	account, _ := iamARN(c.RoleARN, "role", 64)
	return account
}

// Partition returns the AWS partition of the region, such as aws-cn.
func (c Connector) Partition() string {
	p, _ := partitionOf(c.Region)
	return p.name
}

// roleBased reports whether the connector assumes a role.
func (c Connector) roleBased() bool {
	return c.Method == IAMRole || c.Method == WebIdentity || c.Method == Implicit && c.RoleARN != ""
}

// scopable reports whether the connector's session can be narrowed by a policy.
func (c Connector) scopable() bool { return c.roleBased() || c.Method == FederationToken }

func (c Connector) methodInWords() string {
	if c.Method == Implicit {
		return string(Implicit) + " without a role"
	}
	return string(c.Method)
}

// ValidName reports whether s can name a connector or a key: 1 to 64 letters,
// digits, dots, dashes and underscores, the first a letter or digit.
func ValidName(s string) bool { return consists(s, 1, 64, "._-") && alphanumeric(s[0]) }

// ValidRegion reports whether s has the shape of a region of a known partition.
func ValidRegion(s string) bool {
	_, ok := partitionOf(s)
	return ok
}

// partition is a part of AWS with ARNs and DNS names of its own.
// https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json
type partition struct {
	name string
	// regions are what its regions begin with; a place and a number follow.
	regions []string
	suffix  string // of service endpoints
	// dualStack is the suffix of ECR's dual-stack hosts, empty where there are none.
	dualStack string
	fips      bool   // ECR has FIPS hosts
	api       string // suffix of dual-stack service endpoints
}

var partitions = []partition{
	{"aws", []string{"us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"}, "amazonaws.com", "on.aws", true, "api.aws"},
	{"aws-cn", []string{"cn-"}, "amazonaws.com.cn", "on.amazonwebservices.com.cn", false, "api.amazonwebservices.com.cn"},
	{"aws-us-gov", []string{"us-gov-"}, "amazonaws.com", "on.aws", true, "api.aws"},
	{"aws-eusc", []string{"eusc-de-"}, "amazonaws.eu", "", false, "api.amazonwebservices.eu"},
	{"aws-iso", []string{"us-iso-"}, "c2s.ic.gov", "", false, "api.aws.ic.gov"},
	{"aws-iso-b", []string{"us-isob-"}, "sc2s.sgov.gov", "", false, "api.aws.scloud"},
	{"aws-iso-e", []string{"eu-isoe-"}, "cloud.adc-e.uk", "", false, "api.cloud-aws.adc-e.uk"},
	{"aws-iso-f", []string{"us-isof-"}, "csp.hci.ic.gov", "", false, "api.aws.hci.ic.gov"},
}

// DNSSuffixes returns how the hosts of AWS's services in region end, and those
// of most services' dual-stack endpoints; both are empty for an unknown region.
func DNSSuffixes(region string) (suffix, dualStack string) {
	p, _ := partitionOf(region)
	return p.suffix, p.api
}

func partitionOf(region string) (partition, bool) {
	for _, p := range partitions {
		if slices.ContainsFunc(p.regions, func(prefix string) bool { return isRegionOf(prefix, region) }) {
			return p, true
		}
	}
	return partition{}, false
}
