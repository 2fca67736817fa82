package fakeaws

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// permission is what a request needs to be allowed.
type permission struct{ action, resource string }

// permissions returns what the request needs of a session policy.
func (c *call) permissions() []permission {
	p := partitionOf(c.region()).name
	action := c.service + ":" + c.action
	switch action {
	case "s3:ListBuckets":
		return []permission{{"s3:ListAllMyBuckets", "*"}}
	case "s3:HeadBucket", "s3:ListObjectsV2":
		return []permission{{"s3:ListBucket", "arn:" + p + ":s3:::" + c.bucket()}}
	case "s3:HeadObject":
		return []permission{{"s3:GetObject", "arn:" + p + ":s3:::" + c.bucket() + "/" + c.key()}}
	case "s3:GetObject", "s3:PutObject", "s3:DeleteObject":
		return []permission{{action, "arn:" + p + ":s3:::" + c.bucket() + "/" + c.key()}}
	case "eks:DescribeCluster":
		return []permission{{action, Cluster{Account: c.caller.Account, Region: c.region(), Name: strings.TrimPrefix(c.r.URL.Path, "/clusters/")}.arn()}}
	case "ecr:DescribeRepositories":
		var in struct{ RegistryID string }
		_ = json.Unmarshal(c.body, &in) // what is no input is refused later
		if in.RegistryID == "" {
			in.RegistryID = c.caller.Account
		}
		return []permission{{action, fmt.Sprintf("arn:%s:ecr:%s:%s:repository/*", p, c.region(), in.RegistryID)}}
	case "iam:CreateAccessKey", "iam:ListAccessKeys", "iam:UpdateAccessKey", "iam:DeleteAccessKey":
		return []permission{{action, c.caller.ARN}}
	case "ecr-public:GetAuthorizationToken":
		return []permission{{action, "*"}, {"sts:GetServiceBearerToken", "*"}}
	}
	return []permission{{action, "*"}}
}

// policed refuses what the session policy of the caller does not allow. What
// managed policies allow is not known here, so that a session that has some is
// allowed everything; STS is left to itself.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
func (c *call) policed() *refusal {
	if c.service == "sts" || c.caller.Policy == "" || len(c.caller.PolicyARNs) > 0 {
		return nil
	}
	for _, p := range c.permissions() {
		if !allows(c.caller.Policy, p) {
			return accessDenied("User: %s is not authorized to perform: %s on resource: %s because no session policy allows the %s action", c.caller.ARN, p.action, p.resource, p.action)
		}
	}
	return nil
}

// policyStatement is as much of a statement as is evaluated. One with a condition
// or with anything else allows nothing.
type policyStatement struct {
	Sid, Effect      string
	Action, Resource oneOrMore
	Condition        json.RawMessage
}

// oneOrMore is a string or a list of them.
type oneOrMore []string

// UnmarshalJSON reads either.
func (l *oneOrMore) UnmarshalJSON(text []byte) error {
	var s string
	if json.Unmarshal(text, &s) == nil {
		*l = oneOrMore{s}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(l))
}

func allows(policy string, p permission) bool {
	var document struct{ Statement []policyStatement }
	if json.Unmarshal([]byte(policy), &document) != nil {
		return false
	}
	allowed := false
	for _, s := range document.Statement {
		hit := s.Condition == nil && s.Action.match(p.action) && s.Resource.match(p.resource)
		if hit && s.Effect == "Deny" {
			return false
		}
		allowed = allowed || hit && s.Effect == "Allow"
	}
	return allowed
}

func (l oneOrMore) match(s string) bool {
	return slices.ContainsFunc(l, func(pattern string) bool {
		form := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		return regexp.MustCompile(`^(?s:` + form + `)$`).MatchString(s)
	})
}
