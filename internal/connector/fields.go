package connector

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
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
	coded    = []Method{Implicit, IAMRole, SessionToken}
)

// fields are the keys of a connector in connectors.toml.
var fields = map[string]field{
	"auth_method":                 {set: set(text, func(c *Connector, s string) { c.Method = Method(s) })},
	"region":                      {set: set(region, func(c *Connector, s string) { c.Region = s })},
	"endpoint_url":                {set: set(endpoint, func(c *Connector, s string) { c.EndpointURL = s })},
	"endpoint_urls":               {set: set(endpoints, func(c *Connector, m map[string]string) { c.EndpointURLs = m })},
	"key":                         {methods: keyed, set: set(name, func(c *Connector, s string) { c.Key = s })},
	"role_arn":                    {methods: assuming, set: set(roleARN, func(c *Connector, s string) { c.RoleARN = s })},
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
	"role_session_name":           {methods: assuming, role: true, set: set(matching(isSessionName, "2 to 64 of letters, digits and _+=,.@-"), func(c *Connector, s string) { c.RoleSessionName = s })},
	"external_id":                 {methods: assuming, role: true, set: set(external, func(c *Connector, s string) { c.ExternalID = s })},
	"source_identity":             {methods: assuming, role: true, set: set(matching(isSessionName, "2 to 64 of letters, digits and _+=,.@-"), func(c *Connector, s string) { c.SourceIdentity = s })},
	"tags":                        {methods: assuming, role: true, set: set(tags, func(c *Connector, m map[string]string) { c.Tags = m })},
	"transitive_tag_keys":         {methods: assuming, role: true, set: set(texts, func(c *Connector, l []string) { c.TransitiveTagKeys = l })},
	"mfa_serial":                  {methods: coded, role: true, set: set(matching(isMFASerial, "the ARN or serial number of an MFA device"), func(c *Connector, s string) { c.MFASerial = s })},
	"mfa_process":                 {methods: coded, role: true, set: set(arguments, func(c *Connector, l []string) { c.MFAProcess = l })},
	"mfa":                         {methods: coded, role: true, set: set(text, func(c *Connector, s string) { c.MFA = MFA(s) })},
	"mfa_session_seconds":         {methods: coded, role: true, set: set(positive, func(c *Connector, d time.Duration) { c.MFASession = d })},
	"source":                      {methods: []Method{IAMRole}, set: set(name, func(c *Connector, s string) { c.Source = s })},
	"registries":                  {set: set(registries, func(c *Connector, l []string) { c.Registries = l })},
}

// secretKeys are the names under which other tools' files hold secrets.
var secretKeys = map[string]bool{
	"aws_access_key_id": true, "aws_secret_access_key": true, "aws_session_token": true, "aws_security_token": true,
	"access_key_id": true, "secret_access_key": true, "access_key": true, "secret_key": true, "session_token": true,
	"secret": true, "password": true, "passphrase": true, "token": true,
	"accesskeyid": true, "secretaccesskey": true, "sessiontoken": true,
}

// isSecret reports whether a key names a secret, or is one.
func isSecret(key string) bool {
	return secretKeys[strings.ToLower(key)] || holdsAccessKeyID(key)
}

// fieldFor returns the field called key; key is the keystore's name of the key in the advice.
func fieldFor(name, key string) (f field, problem, advice string) {
	if isSecret(name) {
		return field{}, "a secret does not belong in this file", "remove it and store it with `aws-connector key add " + key + "`"
	}
	f, ok := fields[name]
	if ok {
		return f, "", ""
	}
	problem = fmt.Sprintf("unknown key %q", name)
	if name == "audit" || name == "keystore" {
		return field{}, problem, "put it at the top of the file, before any table"
	}
	if near := Nearest(strings.ToLower(name), slices.Sorted(maps.Keys(fields))); near != "" {
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

func text(v any) (string, error) {
	s, ok := v.(string)
	switch {
	case !ok:
		return "", errors.New("must be a string")
	case s == "":
		return "", errors.New("is empty")
	case strings.ContainsFunc(s, unicode.IsControl):
		return "", errors.New("has control characters")
	case holdsAccessKeyID(s):
		return "", errSecret
	}
	return s, nil
}

var errSecret = errors.New("holds an access key, which does not belong in this file")

func boolean(v any) (bool, error) {
	b, ok := v.(bool)
	if !ok {
		return false, errors.New("must be true or false")
	}
	return b, nil
}

func seconds(v any) (time.Duration, error) {
	const most = 10 * 365 * 24 * 3600
	n, ok := v.(int64)
	if !ok || n < 0 || n > most {
		return 0, errors.New("must be a whole number of seconds, 0 or more")
	}
	return time.Duration(n) * time.Second, nil
}

func positive(v any) (time.Duration, error) {
	d, err := seconds(v)
	if err != nil || d == 0 {
		return 0, errors.New("must be a whole number of seconds, 900 or more")
	}
	return d, nil
}

func name(v any) (string, error) {
	s, err := text(v)
	if err == nil && !ValidName(s) {
		// It is not shown: a secret may have been pasted in its place.
		err = errors.New("is not a name: at most 64 letters, digits, dots, dashes and underscores, the first a letter or digit")
	}
	return s, err
}

func region(v any) (string, error) {
	s, err := text(v)
	if err == nil && !ValidRegion(s) {
		err = fmt.Errorf("%q is not an AWS region", s)
	}
	return s, err
}

func matching(is func(string) bool, what string) func(any) (string, error) {
	return func(v any) (string, error) {
		s, err := text(v)
		if err == nil && !is(s) {
			err = errors.New("must be " + what)
		}
		return s, err
	}
}

func external(v any) (string, error) {
	s, err := text(v)
	if err == nil && !isExternalID(s) {
		err = errors.New("must be 2 to 1224 of letters, digits and _+=,.@:/-")
	}
	return s, err
}

func endpoint(v any) (string, error) {
	s, err := text(v)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return "", errors.New("must be a URL: https://HOST[:PORT]")
	case u.User != nil:
		return "", errors.New("must be a URL without user and password")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "", errors.New("must be a URL without query and fragment")
	}
	return s, nil
}

func endpoints(v any) (map[string]string, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("must be a table of URLs by service")
	}
	services := []string{"sts", "ecr", "ecr-public", "eks", "s3"}
	urls := map[string]string{}
	for _, service := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(services, service) {
			return nil, fmt.Errorf("has unknown service %q; there are %s", service, strings.Join(services, ", "))
		}
		u, err := endpoint(m[service])
		if err != nil {
			return nil, fmt.Errorf("%s %w", service, err)
		}
		urls[service] = u
	}
	return urls, nil
}

func texts(v any) ([]string, error) {
	l, ok := v.([]any)
	if !ok {
		return nil, errors.New("must be a list of strings")
	}
	var all []string
	for i, e := range l {
		s, err := text(e)
		if err != nil {
			return nil, fmt.Errorf("element %d %w", i+1, err)
		}
		if slices.Contains(all, s) {
			return nil, fmt.Errorf("has %q twice", s)
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil, errors.New("is empty")
	}
	return all, nil
}

func registries(v any) ([]string, error) {
	l, err := texts(v)
	for _, s := range l {
		if err := validClaim(s); err != nil {
			return nil, fmt.Errorf("element %w", err)
		}
	}
	return l, err
}

func instant(v any) (time.Time, error) {
	wrong := errors.New("must be a time with its zone, such as 2006-01-02T15:04:05Z")
	switch v := v.(type) {
	case time.Time:
		if strings.HasSuffix(v.Location().String(), "-local") {
			return time.Time{}, wrong
		}
		return v.UTC(), nil
	case string:
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return time.Time{}, wrong
		}
		return t.UTC(), nil
	}
	return time.Time{}, wrong
}
