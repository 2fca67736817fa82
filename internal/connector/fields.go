package connector

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// problem is what is wrong with a value; the zero value means nothing is.
type problem struct{ text, advice string }

// field is a key of a connector.
type field struct {
	// methods that use it; nil means all.
	methods []Method
	// role: with implicit it is used only if a role is assumed.
	role bool
	set  func(c *Connector, v any) error
}

var (
	minting  = []Method{Implicit, IAMRole, SessionToken, FederationToken}
	expiring = []Method{Implicit, STSToken, IAMRole, SessionToken, FederationToken}
	keyed    = []Method{SecretKey, STSToken, IAMRole, SessionToken, FederationToken}
	policed  = []Method{Implicit, IAMRole, FederationToken}
	assuming = []Method{Implicit, IAMRole}
)

// fieldOf returns the field called key. It is no table: that one would be built
// whenever the program starts.
func fieldOf(key string) (f field, ok bool) {
	switch key {
	case "auth_method":
		f = field{set: set(text, func(c *Connector, s string) { c.Method = Method(s) })}
	case "region":
		f = field{set: set(region, func(c *Connector, s string) { c.Region = s })}
	case "endpoint_url":
		f = field{set: set(endpoint, func(c *Connector, s string) { c.EndpointURL = s })}
	case "endpoint_urls":
		f = field{set: set(endpoints, func(c *Connector, m map[string]string) { c.EndpointURLs = m })}
	case "key":
		f = field{methods: keyed, set: set(name, func(c *Connector, s string) { c.Key = s })}
	case "role_arn":
		f = field{methods: assuming, set: set(roleARN, func(c *Connector, s string) { c.RoleARN = s })}
	case "policy":
		f = field{methods: policed, role: true, set: set(policy, func(c *Connector, s string) { c.Policy = s })}
	case "policy_arns":
		f = field{methods: policed, role: true, set: set(policyARNs, func(c *Connector, l []string) { c.PolicyARNs = l })}
	case "profile_name":
		f = field{methods: []Method{Implicit}, set: set(text, func(c *Connector, s string) { c.Profile = s })}
	case "allow_implicit_auth_methods":
		f = field{methods: []Method{Implicit}, set: set(boolean, func(c *Connector, b bool) { c.AllowImplicit = b })}
	case "resource_type":
		f = field{set: set(text, func(c *Connector, s string) { c.ResourceType = ResourceType(s) })}
	case "resource_id":
		f = field{set: set(text, func(c *Connector, s string) { c.ResourceID = s })}
	case "scope":
		f = field{methods: policed, role: true, set: set(text, func(c *Connector, s string) { c.Scope = Scope(s) })}
	case "expires_at":
		f = field{methods: []Method{STSToken}, set: set(instant, func(c *Connector, t time.Time) { c.ExpiresAt = t })}
	case "expiration_seconds":
		f = field{methods: minting, role: true, set: set(positive, func(c *Connector, d time.Duration) { c.Duration = d })}
	case "expires_skew_tolerance":
		f = field{methods: expiring, set: set(seconds, func(c *Connector, d time.Duration) { c.SkewTolerance = &d })}
	case "role_session_name":
		f = field{methods: assuming, role: true, set: set(matching(isSessionName, "2 to 64 of letters, digits and _+=,.@-"), func(c *Connector, s string) { c.RoleSessionName = s })}
	case "external_id":
		f = field{methods: assuming, role: true, set: set(external, func(c *Connector, s string) { c.ExternalID = s })}
	case "source_identity":
		f = field{methods: assuming, role: true, set: set(matching(isSessionName, "2 to 64 of letters, digits and _+=,.@-"), func(c *Connector, s string) { c.SourceIdentity = s })}
	case "tags":
		f = field{methods: assuming, role: true, set: set(tags, func(c *Connector, m map[string]string) { c.Tags = m })}
	case "transitive_tag_keys":
		f = field{methods: assuming, role: true, set: set(texts, func(c *Connector, l []string) { c.TransitiveTagKeys = l })}
	case "mfa_serial":
		f = field{methods: []Method{IAMRole, SessionToken}, set: set(matching(isMFASerial, "the ARN or serial number of an MFA device"), func(c *Connector, s string) { c.MFASerial = s })}
	case "mfa_process":
		f = field{methods: []Method{IAMRole, SessionToken}, set: set(text, func(c *Connector, s string) { c.MFAProcess = s })}
	case "source":
		f = field{methods: []Method{IAMRole}, set: set(name, func(c *Connector, s string) { c.Source = s })}
	case "registries":
		f = field{set: set(registries, func(c *Connector, l []string) { c.Registries = l })}
	}
	return f, f.set != nil
}

func isField(name string) bool {
	_, ok := fieldOf(name)
	return ok
}

// fieldNames returns the names of all fields, sorted.
func fieldNames() []string {
	var all []string
	for _, r := range reference {
		all = append(all, r.Name)
	}
	slices.Sort(all)
	return all
}

// isSecret reports whether a key is a name under which other tools' files hold a
// secret, or is one.
func isSecret(key string) bool {
	switch strings.ToLower(key) {
	case "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token",
		"access_key_id", "secret_access_key", "access_key", "secret_key", "session_token",
		"secret", "password", "passphrase", "token",
		"accesskeyid", "secretaccesskey", "sessiontoken":
		return true
	}
	return holdsAccessKeyID(key)
}

// fieldFor returns the field called key; key is the keystore's name of the key in the advice.
func fieldFor(name, key string) (f field, problem, advice string) {
	if isSecret(name) {
		return field{}, "a secret does not belong in this file", "remove it and store it with `aws-connector key add " + key + "`"
	}
	f, ok := fieldOf(name)
	if ok {
		return f, "", ""
	}
	problem = fmt.Sprintf("unknown key %q", name)
	if name == "audit" || name == "keystore" {
		return field{}, problem, "put it at the top of the file, before any table"
	}
	if near := Nearest(strings.ToLower(name), fieldNames()); near != "" {
		return field{}, problem, fmt.Sprintf("did you mean %q?", near)
	}
	return field{}, problem, "`aws-connector help toml` lists the keys of a connector"
}

func (f field) usedBy(m Method) bool { return f.methods == nil || slices.Contains(f.methods, m) }

// set makes a field's setter of a reader of its type and an assignment.
func set[T any](read func(any) (T, error), assign func(*Connector, T)) func(*Connector, any) error {
	return func(c *Connector, v any) error {
		t, err := read(v)
		if err == nil {
			assign(c, t)
		}
		return err
	}
}
