package connector

import (
	"encoding/json"
	"slices"
	"strings"
)

// policyLimit is what AWS allows of inline policy and policy ARNs together, in characters.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const policyLimit = 2048

type statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]map[string]string `json:",omitempty"`
}

// SessionPolicy returns the inline session policy that is sent, as compact
// JSON: the written one, or the one that scope asks for; empty for none.
func (c Connector) SessionPolicy() string {
	s := c.statements()
	if len(s) == 0 {
		return c.Policy
	}
	text, err := json.Marshal(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", s})
	if err != nil {
		return "" // strings alone cannot fail to encode
	}
	return string(text)
}

// statements are those of the policy that scope asks for: they allow the
// resource and the registries that the connector claims. None without such a policy.
func (c Connector) statements() []statement {
	if c.Policy != "" || c.Scope == ScopeNone || c.Scope == "" {
		return nil
	}
	var s []statement
	switch c.ResourceType {
	case S3Bucket:
		s = c.s3Statements()
	case KubernetesCluster:
		s = []statement{
			allow("ListEKSClusters", []string{"eks:ListClusters"}, "*"),
			allow("AllowEKSClusterAccess", []string{"eks:DescribeCluster"}, c.arn("eks", "cluster/"+star(c.ResourceID))),
		}
	case DockerRegistry:
	default:
		return nil
	}
	repositories, public := c.repositories()
	if len(repositories) > 0 {
		s = append(s, c.ecrStatements(repositories)...)
	}
	if public {
		s = append(s, c.ecrPublicStatements()...)
	}
	return s
}

// s3Statements allow a bucket, its objects, and the KMS keys that S3 uses for them.
func (c Connector) s3Statements() []statement {
	p, _ := partitionOf(c.Region)
	bucket := "arn:" + p.name + ":s3:::" + star(strings.TrimPrefix(c.ResourceID, "s3://"))
	list := []string{"s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketLocation", "s3:GetBucketVersioning"}
	object := []string{"s3:GetObject", "s3:GetObjectVersion"}
	keys := []string{"kms:Decrypt"}
	if c.Scope == ScopeResource {
		list = append(list, "s3:ListBucketMultipartUploads")
		object = append(object, "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
		keys = append(keys, "kms:GenerateDataKey")
	}
	kms := allow("AllowKMSThroughS3", keys, "*")
	kms.Condition = map[string]map[string]string{"StringLike": {"kms:ViaService": "s3.*." + p.suffix}}
	return []statement{
		allow("ListS3Buckets", []string{"s3:ListAllMyBuckets"}, "*"),
		allow("AllowS3BucketAccess", list, bucket),
		allow("AllowS3ObjectAccess", object, bucket+"/*"),
		kms,
	}
}

// repositories returns ARNs of the repositories in all registries that the
// connector is for or claims, and whether ECR Public is one of these.
func (c Connector) repositories() (arns []string, public bool) {
	add := func(region, account string) {
		arns = append(arns, "arn:"+c.Partition()+":ecr:"+region+":"+account+":repository/*")
	}
	named := c.Registries
	if c.ResourceType == DockerRegistry {
		if c.ResourceID == "" {
			add(c.Region, "*")
		} else {
			named = append([]string{c.ResourceID}, named...)
		}
	}
	for _, s := range named {
		r, isHost := ParseRegistry(s)
		switch {
		case s == "*":
			add("*", "*")
			public = public || c.Partition() == publicPartition
		case r.Public:
			public = true
		case isHost:
			add(r.Region, r.Account)
		case isAccountID(s):
			add("*", s)
		}
	}
	return distinct(arns), public
}

// distinct leaves out what another pattern of the list covers: they count
// towards the policy's limit.
func distinct(patterns []string) []string {
	var all []string
	for i, p := range patterns {
		if !slices.ContainsFunc(patterns[:i], func(o string) bool { return matches(o, p) }) &&
			!slices.ContainsFunc(patterns[i+1:], func(o string) bool { return o != p && matches(o, p) }) {
			all = append(all, p)
		}
	}
	return all
}

func (c Connector) ecrStatements(repositories []string) []statement {
	actions := []string{"ecr:DescribeRepositories", "ecr:ListImages", "ecr:DescribeImages", "ecr:BatchGetImage", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer"}
	if c.Scope == ScopeResource {
		actions = append(actions, "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage")
	}
	return []statement{
		allow("AllowECRRepositoryAccess", actions, repositories...),
		allow("AllowECRRepositoryGetToken", []string{"ecr:GetAuthorizationToken", "ecr:DescribeRegistry"}, "*"),
	}
}

func (c Connector) ecrPublicStatements() []statement {
	actions := []string{"ecr-public:DescribeRepositories", "ecr-public:DescribeImages", "ecr-public:BatchCheckLayerAvailability"}
	if c.Scope == ScopeResource {
		actions = append(actions, "ecr-public:InitiateLayerUpload", "ecr-public:UploadLayerPart", "ecr-public:CompleteLayerUpload", "ecr-public:PutImage")
	}
	return []statement{
		allow("AllowECRPublicAccess", actions, "*"),
		allow("AllowECRPublicGetToken", []string{"ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"}, "*"),
	}
}

// arn names a resource of the role's account, of any account where none is known.
func (c Connector) arn(service, resource string) string {
	return "arn:" + c.Partition() + ":" + service + ":" + c.Region + ":" + star(c.AccountID()) + ":" + resource
}

func allow(sid string, actions []string, resources ...string) statement {
	return statement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources}
}

// matches reports whether a pattern, in which * stands for anything, matches all
// that another one does.
func matches(pattern, s string) bool {
	first, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return pattern == s
	}
	s, ok := strings.CutPrefix(s, first)
	if !ok {
		return false
	}
	for {
		part, more, starred := strings.Cut(rest, "*")
		if !starred {
			return strings.HasSuffix(s, part)
		}
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s, rest = s[i+len(part):], more
	}
}

func star(s string) string {
	if s == "" {
		return "*"
	}
	return s
}
