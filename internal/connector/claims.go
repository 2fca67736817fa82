package connector

import (
	"fmt"
	"slices"
	"strings"
)

// CheckClaims reports a registry, account or "*" that the connector called name
// claims and another one too, as an [*Error].
func (f File) CheckClaims(name string) error {
	for _, claim := range f.claims(name) {
		for _, other := range f.index.claimants(claim) {
			if other != name {
				return f.conflict(claimText(claim), name, other)
			}
		}
	}
	return nil
}

// ClaimProblems returns why connectors do not answer for registries that they
// claim, or try to: those named, all of them without a name. A broken connector is
// told once, and so is a claim that two have.
func (f File) ClaimProblems(names ...string) []error {
	if len(names) == 0 {
		names = f.Names()
	}
	var all []error
	told := map[string]bool{}
	for _, name := range names {
		if _, err := f.Lookup(name); err != nil && f.mayClaim(name) {
			all = append(all, err)
			continue
		}
		for _, claim := range f.claims(name) {
			holders := f.index.claimants(claim)
			if len(holders) < 2 || told[claim] {
				continue
			}
			told[claim] = true
			other := holders[0]
			if other == name {
				other = holders[1]
			}
			all = append(all, f.conflict(claimText(claim), name, other))
		}
	}
	return all
}

// mayClaim reports whether the connector called name, which may be broken, tries to claim a registry.
func (f File) mayClaim(name string) bool {
	own := f.connectors.own(name)
	_, lists := own["registries"]
	_, all := f.defaults["registries"]
	kind, ok := own["resource_type"]
	if !ok {
		kind = f.defaults["resource_type"]
	}
	return lists || all || kind == string(DockerRegistry)
}

// claimText puts a claim in words.
func claimText(claim string) string {
	_, s, ok := strings.Cut(claim, "/")
	switch {
	case !ok:
		return "registry " + claim
	case s == "*":
		return "every registry"
	}
	return "account " + s
}

func (f File) conflict(what, name, other string) error {
	return f.broken(name, "registries", problem{fmt.Sprintf("claims %s, and so does %q", what, other), "remove it from the registries of one of them"})
}

// InRegion returns the hosts in a region of the registries that the connector claims
// by account id, and by * those of account; empty where it has no such claim.
func (c Connector) InRegion(region, account string) []string {
	var hosts []string
	for _, claim := range c.Registries {
		if claim == "*" {
			claim = account
		}
		if isAccountID(claim) {
			hosts = append(hosts, Connector{Region: region}.RegistryOf(claim))
		}
	}
	return hosts
}

// ClaimsAll reports whether the connector claims every registry of its partition.
func (c Connector) ClaimsAll() bool { return slices.Contains(c.Registries, "*") }
