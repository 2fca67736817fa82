package connector

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

const (
	// PublicRegistry is the host of ECR Public.
	PublicRegistry = "public.ecr.aws"

	publicDualStack = "ecr-public.aws.com"
	publicRegion    = "us-east-1" // the one whose API gives tokens for ECR Public
	publicPartition = "aws"
)

// Registry is a registry of ECR, as its host says.
type Registry struct {
	// Host is in lower case, without a port.
	Host string
	// Account has 12 digits; it is empty for ECR Public.
	Account string
	// Region is where the tokens for it come from.
	Region string
	// FIPS and DualStack say which kind of endpoint the host is, and so which one its tokens come from.
	FIPS, DualStack bool
	// Public means ECR Public.
	Public bool
}

// ParseRegistry reads the host of an ECR registry, in lower case and without a
// port: of any partition, FIPS and dual-stack ones too, and ECR Public's two.
// The suffix must be the one of the region's partition.
// https://docs.aws.amazon.com/general/latest/gr/ecr.html
func ParseRegistry(host string) (Registry, bool) {
	if host == PublicRegistry || host == publicDualStack {
		return Registry{Host: host, Region: publicRegion, DualStack: host == publicDualStack, Public: true}, true
	}
	r, suffix, ok := cutRegistry(host)
	if !ok {
		return Registry{}, false
	}
	p, known := partitionOf(r.Region)
	want := p.suffix
	if r.DualStack {
		want = p.dualStack
	}
	return r, known && want != "" && suffix == want && (p.fips || !r.FIPS)
}

// cutRegistry cuts ACCOUNT.dkr.ecr.REGION.SUFFIX, with a dash before ecr for
// dual-stack hosts and ecr-fips for FIPS ones.
func cutRegistry(host string) (r Registry, suffix string, ok bool) {
	account, rest, _ := strings.Cut(host, ".")
	r = Registry{Host: host, Account: account}
	rest, plain := strings.CutPrefix(rest, "dkr.ecr")
	if !plain {
		rest, r.DualStack = strings.CutPrefix(rest, "dkr-ecr")
	}
	rest, r.FIPS = strings.CutPrefix(rest, "-fips")
	rest, dot := strings.CutPrefix(rest, ".")
	r.Region, suffix, _ = strings.Cut(rest, ".")
	inHost := func(c byte) bool { return isLower(c) || isDigit(c) || c == '-' }
	ok = isAccountID(account) && (plain || r.DualStack) && dot && every(r.Region, inHost) && every(suffix, func(c byte) bool { return inHost(c) || c == '.' })
	return r, suffix, ok
}

// Partition returns the AWS partition of the registry, such as aws-cn.
func (r Registry) Partition() string {
	p, _ := partitionOf(r.Region)
	return p.name
}

// validClaim checks one element of registries.
func validClaim(s string) error {
	if s == "*" || isAccountID(s) {
		return nil
	}
	if _, ok := ParseRegistry(s); !ok {
		return fmt.Errorf(`%q is not a registry host, an account id, %q or "*"`, s, PublicRegistry)
	}
	return nil
}

// checkRegistries refuses hosts that the connector's credentials cannot open.
func (c *Connector) checkRegistries() (string, problem) {
	for _, s := range c.Registries {
		if r, ok := ParseRegistry(s); ok && r.Partition() != c.Partition() {
			return "registries", problem{fmt.Sprintf("registries has %q, which is in partition %s, and the connector in %s", s, r.Partition(), c.Partition()),
				"credentials of one partition are unknown in another: use a connector with a region there"}
		}
	}
	return "", problem{}
}

// ForRegistry returns the connector that answers for r, and whether there is
// one. A host is claimed by the connector that names it in registries or, with
// resource_type docker-registry, in resource_id; else by the one that names its
// account; else by the one with "*". The last two claim registries of the
// connector's own partition. Two claims to the same one are an [*Error], and so
// is a broken connector that has the claim.
func (f File) ForRegistry(r Registry) (c Connector, claimed bool, err error) {
	for _, claim := range r.claims() {
		holders := f.index.claimants(claim)
		switch len(holders) {
		case 0:
			continue
		case 1:
			c, err = f.Lookup(holders[0])
			return c, true, err
		}
		return Connector{}, true, f.conflict("registry "+r.Host, holders[0], holders[1])
	}
	return Connector{}, false, nil
}

// holder returns the name of the one connector that has the closest claim to r.
func (f File) holder(r Registry) (name string, ok bool) {
	for _, claim := range r.claims() {
		if holders := f.index.claimants(claim); len(holders) > 0 {
			return holders[0], len(holders) == 1
		}
	}
	return "", false
}

// allClaims returns, by claim, the names of the connectors that have it, sorted.
func (f File) allClaims() map[string][]string {
	all := map[string][]string{}
	for _, name := range f.index.sorted() {
		for _, claim := range f.claims(name) {
			if known := all[claim]; len(known) == 0 || known[len(known)-1] != name {
				all[claim] = append(known, name)
			}
		}
	}
	return all
}

// claims returns what can be claimed to answer for r, the closest first.
func (r Registry) claims() []string {
	if r.Public {
		return []string{PublicRegistry, r.Partition() + "/*"}
	}
	return []string{r.Host, r.Partition() + "/" + r.Account, r.Partition() + "/*"}
}

// claims returns what the connector called name claims, in the form of
// [Registry.claims], even if it is broken.
func (f File) claims(name string) []string {
	_, everybody := f.defaults["registries"]
	if text, ok := f.connectors.plain[name]; ok && !everybody && !strings.Contains(text, "registries") && !strings.Contains(text, "resource_id") {
		return nil // without reading it
	}
	own := f.connectors.own(name)
	field := func(key string) any {
		if v, ok := own[key]; ok {
			return v
		}
		return f.defaults[key]
	}
	region, _ := field("region").(string)
	p, _ := partitionOf(region)
	var all []string
	if field("resource_type") == string(DockerRegistry) {
		id, _ := own["resource_id"].(string)
		if host, err := CanonicalID(DockerRegistry, region, id); err == nil {
			all = append(all, host)
		}
	}
	listed, _ := field("registries").([]any)
	for _, e := range listed {
		s, _ := e.(string)
		r, isHost := ParseRegistry(s)
		switch {
		case isHost:
			all = append(all, r.claims()[0])
		case s == "*" || isAccountID(s):
			all = append(all, p.name+"/"+s)
		}
	}
	return all
}

// RegistryHosts returns the hosts that the connectors named claim, all of them
// without a name, sorted: those of registries and resource_id, and for an account
// id the registry in the connector's region. Hosts that no connector would answer
// for, because it is broken or because two claim it, are left out.
func (f File) RegistryHosts(names ...string) []string {
	if len(names) == 0 {
		names = f.Names()
	}
	// Each connector is resolved once, however many registries it has.
	resolved := map[string]func() (Connector, error){}
	lookup := func(name string) (Connector, error) {
		if resolved[name] == nil {
			resolved[name] = sync.OnceValues(func() (Connector, error) { return f.Lookup(name) })
		}
		return resolved[name]()
	}
	var hosts []string
	for _, name := range names {
		c, err := lookup(name)
		if err != nil {
			continue
		}
		for _, r := range c.registries() {
			if holder, ok := f.holder(r); ok {
				if _, err := lookup(holder); err == nil {
					hosts = append(hosts, r.Host)
				}
			}
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// registries returns those that the connector names.
func (c Connector) registries() []Registry {
	named := slices.Clone(c.Registries)
	if c.ResourceType == DockerRegistry {
		named = append(named, c.ResourceID)
	}
	var all []Registry
	for _, s := range named {
		if isAccountID(s) {
			s = c.RegistryOf(s)
		}
		if r, ok := ParseRegistry(s); ok {
			all = append(all, r)
		}
	}
	return all
}

// RegistryOf returns the host of an account's registry in the connector's region.
func (c Connector) RegistryOf(account string) string {
	p, _ := partitionOf(c.Region)
	return strings.Join([]string{account, "dkr.ecr", c.Region, p.suffix}, ".")
}
