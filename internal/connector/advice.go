package connector

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// adviceFor says what to write instead of v, which the field called key does not
// take; empty where its error says it all.
func adviceFor(key string, v any) string {
	kind := fieldType(key)
	switch v := v.(type) {
	case string:
		return adviceForText(key, kind, v)
	case []any:
		i := slices.IndexFunc(v, func(e any) bool { _, ok := e.(string); return !ok })
		switch {
		case i >= 0 && kind == "list of strings":
			return `put each element in quotes: ["ONE", "TWO"]`
		case kind == "string":
			return "write one value without brackets: " + key + example(key)
		case key == "registries":
			for _, e := range v {
				if s, _ := e.(string); validClaim(s) != nil {
					return adviceForClaim(s)
				}
			}
		}
	case int64, float64, bool, time.Time:
		if kind == "string" {
			return "put it in quotes: " + key + example(key)
		}
	case map[string]any:
		if key == "policy" {
			return "write it as JSON in single quotes: policy = '''{…}'''"
		}
		if kind == "string" {
			return "write " + key + example(key)
		}
	}
	if kind == "list of strings" {
		if _, list := v.([]any); !list {
			return "write a list: " + key + example(key)
		}
	}
	return ""
}

func fieldType(key string) string {
	i := slices.IndexFunc(reference, func(r Field) bool { return r.Name == key })
	if i < 0 {
		return ""
	}
	return reference[i].Type
}

func adviceForText(key, kind, s string) string {
	switch kind {
	case "list of strings":
		return "put it in brackets: " + key + example(key)
	case "boolean":
		if l := strings.ToLower(s); l == "true" || l == "false" {
			return "write " + key + " = " + l + ", without quotes"
		}
		return "write true or false, without quotes"
	case "integer":
		if every(s, isDigit) {
			return "write the number without quotes"
		}
		if d, err := time.ParseDuration(s); err == nil && d > 0 {
			return fmt.Sprintf("write the seconds: %s = %d", key, int(d.Seconds()))
		}
		return "write the seconds: " + key + " = 3600"
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		if strings.ContainsAny(s, "\t\b\f\r\n\x1b") {
			return `in double quotes \t, \n and their like are control characters: write a path in single quotes, 'C:\temp\token'`
		}
		return ""
	}
	if at := oddAt(s); at >= 0 && key != "policy" && key != "tags" {
		r := []rune(s[at:])[0]
		what, instead := describeRune(r)
		if instead = strings.TrimSuffix(instead, "a key has the letters A to Z, digits, - and _; other text goes into double quotes"); instead == "" {
			return "it has " + what
		}
		return "it has " + what + ": " + instead
	}
	if strings.TrimSpace(s) != s && s != "" {
		return "remove the blank at its beginning or end"
	}
	switch key {
	case "region":
		if near := NearRegion(s); near != "" {
			return fmt.Sprintf("did you mean %q?", near)
		}
		return "a region is written as in eu-central-1"
	case "role_arn":
		return adviceForRole(s)
	}
	return ""
}

// adviceForRole knows what is taken for the ARN of a role.
func adviceForRole(s string) string {
	parts := strings.SplitN(s, ":", 6)
	switch {
	case len(parts) == 6 && parts[2] == "sts" && strings.HasPrefix(parts[5], "assumed-role/") && isAccountID(parts[4]):
		role, _, _ := strings.Cut(strings.TrimPrefix(parts[5], "assumed-role/"), "/")
		if arn := "arn:" + parts[1] + ":iam::" + parts[4] + ":role/" + role; isRole(arn) {
			return "that is a session of the role: write its ARN, " + arn + ", with the role's path if it has one"
		}
	case len(parts) == 6 && parts[2] == "iam" && strings.HasPrefix(parts[5], "user/"):
		return "that is a user, whose key is stored with `aws-connector key add NAME`; role_arn names the role to assume"
	case len(parts) == 6 && parts[2] == "iam" && strings.HasPrefix(parts[5], "instance-profile/"):
		return "that is an instance profile: write the ARN of the role in it"
	case len(parts) == 6 && parts[2] == "iam" && strings.HasPrefix(parts[5], "role/") && parts[4] != "" && !isAccountID(parts[4]):
		return "the account id in it must have 12 digits"
	}
	return ""
}

// adviceForClaim says what is wrong with an element of registries.
func adviceForClaim(s string) string {
	host := s
	if scheme, after, ok := strings.Cut(s, "://"); ok && (scheme == "https" || scheme == "http") {
		host = after
	}
	host, _, _ = strings.Cut(host, "/")
	host, _, _ = strings.Cut(host, ":")
	host = strings.ToLower(host)
	digits := strings.ReplaceAll(s, "-", "")
	switch r, suffix, cut := cutRegistry(host); {
	case oddAt(s) >= 0 || strings.TrimSpace(s) != s:
		return adviceForText("", "", s)
	case isAccountID(digits):
		return fmt.Sprintf("write the account id without dashes: %q", digits)
	case host != s && isRegistry(host):
		return fmt.Sprintf("write the host alone: %q", host)
	case cut && !ValidRegion(r.Region):
		if near := NearRegion(r.Region); near != "" {
			return fmt.Sprintf("%q is not a region: did you mean %q?", r.Region, strings.Replace(host, r.Region, near, 1))
		}
		return fmt.Sprintf("%q is no region", r.Region)
	case cut:
		p, _ := partitionOf(r.Region)
		if want := strings.TrimSuffix(host, suffix) + p.suffix; isRegistry(want) && want != host {
			return fmt.Sprintf("did you mean %q?", want)
		}
	case strings.Contains(host, ".dkr.ecr"):
		return "a registry is named ACCOUNT.dkr.ecr.REGION.amazonaws.com, with the 12 digits of the account; \"*\" alone stands for every one"
	case every(s, isDigit):
		return fmt.Sprintf("an account id has 12 digits, this one has %d", len(s))
	case strings.Contains(host, "."):
		return "AWS credentials work only for ECR registries: remove it"
	}
	return ""
}

func isRegistry(host string) bool {
	_, ok := ParseRegistry(host)
	return ok
}

// otherNames are what people call values and keys of this file: the words of AWS's
// own files and tools, and of what others call the same. All are in lower case.
func otherNames(known []string) map[string]string {
	switch {
	case slices.Contains(known, string(S3Bucket)):
		return named(`s3-bucket: s3 bucket aws-s3
kubernetes-cluster: eks cluster kubernetes k8s eks-cluster
docker-registry: ecr docker registry ecr-registry
aws-generic: aws generic`)
	case slices.Contains(known, string(IAMRole)):
		return named(`iam-role: role assume-role assumerole aws-role
secret-key: access-key static iam-user user key long-term
sts-token: token sts temporary
session-token: mfa get-session-token session
federation-token: federation
web-identity: oidc irsa web-identity-token webidentity
implicit: sso profile default environment env instance
process: credential-process command`)
	case slices.Contains(known, string(ScopeReadOnly)):
		return named(`resource-read-only: read-only readonly read ro
resource: full
none: all off`)
	case slices.Contains(known, "auth_method"):
		return named(`auth_method: method auth auth_type
role_arn: role assume_role assume_role_arn arn
profile_name: profile aws_profile
expiration_seconds: duration duration_seconds ttl session_duration
role_session_name: session_name
mfa_serial: mfa_arn mfa_device mfa_serial_number serial_number
resource_type: type
resource_id: resource resource_name id
endpoint_url: endpoint
region: aws_region default_region aws_default_region
registries: registry accounts hosts
key: key_name credential
policy_arns: policy_arn
policy: session_policy
tags: session_tags
source: source_connector
web_identity_token_file: web_identity_token token_file
expires_at: expiration expires
expires_skew_tolerance: skew_tolerance
allow_implicit_auth_methods: allow_implicit
credential_process: process command`)
	}
	return nil
}

// named reads lines of a name with the words for it.
func named(table string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(table) {
		name, words, _ := strings.Cut(line, ": ")
		for _, word := range strings.Fields(words) {
			all[word] = name
		}
	}
	return all
}

// meant returns the element of known that value probably means, empty if nothing tells.
func meant(value string, known []string) string {
	value = strings.ToLower(strings.TrimSpace(value))
	dash := "-"
	if slices.Contains(known, "auth_method") {
		dash = "_"
	}
	value = strings.NewReplacer("-", dash, "_", dash, " ", dash).Replace(value)
	if slices.Contains(known, value) {
		return value
	}
	if other := otherNames(known)[value]; other != "" {
		return other
	}
	return nearestTwisted(value, known)
}

// MeantType returns the resource type that was probably meant by s, empty if nothing tells.
func MeantType(s string) ResourceType { return ResourceType(meant(s, resourceTypes)) }

// ofAWS is what a key of the AWS SDKs' own files, or one with a resource's name, is
// here; empty for others.
func ofAWS(key string) string {
	switch {
	case key == "bucket" || key == "cluster":
		return fmt.Sprintf("write resource_type = %q and resource_id = \"…\"", otherNames(resourceTypes)[key])
	case strings.HasPrefix(key, "sso_") || key == "login_session":
		return `sign-in settings stay in ~/.aws/config: use auth_method = "implicit" with profile_name, and allow_implicit_auth_methods = true`
	case key == "source_profile":
		return `source names another connector; a profile of ~/.aws/config is auth_method = "implicit" with profile_name`
	case key == "credential_source":
		return `use auth_method = "implicit" with role_arn`
	case key == "output" || strings.HasPrefix(key, "cli_") || key == "s3" || key == "retry_mode" || key == "max_attempts" || key == "ca_bundle":
		return "that is a setting of the AWS CLI and SDKs: it stays in ~/.aws/config"
	}
	return ""
}

// withoutType is the problem of a resource_id whose resource_type was forgotten.
func (c *Connector) withoutType() problem {
	likely := ""
	for _, t := range []ResourceType{S3Bucket, KubernetesCluster, DockerRegistry} {
		_, err := CanonicalID(t, c.Region, c.ResourceID)
		part := map[ResourceType]string{S3Bucket: "s3:", KubernetesCluster: ":eks:", DockerRegistry: "ecr"}[t]
		if (err == nil || strings.HasPrefix(c.ResourceID, "arn:")) && strings.Contains(c.ResourceID, part) {
			likely = string(t)
		}
	}
	if likely != "" {
		return problem{fmt.Sprintf("resource_id %q needs a resource_type", c.ResourceID), fmt.Sprintf("add resource_type = %q", likely)}
	}
	return problem{fmt.Sprintf("resource_id %q needs a resource_type: without one it can only be the region", c.ResourceID), "add resource_type: s3-bucket, kubernetes-cluster or docker-registry"}
}

// adviceForTable is about a table at the top of the file, which has another name
// than those that are known.
func adviceForTable(name string) string {
	switch name {
	case "profile", "profiles", "connection", "connections", "credentials", "roles":
		return "a connector is a table [connectors.NAME]"
	}
	return "a connector is a table [connectors." + name + "]"
}
