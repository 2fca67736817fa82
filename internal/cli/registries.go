package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"aws-connector/internal/connector"
	"aws-connector/internal/resource"
)

// hosts returns the registry hosts that names stand for: connectors, or hosts
// themselves; with regions also those that a claim of an account id or of * has
// there. To remove, no name is every host, for which it returns none. What is left
// out is said.
func (a *App) hosts(ctx context.Context, names, regions []string, remove bool) ([]string, error) {
	if remove && len(names)+len(regions) == 0 {
		return nil, nil
	}
	f, err := a.connectors()
	if err == nil {
		err = a.checkRegions(regions)
	}
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return a.allHosts(ctx, f, regions, remove)
	}
	var hosts []string
	for _, name := range names {
		more, err := a.hostsOf(ctx, f, name, regions, remove)
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, more...)
	}
	slices.Sort(hosts)
	return slices.Compact(hosts), nil
}

// allHosts returns the hosts of all connectors, and says which are left out.
func (a *App) allHosts(ctx context.Context, f connector.File, regions []string, remove bool) ([]string, error) {
	hosts := f.RegistryHosts()
	problems := f.ClaimProblems()
	var all []string // the connectors that claim every registry
	for _, name := range f.Names() {
		c, err := f.Lookup(name)
		if err != nil || f.CheckClaims(name) != nil {
			continue
		}
		if c.ClaimsAll() && len(regions) == 0 {
			all = append(all, name)
		}
		more, err := a.inRegions(ctx, f, c, regions)
		if err != nil {
			problems = append(problems, err)
		}
		hosts = append(hosts, more...)
	}
	if len(hosts) == 0 && len(problems) == 1 {
		return nil, problems[0]
	}
	if !remove {
		a.leftOut(problems)
	}
	slices.Sort(hosts)
	hosts = slices.Compact(hosts)
	switch {
	case len(hosts) > 0:
		if len(all) > 0 && !remove {
			a.say("connector %q claims every registry (*), and Docker looks helpers up by host: --region adds its account's hosts of a region", all[0])
		}
		return hosts, nil
	case len(problems) > 0:
		return nil, &usageError{"there is no valid registry to add to Docker's configuration", "correct the connectors above: `aws-connector list` says what is wrong with each"}
	case len(all) > 0:
		return nil, byStarAlone(all[0])
	}
	return nil, &usageError{"no connector names a registry of ECR", `add registries = ["123456789012.dkr.ecr.eu-central-1.amazonaws.com"] to one`}
}

// leftOut says what is wrong with the connectors that are left out, with what to do.
func (a *App) leftOut(problems []error) {
	for _, err := range problems {
		text := err.Error()
		if hint := hintFor(err); hint != "" {
			text += "; " + hint
		}
		a.say("left out: %s", text)
	}
}

func byStarAlone(name string) error {
	return &usageError{fmt.Sprintf("connector %q claims every registry (*), and Docker looks helpers up by host", name),
		fmt.Sprintf("name the host, `aws-connector configure docker HOST`, or its account's in a region, `aws-connector configure docker %s --region eu-central-1`", name)}
}

// hostsOf returns the hosts that name stands for.
func (a *App) hostsOf(ctx context.Context, f connector.File, name string, regions []string, remove bool) ([]string, error) {
	if r, ok := connector.ParseRegistry(strings.ToLower(name)); ok {
		_, claimed, err := f.ForRegistry(r)
		if !claimed && !remove {
			return nil, &usageError{"no connector claims registry " + r.Host, fmt.Sprintf("add %q, or its account id, to the registries of one", r.Host)}
		}
		if doubt := connector.DoubtRegion(r.Region); doubt != "" {
			a.say("warning: %s", doubt)
		}
		if remove {
			err = nil
		}
		return []string{r.Host}, err
	}
	c, err := f.Lookup(name)
	if err != nil {
		if host := registryIn(name); host != "" {
			return nil, &usageError{"the argument is neither a connector nor the host of a registry", fmt.Sprintf("did you mean %q?", host)}
		}
		return nil, err
	}
	if problems := f.ClaimProblems(name); len(problems) > 0 && !remove {
		return nil, problems[0]
	}
	hosts, err := a.inRegions(ctx, f, c, regions)
	if err != nil {
		return nil, err
	}
	hosts = append(hosts, f.RegistryHosts(name)...)
	switch {
	case len(hosts) > 0:
		return hosts, nil
	case c.ClaimsAll():
		return nil, byStarAlone(name)
	}
	return nil, &usageError{fmt.Sprintf("connector %q names no registry", name), `add registries = ["123456789012.dkr.ecr.eu-central-1.amazonaws.com"] to it`}
}

// registryIn returns the registry's host in what was typed as one: a URL, an image,
// a host with a port. It is empty where there is none.
func registryIn(s string) string {
	if _, after, ok := strings.Cut(s, "://"); ok {
		s = after
	}
	host, _, _ := strings.Cut(strings.ToLower(s), "/")
	host, _, _ = strings.Cut(host, ":")
	if _, ok := connector.ParseRegistry(host); !ok {
		return ""
	}
	return host
}

func (a *App) checkRegions(regions []string) error {
	for _, r := range regions {
		if !connector.ValidRegion(r) {
			advice := "a region is written as in eu-central-1"
			if near := connector.NearRegion(r); near != "" {
				advice = fmt.Sprintf("did you mean %q?", near)
			}
			return &usageError{"--region is not an AWS region", advice}
		}
		if doubt := connector.DoubtRegion(r); doubt != "" {
			a.say("warning: %s", doubt)
		}
	}
	return nil
}

// inRegions returns the hosts that c has in regions by a claim of an account id or
// of *, and that it answers for. For * its account must be known: of the role, of
// the cached session, or by asking AWS.
func (a *App) inRegions(ctx context.Context, f connector.File, c connector.Connector, regions []string) ([]string, error) {
	if len(regions) == 0 {
		return nil, nil
	}
	account := ""
	if c.ClaimsAll() {
		var err error
		if account, err = a.accountOf(ctx, f, c); err != nil {
			return nil, err
		}
	}
	var hosts []string
	for _, region := range regions {
		for _, host := range c.InRegion(region, account) {
			r, _ := connector.ParseRegistry(host)
			if r.Partition() != c.Partition() {
				return nil, &usageError{fmt.Sprintf("connector %q is in partition %s, and region %s is not", c.Name, c.Partition(), region), "credentials of one partition are unknown in another: name a region of its own"}
			}
			if holder, _, err := f.ForRegistry(r); err == nil && holder.Name == c.Name {
				hosts = append(hosts, host)
			}
		}
	}
	return hosts, nil
}

func (a *App) accountOf(ctx context.Context, f connector.File, c connector.Connector) (string, error) {
	if account := c.AccountID(); account != "" {
		return account, nil
	}
	h, err := a.helper(f)
	if err != nil {
		return "", err
	}
	if s, ok := h.Session(ctx, c); ok && s.AccountID != "" {
		return s.AccountID, nil
	}
	return resource.Account(ctx, h, c)
}
