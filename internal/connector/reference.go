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
	{Name: "auth_method", Type: "string", Default: "required", Meaning: "how to get credentials: implicit, secret-key, sts-token, iam-role, session-token, federation-token, web-identity, process"},
	{Name: "region", Type: "string", Default: "required", Meaning: "AWS region"},
	{Name: "key", Type: "string", Default: "the connector's name", Meaning: "name of the key in the keystore"},
	{Name: "role_arn", Type: "string", Default: "required with iam-role and web-identity", Meaning: "role to assume"},
	{Name: "source", Type: "string", Meaning: "connector whose session assumes the role, instead of a key; a chain can have up to 5 connectors"},
	{Name: "web_identity_token_file", Type: "string", Default: "required with web-identity, unless web_identity_token_process is set", Meaning: "file with the identity provider's token; it is read for each new session"},
	{Name: "web_identity_token_process", Type: "list of strings", Meaning: "program and arguments that print the token instead, run without a shell"},
	{Name: "credential_process", Type: "list of strings", Default: "required with process", Meaning: "program and arguments that print credentials, as in ~/.aws/config, run without a shell"},
	{Name: "profile_name", Type: "string", Default: "$AWS_PROFILE", Meaning: "profile of ~/.aws/config to start from"},
	{Name: "allow_implicit_auth_methods", Type: "boolean", Default: "false", Meaning: "must be true to use the method, since it uses whatever credentials the environment has"},
	{Name: "policy", Type: "string", Meaning: "inline session policy, in JSON"},
	{Name: "policy_arns", Type: "list of strings", Meaning: "ARNs of managed session policies, up to 10"},
	{Name: "resource_type", Type: "string", Default: "aws-generic", Meaning: "what the connector is for: aws-generic, s3-bucket, kubernetes-cluster, docker-registry"},
	{Name: "resource_id", Type: "string", Meaning: "the one resource that it is for: name, URI or ARN"},
	{Name: "scope", Type: "string", Default: "resource, if there is a resource_type and no policy; else none", Meaning: "session policy that limits sessions to the resource: resource, resource-read-only, none"},
	{Name: "registries", Type: "list of strings", Meaning: "registries that the Docker helper logs in to with it: hosts, account ids, public.ecr.aws, *"},
	{Name: "expiration_seconds", Type: "integer", Default: "3600 for a role, else 43200", Meaning: "lifetime to ask for: 900 to 43200 for a role (to 3600 if assumed from another role), else up to 129600"},
	{Name: "expires_skew_tolerance", Type: "integer", Default: "1020, or half of a short lifetime; for sts-token 300", Meaning: "how many seconds before it expires a session is no longer used"},
	{Name: "expires_at", Type: "time", Default: "the Expiration stored with the key", Meaning: "when the stored credentials expire, with a time zone: 2006-01-02T15:04:05Z"},
	{Name: "role_session_name", Type: "string", Default: "aws-connector-NAME", Meaning: "name of the session in CloudTrail; {user}, {host}, {connector} and {pid} are replaced"},
	{Name: "external_id", Type: "string", Meaning: "external id that the role's trust policy requires"},
	{Name: "source_identity", Type: "string", Meaning: "source identity of the session and of those made from it"},
	{Name: "tags", Type: "table of strings", Meaning: "session tags, up to 50"},
	{Name: "transitive_tag_keys", Type: "list of strings", Meaning: "keys of tags that chained sessions keep"},
	{Name: "mfa_serial", Type: "string", Meaning: "ARN or serial number of the MFA device"},
	{Name: "mfa_process", Type: "list of strings", Meaning: "program and arguments that print the MFA code, run without a shell"},
	{Name: "mfa", Type: "string", Default: "session", Meaning: "session: one MFA session for all connectors with the same key and device; role: one code for each role session"},
	{Name: "mfa_session_seconds", Type: "integer", Default: "43200", Meaning: "lifetime of the MFA session, 900 to 129600"},
	{Name: "endpoint_url", Type: "string", Default: "AWS's own", Meaning: "endpoint URL for every AWS service"},
	{Name: "endpoint_urls", Type: "table of strings", Meaning: "endpoint URLs by service: sts, ecr, ecr-public, eks, s3, iam; they win over endpoint_url"},
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
