package connector

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
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
	minting  = []Method{Implicit, IAMRole, SessionToken, FederationToken, WebIdentity}
	expiring = []Method{Implicit, STSToken, IAMRole, SessionToken, FederationToken, WebIdentity, Process}
	keyed    = []Method{SecretKey, STSToken, IAMRole, SessionToken, FederationToken}
	policed  = []Method{Implicit, IAMRole, FederationToken, WebIdentity}
	roled    = []Method{Implicit, IAMRole, WebIdentity}
	assuming = []Method{Implicit, IAMRole}
	coded    = []Method{Implicit, IAMRole, SessionToken}
)

// fields are the keys of a connector in connectors.toml. The table is built when it
// is first asked for: a cached answer needs none of it.
var fields = sync.OnceValue(func() map[string]field {
	return map[string]field{
		"auth_method":                 {set: set(text, func(c *Connector, s string) { c.Method = Method(s) })},
		"region":                      {set: set(region, func(c *Connector, s string) { c.Region = s })},
		"endpoint_url":                {set: set(endpoint, func(c *Connector, s string) { c.EndpointURL = s })},
		"endpoint_urls":               {set: set(endpoints, func(c *Connector, m map[string]string) { c.EndpointURLs = m })},
		"key":                         {methods: keyed, set: set(name, func(c *Connector, s string) { c.Key = s })},
		"role_arn":                    {methods: roled, set: set(roleARN, func(c *Connector, s string) { c.RoleARN = s })},
		"policy":                      {methods: policed, role: true, set: set(policy, func(c *Connector, s string) { c.Policy = s })},
		"policy_arns":                 {methods: policed, role: true, set: set(policyARNs, func(c *Connector, l []string) { c.PolicyARNs = l })},
		"profile_name":                {methods: []Method{Implicit}, set: set(text, func(c *Connector, s string) { c.Profile = s })},
		"allow_implicit_auth_methods": {methods: []Method{Implicit}, set: set(boolean, func(c *Connector, b bool) { c.AllowImplicit = b })},
		"resource_type":               {set: set(text, func(c *Connector, s string) { c.ResourceType = ResourceType(s) })},
		"resource_id":                 {set: set(text, func(c *Connector, s string) { c.ResourceID = s })},
		"scope":                       {methods: policed, role: true, set: set(text, func(c *Connector, s string) { c.Scope = Scope(s) })},
		"expires_at":                  {methods: []Method{STSToken}, set: set(instant, func(c *Connector, t time.Time) { c.ExpiresAt = t })},
		"expiration_seconds":          {methods: minting, role: true, set: set(positive, func(c *Connector, d time.Duration) { c.Duration = d })},
		"expires_skew_tolerance":      {methods: expiring, set: set(seconds, func(c *Connector, d time.Duration) { c.SkewTolerance = &d })},
		"role_session_name":           {methods: roled, role: true, set: set(sessionName, func(c *Connector, s string) { c.RoleSessionName = s })},
		"external_id":                 {methods: assuming, role: true, set: set(external, func(c *Connector, s string) { c.ExternalID = s })},
		"source_identity":             {methods: assuming, role: true, set: set(matching(isSessionName, "2 to 64 of letters, digits and _+=,.@-"), func(c *Connector, s string) { c.SourceIdentity = s })},
		"tags":                        {methods: assuming, role: true, set: set(tags, func(c *Connector, m map[string]string) { c.Tags = m })},
		"transitive_tag_keys":         {methods: assuming, role: true, set: set(texts, func(c *Connector, l []string) { c.TransitiveTagKeys = l })},
		"mfa_serial":                  {methods: coded, role: true, set: set(matching(isMFASerial, "the ARN or serial number of an MFA device"), func(c *Connector, s string) { c.MFASerial = s })},
		"mfa_process":                 {methods: coded, role: true, set: set(argv, func(c *Connector, l []string) { c.MFAProcess = l })},
		"mfa":                         {methods: coded, role: true, set: set(text, func(c *Connector, s string) { c.MFA = MFA(s) })},
		"mfa_session_seconds":         {methods: coded, role: true, set: set(positive, func(c *Connector, d time.Duration) { c.MFASession = d })},
		"source":                      {methods: []Method{IAMRole}, set: set(name, func(c *Connector, s string) { c.Source = s })},
		"web_identity_token_file":     {methods: []Method{WebIdentity}, set: set(tokenFile, func(c *Connector, s string) { c.WebIdentityTokenFile = s })},
		"web_identity_token_process":  {methods: []Method{WebIdentity}, set: set(argv, func(c *Connector, l []string) { c.WebIdentityTokenProcess = l })},
		"credential_process":          {methods: []Method{Process}, set: set(argv, func(c *Connector, l []string) { c.CredentialProcess = l })},
		"registries":                  {set: set(registries, func(c *Connector, l []string) { c.Registries = l })},
	}
})

// fieldOf returns the field called key.
func fieldOf(key string) (f field, ok bool) {
	f, ok = fields()[key]
	return f, ok
}

func isField(name string) bool {
	_, ok := fieldOf(name)
	return ok
}

// fieldNames returns the names of all fields, sorted.
func fieldNames() []string { return slices.Sorted(maps.Keys(fields())) }

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
	if slices.Contains(topKeys, name) {
		return field{}, problem, "put it at the top of the file, before any table"
	}
	if advice := ofAWS(name); advice != "" {
		return field{}, problem, advice
	}
	if near := meant(name, fieldNames()); near != "" {
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
