package resource

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
)

// Outcome is how a step of a check ended.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped" // there was nothing to try, or an earlier step failed
)

// The steps of a check, in their order.
const (
	StepConfiguration = "config"      // the connector in connectors.toml; only where something is wrong with it
	StepCredentials   = "credentials" // cached ones, or new ones
	StepIdentity      = "identity"    // STS GetCallerIdentity
	StepBucket        = "bucket"      // S3 HeadBucket
	StepCluster       = "cluster"     // EKS DescribeCluster
	StepToken         = "token"       // ECR GetAuthorizationToken
	StepRegistry      = "registry"    // GET /v2/ of the registry with the token
)

// Step is one thing that was tried with a connector.
type Step struct {
	// Name is one of the steps above.
	Name string
	// Resource is the id of the resource or the registry's host; empty where it is about neither.
	Resource string
	Outcome  Outcome
	// Detail says in one line what was found, or why the step was skipped.
	Detail string
	// Err is why the step failed, or nil.
	Err  error
	Took time.Duration
}

// Report is what a check found out about a connector.
type Report struct {
	Connector string
	// Account and ARN are who its credentials are of; empty where that is not known.
	Account, ARN string
	Steps        []Step
	Took         time.Duration
}

// Passed reports whether no step failed.
func (r Report) Passed() bool { return r.Failure() == nil }

// Failure returns the error of the first step that failed, or nil.
func (r Report) Failure() error {
	for _, s := range r.Steps {
		if s.Outcome == Failed {
			return s.Err
		}
	}
	return nil
}

// What is checked at once is bounded: connectors at more than people have, so
// that a check takes as long as its slowest one, and the registries of each.
const (
	connectorsAtOnce = 64
	registriesAtOnce = 8
)

// Checker proves that connectors work.
type Checker struct {
	File   connector.File
	Source Source
	// From says in words where credentials come from that no key gives, without
	// asking anybody; nil says nothing.
	From func(connector.Connector) (string, error)
}

// Check checks the connectors named, many at once, and hands over the report of
// each, by its index in names, as it is done; never two at once.
func (k *Checker) Check(ctx context.Context, names []string, done func(i int, r Report)) {
	var told sync.Mutex
	each(ctx, len(names), connectorsAtOnce, func(ctx context.Context, i int) {
		r := k.check(ctx, names[i])
		told.Lock()
		defer told.Unlock()
		done(i, r)
	})
}

// each calls f with 0 to n-1, so many at once, and waits for all. Where not all
// fit, each gets its part of ctx's time: what hangs must leave some to the others.
func each(ctx context.Context, n, atOnce int, f func(ctx context.Context, i int)) {
	part := time.Duration(0)
	if deadline, ok := ctx.Deadline(); ok && n > atOnce {
		rounds := (n + atOnce - 1) / atOnce
		part = time.Until(deadline) / time.Duration(rounds)
	}
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			own, cancel := ctx, func() {}
			if part > 0 {
				own, cancel = context.WithTimeout(ctx, part)
			}
			defer cancel()
			f(own, i)
		})
	}
	all.Wait()
}

func (k *Checker) check(ctx context.Context, name string) (r Report) {
	started := time.Now()
	r.Connector = name
	defer func() { r.Took = time.Since(started) }()
	c, err := k.File.Lookup(name)
	if err != nil {
		r.Steps = []Step{{Name: StepConfiguration, Outcome: Failed, Err: err}}
		return r
	}
	if err := k.File.CheckClaims(name); err != nil && !c.Narrowed {
		r.Steps = append(r.Steps, Step{Name: StepConfiguration, Outcome: Failed, Err: err})
	}
	s := session{source: k.Source, connector: c}
	var who identity
	minted := try(StepCredentials, "", func() (string, error) {
		var err error
		s.credentials, err = k.Source.Credentials(ctx, name)
		return k.from(c) + lifetime(s.credentials.Expires), err
	})
	identified := after(minted, StepIdentity, "", func() (string, error) {
		var err error
		who, err = s.identity(ctx)
		return who.ARN, err
	})
	r.Account, r.ARN = who.Account, who.ARN
	r.Steps = append(r.Steps, minted, identified)
	r.Steps = append(r.Steps, k.resource(ctx, s, identified)...)
	r.Steps = append(r.Steps, k.registries(ctx, s, identified)...)
	return r
}

// from says where the credentials come from that no key gives, empty for others.
func (k *Checker) from(c connector.Connector) string {
	switch {
	case c.Source != "":
		return strings.Join(k.File.Chain(c.Name), " <- ") + ", "
	case k.From == nil, c.Key != "":
		return ""
	}
	source, err := k.From(c)
	if err != nil {
		return ""
	}
	return source + ", "
}

// resource checks the bucket or cluster that the connector is for.
func (k *Checker) resource(ctx context.Context, s session, before Step) []Step {
	c := s.connector
	switch {
	case c.ResourceType == connector.S3Bucket && c.ResourceID == "":
		return []Step{{Name: StepBucket, Outcome: Skipped, Detail: "the connector names no bucket"}}
	case c.ResourceType == connector.S3Bucket:
		return []Step{after(before, StepBucket, c.ResourceID, func() (string, error) {
			region, err := s.headBucket(ctx, bucketName(c.ResourceID))
			if region != c.Region {
				region += ", the connector in " + c.Region
			}
			return c.ResourceID + " in " + region, err
		})}
	case c.ResourceType == connector.KubernetesCluster && c.ResourceID == "":
		return []Step{{Name: StepCluster, Outcome: Skipped, Detail: "the connector names no cluster"}}
	case c.ResourceType == connector.KubernetesCluster:
		return []Step{after(before, StepCluster, c.ResourceID, func() (string, error) {
			found, err := s.describeCluster(ctx, c.ResourceID)
			if err == nil {
				err = found.usable()
			}
			return fmt.Sprintf("%s: %s, Kubernetes %s, %s", c.ResourceID, found.Status, found.Version, found.Endpoint), err
		})}
	}
	return nil
}

// registries checks the registries that the connector answers for, all at once.
func (k *Checker) registries(ctx context.Context, s session, before Step) []Step {
	c := s.connector
	own := k.claimed(c)
	if len(own) == 0 && (len(c.Registries) > 0 || c.ResourceType == connector.DockerRegistry) {
		return []Step{{Name: StepRegistry, Outcome: Skipped, Detail: "the connector answers for no registry that it names by its host"}}
	}
	steps := make([]Step, 2*len(own))
	each(ctx, len(own), registriesAtOnce, func(ctx context.Context, i int) {
		r := own[i]
		var t helper.RegistryToken
		token := after(before, StepToken, r.Host, func() (string, error) {
			var err error
			t, err = k.Source.RegistryToken(ctx, c.Name, r)
			return r.Region + ", " + lifetime(t.Expires), err
		})
		steps[2*i] = token
		steps[2*i+1] = after(token, StepRegistry, r.Host, func() (string, error) {
			return r.Host, s.reachRegistry(ctx, r, t.Password)
		})
	})
	return steps
}

// claimed returns the registries that the connector answers for; of one that is
// narrowed, which claims none, the one that it is narrowed to.
func (k *Checker) claimed(c connector.Connector) []connector.Registry {
	var own []connector.Registry
	if c.Narrowed {
		if r, ok := connector.ParseRegistry(c.ResourceID); ok {
			own = append(own, r)
		}
		return own
	}
	for _, host := range k.File.RegistryHosts(c.Name) {
		r, _ := connector.ParseRegistry(host)
		// Another connector may have the closer claim.
		if holder, _, err := k.File.ForRegistry(r); err == nil && holder.Name == c.Name {
			own = append(own, r)
		}
	}
	return own
}

// try does a step. What it returns is the step's detail, if it passes.
func try(name, resource string, do func() (string, error)) Step {
	started := time.Now()
	detail, err := survived(do)
	s := Step{Name: name, Resource: resource, Outcome: Passed, Detail: detail, Took: time.Since(started)}
	if err != nil {
		s.Outcome, s.Detail, s.Err = Failed, "", err
	}
	return s
}

func survived(do func() (string, error)) (detail string, err error) {
	defer unpanicked(&err)
	return do()
}

// after does a step that makes sense only if the one before it passed.
func after(before Step, name, resource string, do func() (string, error)) Step {
	switch before.Outcome {
	case Passed:
		return try(name, resource, do)
	case Failed:
		return Step{Name: name, Resource: resource, Outcome: Skipped, Detail: "no " + before.Name}
	}
	return Step{Name: name, Resource: resource, Outcome: Skipped, Detail: before.Detail}
}

func lifetime(expires time.Time) string {
	if expires.IsZero() {
		return "without expiry"
	}
	return "until " + expires.UTC().Format(time.RFC3339)
}
