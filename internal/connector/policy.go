package connector

import (
	"encoding/json"
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
	if c.Policy != "" || c.Scope == ScopeNone || c.Scope == "" {
		return c.Policy
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
		s = c.ecrStatements()
	default:
		return ""
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

func (c Connector) ecrStatements() []statement {
	if c.ResourceID == PublicRegistry {
		return c.ecrPublicStatements()
	}
	account := "*"
	if c.ResourceID != "" {
		account, _, _ = strings.Cut(c.ResourceID, ".")
	}
	p, _ := partitionOf(c.Region)
	repositories := "arn:" + p.name + ":ecr:" + c.Region + ":" + account + ":repository/*"
	actions := []string{"ecr:DescribeRepositories", "ecr:ListImages", "ecr:DescribeImages", "ecr:BatchGetImage", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer"}
	if c.Scope == ScopeResource {
		actions = append(actions, "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage")
	}
	return []statement{
		allow("AllowECRRepositoryAccess", actions, repositories),
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

func allow(sid string, actions []string, resource string) statement {
	return statement{Sid: sid, Effect: "Allow", Action: actions, Resource: []string{resource}}
}

func star(s string) string {
	if s == "" {
		return "*"
	}
	return s
}
