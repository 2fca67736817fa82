package connector

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

var (
	resourceTypes = []string{string(Generic), string(S3Bucket), string(KubernetesCluster), string(DockerRegistry)}
	scopes        = []string{string(ScopeResource), string(ScopeReadOnly), string(ScopeNone)}
)

// Narrowing is what a session is narrowed to when it is asked for. The zero value is nothing.
type Narrowing struct {
	// Type is empty for the connector's own.
	Type ResourceType `json:"type,omitempty"`
	// ID is in any form that resource_id takes; empty for the connector's own, or any of the type.
	ID string `json:"id,omitempty"`
	// Scope is empty for the connector's own, or for [ScopeResource] where that is none.
	Scope Scope `json:"scope,omitempty"`
}

// String returns TYPE[/NAME][+SCOPE], in which the usual scope is left out and
// NAME is the id without its scheme. It has letters, digits and . _ - / + alone
// where the id is in canonical form.
func (n Narrowing) String() string {
	s := string(n.Type)
	if n.ID != "" {
		s += "/" + strings.TrimPrefix(n.ID, "s3://")
	}
	if n.Scope != "" && n.Scope != ScopeResource {
		s += "+" + strings.TrimPrefix(string(n.Scope), "resource-")
	}
	return s
}

// NarrowingError means that a connector's session cannot be narrowed as asked.
type NarrowingError struct {
	Connector string
	Problem   string
	// Advice says what to do instead.
	Advice string
}

// Error returns "connector "NAME": PROBLEM". No value that was given is in it: a
// secret may have been given in its place.
func (e *NarrowingError) Error() string {
	return fmt.Sprintf("connector %q: %s", e.Connector, e.Problem)
}

// Hint returns Advice.
func (e *NarrowingError) Hint() string { return e.Advice }

// Narrow returns the connector as it is for one call that is narrowed to n: with
// the session policy for that resource, and without registries. Of a connector
// that has a resource of its own it is a part of what that allows, never more.
// Its error is a [*NarrowingError].
func (c Connector) Narrow(n Narrowing) (Connector, error) {
	narrow := c
	narrow.Registries, narrow.Narrowed = nil, true
	if p := narrow.narrowTo(n); p.text != "" {
		return Connector{}, &NarrowingError{c.Name, p.text, p.advice}
	}
	if p := c.within(narrow); p.text != "" {
		return Connector{}, &NarrowingError{c.Name, p.text, p.advice}
	}
	return narrow, nil
}

// Narrowing returns what the connector is narrowed to; zero unless Narrow did it.
func (c Connector) Narrowing() Narrowing {
	if !c.Narrowed {
		return Narrowing{}
	}
	return Narrowing{c.ResourceType, c.ResourceID, c.Scope}
}

func (c *Connector) narrowTo(n Narrowing) problem {
	if !c.scopable() {
		return problem{fmt.Sprintf("its sessions cannot be narrowed: auth_method %s takes no session policy", c.methodInWords()), "use a connector with a role, or a federation-token"}
	}
	if n.Type == "" {
		n.Type = c.ResourceType
	}
	if p := oneOf("resource type", string(n.Type), resourceTypes); p.text != "" {
		return problem{"there is no such resource type", p.advice}
	}
	if n.Type == Generic {
		return problem{"no resource type to narrow its session to", "say which, with --resource-type: s3-bucket, kubernetes-cluster or docker-registry"}
	}
	if p := oneOf("scope", string(n.Scope), scopes); n.Scope != "" && p.text != "" {
		return problem{"there is no such scope", p.advice}
	}
	switch {
	case n.ID != "":
		id, err := c.canonicalID(n.Type, n.ID)
		if err != nil {
			return problem{"the resource id " + err.Error(), "name it as resource_id does in connectors.toml"}
		}
		c.ResourceID = id
	case n.Type != c.ResourceType:
		c.ResourceID = ""
	}
	c.ResourceType = n.Type
	switch {
	case n.Scope != "":
		c.Scope = n.Scope
	case c.Scope == ScopeNone:
		c.Scope = ScopeResource
	}
	return problem{}
}

// canonicalID is [CanonicalID] for c, which refuses the cluster of an account that
// its role is not of: only the name would be left of it, and that be another one.
func (c Connector) canonicalID(t ResourceType, id string) (string, error) {
	canonical, err := CanonicalID(t, c.Region, id)
	if parts := strings.Split(id, ":"); err == nil && t == KubernetesCluster && len(parts) > 4 && c.AccountID() != "" && parts[4] != c.AccountID() {
		err = fmt.Errorf("is in account %s, the connector's role in %s", parts[4], c.AccountID())
	}
	return canonical, err
}

// within refuses what would allow more than c does.
func (c Connector) within(narrow Connector) problem {
	own := string(c.ResourceType)
	if c.ResourceID != "" {
		own += " " + c.ResourceID
	}
	for _, r := range c.Registries {
		own += ", registry " + r
	}
	widening := func(what string) problem {
		return problem{what + ", and a session can be narrowed but not widened", "name a resource within, or use another connector"}
	}
	switch {
	case c.Scope == ScopeNone && narrow.Scope != ScopeNone && (c.Policy != "" || len(c.PolicyARNs) > 0):
		return problem{"it has a written policy, which a policy for the resource would replace", "use a connector without policy and policy_arns"}
	case c.Scope != ScopeNone && narrow.Scope == ScopeNone:
		return widening("its sessions have a policy for " + own)
	case c.Scope == ScopeReadOnly && narrow.Scope == ScopeResource:
		return widening("its sessions can only read")
	case c.Scope == ScopeNone && c.ResourceType != Generic && (narrow.ResourceType != c.ResourceType || c.ResourceID != "" && narrow.ResourceID != c.ResourceID):
		return widening("its sessions are for " + own)
	case c.Scope != ScopeNone && !covers(c.statements(), narrow.statements()):
		return widening("its sessions are for " + own)
	}
	return problem{}
}

// covers reports whether a policy of these statements allows whatever one of others does.
func covers(these, others []statement) bool {
	for _, o := range others {
		for _, action := range o.Action {
			for _, resource := range o.Resource {
				if !slices.ContainsFunc(these, func(s statement) bool {
					return slices.Contains(s.Action, action) && (s.Condition == nil || reflect.DeepEqual(s.Condition, o.Condition)) &&
						slices.ContainsFunc(s.Resource, func(p string) bool { return matches(p, resource) })
				}) {
					return false
				}
			}
		}
	}
	return true
}

// AsWritten returns f without what [File.Narrowed] changed. A connector that
// another one starts from is looked up there: it is that one's session that was to
// be narrowed.
func (f File) AsWritten() File {
	f.narrowed = nil
	return f
}

// Narrowed returns f with the connectors named as [Connector.Narrow] makes them.
// Names and claims stay as they are. Its error is that of [File.Lookup] or of
// Narrow.
func (f File) Narrowed(n Narrowing, names ...string) (File, error) {
	narrowed := maps.Clone(f.narrowed)
	if narrowed == nil {
		narrowed = map[string]Connector{}
	}
	for _, name := range names {
		c, err := f.Lookup(name)
		if err == nil {
			c, err = c.Narrow(n)
		}
		if err != nil {
			return f, err
		}
		narrowed[name] = c
	}
	f.narrowed = narrowed
	return f, nil
}
