package connector

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

var methods = []string{string(Implicit), string(SecretKey), string(STSToken), string(IAMRole), string(SessionToken), string(FederationToken), string(WebIdentity), string(Process)}

const (
	shortest     = 900 * time.Second
	longestRole  = 43200 * time.Second
	longestToken = 129600 * time.Second
	usualRole    = 3600 * time.Second
	usualToken   = 43200 * time.Second
)

// resolve makes a connector of its own table and the defaults. With a problem
// it returns the key that has it, empty for the connector as a whole.
func resolve(name string, own, defaults map[string]any) (Connector, string, problem) {
	c := Connector{Name: name, Key: name, Scope: "", ResourceType: Generic}
	key := name
	if s, ok := own["key"].(string); ok && ValidName(s) && !holdsAccessKeyID(s) {
		key = s
	}
	// A misspelt auth_method and a secret are told before anything else.
	for _, k := range slices.Sorted(maps.Keys(own)) {
		if _, text, advice := fieldFor(k, key); text != "" {
			return c, k, problem{text, advice}
		}
	}
	if p := c.setMethod(own, defaults); p.text != "" {
		return c, "auth_method", p
	}
	for _, k := range slices.Sorted(maps.Keys(own)) {
		if f, _ := fieldOf(k); !f.usedBy(c.Method) {
			return c, k, unused(k, f, c.Method)
		}
		if p := c.set(k, own[k], key); p.text != "" {
			return c, k, p
		}
	}
	for _, k := range slices.Sorted(maps.Keys(defaults)) {
		f, _ := fieldOf(k)
		if _, overridden := own[k]; overridden || !f.usedBy(c.Method) {
			continue
		}
		// Role settings shared by others do not make an implicit connector wrong.
		if f.role && c.Method == Implicit && own["role_arn"] == nil && defaults["role_arn"] == nil {
			continue
		}
		if (k == "policy" || k == "policy_arns") && own["scope"] != nil && own["scope"] != string(ScopeNone) {
			continue
		}
		if k == "scope" && (own["policy"] != nil || own["policy_arns"] != nil) {
			continue
		}
		if (k == "key" || strings.HasPrefix(k, "mfa")) && own["source"] != nil {
			continue
		}
		if strings.HasPrefix(k, "web_identity_token_") && (own["web_identity_token_file"] != nil || own["web_identity_token_process"] != nil) {
			continue
		}
		if p := c.set(k, defaults[k], key); p.text != "" {
			return c, k, p
		}
	}
	if !slices.Contains(keyed, c.Method) || c.Source != "" {
		c.Key = ""
	}
	k, p := c.check(own)
	return c, k, p
}

func (c *Connector) setMethod(own, defaults map[string]any) problem {
	v, ok := own["auth_method"]
	if !ok {
		v, ok = defaults["auth_method"]
	}
	if !ok {
		return problem{"auth_method is missing", "one of " + strings.Join(methods, ", ")}
	}
	if p := c.set("auth_method", v, c.Name); p.text != "" {
		return p
	}
	return oneOf("auth_method", string(c.Method), methods)
}

func (c *Connector) set(key string, v any, keyName string) problem {
	f, _ := fieldOf(key)
	err := f.set(c, v)
	switch {
	case errors.Is(err, errSecret):
		return problem{key + " " + err.Error(), "remove it and store it with `aws-connector key add " + keyName + "`"}
	case err != nil:
		return problem{key + " " + err.Error(), adviceFor(key, v)}
	}
	return problem{}
}

func oneOf(key, value string, known []string) problem {
	if slices.Contains(known, value) {
		return problem{}
	}
	p := problem{fmt.Sprintf("%s: unknown value %q", key, value), "one of " + strings.Join(known, ", ")}
	if near := meant(value, known); near != "" {
		p.advice = fmt.Sprintf("did you mean %q?", near)
	}
	return p
}

func unused(key string, f field, m Method) problem {
	var users []string
	for _, u := range f.methods {
		users = append(users, string(u))
	}
	return problem{fmt.Sprintf("auth_method %s does not use %s", m, key), "remove it, or use one of " + strings.Join(users, ", ")}
}

// check looks at the connector as a whole. own are the keys of its own table.
func (c *Connector) check(own map[string]any) (string, problem) {
	if c.Region == "" {
		return "", problem{"region is missing", `add region = "…" to the connector or to [defaults]`}
	}
	if (c.Method == IAMRole || c.Method == WebIdentity) && c.RoleARN == "" {
		return "", problem{"role_arn is missing", fmt.Sprintf("auth_method %s needs the ARN of the role to assume", c.Method)}
	}
	if c.Method == Implicit && c.RoleARN == "" {
		for _, k := range slices.Sorted(maps.Keys(own)) {
			if f, _ := fieldOf(k); f.role {
				return k, problem{k + " has no effect without role_arn", "add role_arn, or remove " + k}
			}
		}
	}
	if c.Source != "" && own["key"] != nil {
		return "key", problem{"key and source exclude each other", "remove one: a session starts from a key or from another connector"}
	}
	if k, p := c.checkMFA(own); p.text != "" { // which may say how long a session lives
		return k, p
	}
	for _, f := range []func() (string, problem){c.checkRole, c.checkDuration, c.checkResource, c.checkScope, c.checkTags, c.checkToken, c.checkRegistries} {
		if k, p := f(); p.text != "" {
			return k, p
		}
	}
	return "", problem{}
}

func (c *Connector) checkRole() (string, problem) {
	foreign := func(arn string) bool { return arn != "" && !strings.HasPrefix(arn, "arn:"+c.Partition()+":") }
	if foreign(c.RoleARN) {
		return "role_arn", problem{fmt.Sprintf("role_arn is of another partition than region %q", c.Region), "its ARN begins with arn:" + c.Partition() + ":"}
	}
	if slices.ContainsFunc(c.PolicyARNs, foreign) {
		return "policy_arns", problem{fmt.Sprintf("policy_arns has an ARN of another partition than region %q", c.Region), "they begin with arn:" + c.Partition() + ":"}
	}
	return "", problem{}
}

func (c *Connector) checkDuration() (string, problem) {
	longest, usual := longestRole, usualRole
	switch {
	case c.Method == SessionToken || c.Method == FederationToken:
		longest, usual = longestToken, usualToken
	case !c.roleBased():
		return "", problem{}
	}
	if c.Duration == 0 {
		c.Duration = usual
	}
	if c.Duration < shortest || c.Duration > longest {
		return "expiration_seconds", problem{text: fmt.Sprintf("expiration_seconds must be %d to %d", int(shortest.Seconds()), int(longest.Seconds()))}
	}
	return c.checkTolerance()
}

func (c *Connector) checkTolerance() (string, problem) {
	if c.SkewTolerance != nil && *c.SkewTolerance >= c.Duration {
		return "expires_skew_tolerance", problem{fmt.Sprintf("expires_skew_tolerance must be less than the lifetime, %d s", int(c.Duration.Seconds())), "no session would ever be used twice: lower it"}
	}
	return "", problem{}
}

func (c *Connector) checkResource() (string, problem) {
	if p := oneOf("resource_type", string(c.ResourceType), resourceTypes); p.text != "" {
		return "resource_type", p
	}
	if c.ResourceID == "" {
		return "", problem{}
	}
	id, err := CanonicalID(c.ResourceType, c.Region, c.ResourceID)
	if err != nil && c.ResourceType == Generic && !ValidRegion(c.ResourceID) {
		return "resource_id", c.withoutType()
	}
	if err != nil {
		return "resource_id", problem{text: fmt.Sprintf("resource_id %q %v", c.ResourceID, err)}
	}
	c.ResourceID = id
	return "", problem{}
}

func (c *Connector) checkScope() (string, problem) {
	written := c.Policy != "" || len(c.PolicyARNs) > 0
	if c.Scope != "" {
		if p := oneOf("scope", string(c.Scope), scopes); p.text != "" {
			return "scope", p
		}
		if c.Scope != ScopeNone && written {
			return "scope", problem{fmt.Sprintf("scope %q and a policy exclude each other", c.Scope), "remove policy and policy_arns, or set scope = \"none\""}
		}
		if c.Scope != ScopeNone && c.ResourceType == Generic {
			return "scope", problem{fmt.Sprintf("scope %q needs a resource to be limited to", c.Scope), "set resource_type to s3-bucket, kubernetes-cluster or docker-registry"}
		}
	} else {
		c.Scope = ScopeNone
		if c.scopable() && !written && c.ResourceType != Generic {
			c.Scope = ScopeResource
		}
	}
	if c.Method == FederationToken && c.Scope == ScopeNone && !written {
		return "", problem{"a federation-token without a policy can do nothing", "add policy, policy_arns, or a resource_type with scope"}
	}
	size := utf8.RuneCountInString(c.SessionPolicy())
	for _, arn := range c.PolicyARNs {
		size += len(arn)
	}
	if size > policyLimit && c.Scope != ScopeNone {
		return "registries", problem{fmt.Sprintf("the session policy for the resource and the registries has %d characters, AWS takes %d", size, policyLimit), `name account ids or "*" instead of hosts, or set scope = "none"`}
	}
	if size > policyLimit {
		return "policy", problem{fmt.Sprintf("policy and policy_arns have %d characters together, AWS takes %d", size, policyLimit), "shorten the policy, or move it into a managed policy"}
	}
	return "", problem{}
}

func (c *Connector) checkTags() (string, problem) {
	for _, k := range c.TransitiveTagKeys {
		if _, ok := c.Tags[k]; !ok {
			return "transitive_tag_keys", problem{fmt.Sprintf("transitive_tag_keys has %q, which is not the key of a tag", k), "add the tag, or remove the key"}
		}
	}
	return "", problem{}
}
