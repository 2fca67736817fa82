package connector

import (
	"errors"
	"strings"
)

// Field tells a person about a key of a connector in connectors.toml.
type Field struct {
	Name string
	// Type is what TOML takes: string, boolean, integer, time, list of strings,
	// table of strings.
	Type string
	// Methods are those that use it, joined with commas, or "all".
	Methods string
	// Default is what holds where the key is absent, or "required"; it may be empty.
	Default string
	// Meaning is a phrase without a period.
	Meaning string
}

// reference has each field, in the order in which a person reads them.
var reference = []Field{
	{Name: "auth_method", Type: "string", Default: "required", Meaning: "how credentials are had: implicit, secret-key, sts-token, iam-role, session-token, federation-token, web-identity, process"},
	{Name: "region", Type: "string", Default: "required", Meaning: "AWS region of the calls"},
	{Name: "key", Type: "string", Default: "the connector's name", Meaning: "name of the key in the keystore"},
	{Name: "role_arn", Type: "string", Default: "required with iam-role and web-identity", Meaning: "role to assume"},
	{Name: "source", Type: "string", Meaning: "connector whose session assumes the role, instead of a key; up to 5 connectors start from one another"},
	{Name: "web_identity_token_file", Type: "string", Default: "required with web-identity, unless the next is there", Meaning: "file with the identity provider's token, read for each new session"},
	{Name: "web_identity_token_process", Type: "list of strings", Meaning: "program and arguments that print the token instead; no shell"},
	{Name: "credential_process", Type: "list of strings", Default: "required with process", Meaning: "program and arguments that print credentials, as in ~/.aws/config; no shell"},
	{Name: "profile_name", Type: "string", Default: "as AWS_PROFILE says", Meaning: "profile of ~/.aws/config to start from"},
	{Name: "allow_implicit_auth_methods", Type: "boolean", Default: "false", Meaning: "consent to hand out what the environment has; the method is refused without"},
	{Name: "policy", Type: "string", Meaning: "inline session policy, JSON"},
	{Name: "policy_arns", Type: "list of strings", Meaning: "ARNs of managed session policies, 10 at most"},
	{Name: "resource_type", Type: "string", Default: "aws-generic", Meaning: "what it is for: aws-generic, s3-bucket, kubernetes-cluster, docker-registry"},
	{Name: "resource_id", Type: "string", Meaning: "the one resource it is for: name, URI or ARN"},
	{Name: "scope", Type: "string", Default: "resource with a resource_type and no policy, else none", Meaning: "session policy made from the resource: resource, resource-read-only, none"},
	{Name: "registries", Type: "list of strings", Meaning: "what the Docker helper answers for: registry hosts, account ids, public.ecr.aws, *"},
	{Name: "expiration_seconds", Type: "integer", Default: "3600 for a role, else 43200", Meaning: "lifetime to ask for, 900 to 43200 for a role, to 3600 from another role, else to 129600"},
	{Name: "expires_skew_tolerance", Type: "integer", Default: "1020, or half of a short lifetime; for sts-token 300", Meaning: "seconds before its expiry at which a session is no longer handed out"},
	{Name: "expires_at", Type: "time", Default: "what was stored with the key", Meaning: "when the stored credentials expire, with zone: 2006-01-02T15:04:05Z"},
	{Name: "role_session_name", Type: "string", Default: "aws-connector-NAME", Meaning: "name of the session, as CloudTrail shows it; {user}, {host}, {connector}, {pid} are filled in"},
	{Name: "external_id", Type: "string", Meaning: "what the role's trust policy asks for"},
	{Name: "source_identity", Type: "string", Meaning: "identity that stays with the session and those made from it"},
	{Name: "tags", Type: "table of strings", Meaning: "session tags, 50 at most"},
	{Name: "transitive_tag_keys", Type: "list of strings", Meaning: "tags that chained sessions keep"},
	{Name: "mfa_serial", Type: "string", Meaning: "ARN or serial number of the MFA device whose code is asked for"},
	{Name: "mfa_process", Type: "list of strings", Meaning: "program and its arguments, which prints the MFA code; no shell reads them"},
	{Name: "mfa", Type: "string", Default: "session", Meaning: "session: one MFA session for all connectors with the same key and device; role: a code for each role's session"},
	{Name: "mfa_session_seconds", Type: "integer", Default: "43200", Meaning: "lifetime of the MFA session, 900 to 129600"},
	{Name: "endpoint_url", Type: "string", Default: "AWS's own", Meaning: "URL of the endpoint for every AWS service"},
	{Name: "endpoint_urls", Type: "table of strings", Meaning: "URLs by service, before endpoint_url: sts, ecr, ecr-public, eks, s3, iam"},
}

// Fields returns every key that a connector can have, the important ones first.
func Fields() []Field {
	all := make([]Field, len(reference))
	for i, r := range reference {
		f, _ := fieldOf(r.Name)
		r.Methods = f.methodNames()
		all[i] = r
	}
	return all
}

func (f field) methodNames() string {
	if f.methods == nil {
		return "all"
	}
	var names []string
	for _, m := range f.methods {
		name := string(m)
		if m == Implicit && f.role {
			name += " with a role"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// CheckField returns what is wrong with v as the value of the key called name,
// in words that follow the key, such as "must be a string".
func CheckField(name string, v any) error {
	f, ok := fieldOf(name)
	if !ok {
		return errors.New("is no field of a connector")
	}
	var c Connector
	return f.set(&c, v)
}
