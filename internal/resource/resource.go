// Package resource finds out what a connector's credentials reach: it lists
// buckets, clusters and registries, and proves that connectors work.
package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"aws-connector/helper"
	"aws-connector/internal/connector"

	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// The services, by their names in endpoint_urls.
const (
	serviceSTS       = "sts"
	serviceECR       = "ecr"
	serviceECRPublic = "ecr-public"
	serviceEKS       = "eks"
	serviceS3        = "s3"
)

// Source gives the credentials of connectors; *helper.Helper is one.
type Source interface {
	Credentials(ctx context.Context, name string) (helper.Credentials, error)
	Client(c connector.Connector, with helper.Credentials, service, region string) (helper.Client, error)
	RegistryToken(ctx context.Context, name string, r connector.Registry) (helper.RegistryToken, error)
}

// Resource is something that a connector can be for.
type Resource struct {
	// ID is in the canonical form of resource_id.
	ID string
	// Region is empty where the service does not tell it.
	Region string
	// Repositories are the URIs of a registry's repositories, sorted.
	Repositories []string
}

// Listing is what AWS lists of one type of resource.
type Listing struct {
	Type connector.ResourceType
	// Resources are in the order of their ids.
	Resources []Resource
	// Odd counts resources whose names no resource_id can be.
	Odd int
	// Err is why there is no list, or nil.
	Err error
}

// Types are the types of resources that can be listed.
func Types() []connector.ResourceType {
	return []connector.ResourceType{connector.S3Bucket, connector.KubernetesCluster, connector.DockerRegistry}
}

// List lists what the credentials of c reach of these types, every page, all
// types at once and in their order. Its error is one of Source.Credentials; what
// AWS refuses is in the listings.
func List(ctx context.Context, from Source, c connector.Connector, types []connector.ResourceType) ([]Listing, error) {
	with, err := from.Credentials(ctx, c.Name)
	if err != nil {
		return nil, err
	}
	s := session{from, c, with}
	all := make([]Listing, len(types))
	var each sync.WaitGroup
	for i, t := range types {
		each.Go(func() {
			defer unpanicked(&all[i].Err)
			all[i].Type = t
			all[i] = s.list(ctx, t)
		})
	}
	each.Wait()
	return all, nil
}

// errCrash is a panic, whose text is not shown: it may quote a secret.
var errCrash = errors.New("internal error: the answer cannot be read")

// unpanicked, deferred, turns a panic into an error: in a goroutine it would end the program.
func unpanicked(err *error) {
	if recover() != nil {
		*err = errCrash
	}
}

// session is a connector with its credentials.
type session struct {
	source      Source
	connector   connector.Connector
	credentials helper.Credentials
}

func (s session) client(service, region string) (helper.Client, error) {
	return s.source.Client(s.connector, s.credentials, service, region)
}

func (s session) list(ctx context.Context, t connector.ResourceType) Listing {
	l := Listing{Type: t}
	var found []Resource
	switch t {
	case connector.S3Bucket:
		found, l.Err = s.buckets(ctx)
	case connector.KubernetesCluster:
		found, l.Err = s.clusters(ctx)
	case connector.DockerRegistry:
		host := ""
		if s.connector.ResourceType == t {
			host = s.connector.ResourceID
		}
		found, l.Err = s.registries(ctx, host)
	default:
		l.Err = fmt.Errorf("resource type %q has no list", t)
	}
	if l.Err != nil {
		l.Err = fmt.Errorf("connector %q: %w", s.connector.Name, l.Err)
		return l
	}
	for _, r := range found {
		id, err := connector.CanonicalID(t, s.connector.Region, r.ID)
		if err != nil {
			l.Odd++
			continue
		}
		r.ID = id
		l.Resources = append(l.Resources, r)
	}
	slices.SortFunc(l.Resources, func(a, b Resource) int { return strings.Compare(a.ID, b.ID) })
	return l
}

// identity is who the credentials are of.
type identity struct{ Account, ARN string }

// identity asks STS, which everybody may.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func (s session) identity(ctx context.Context) (identity, error) {
	o, err := s.client(serviceSTS, s.connector.Region)
	if err != nil {
		return identity{}, err
	}
	client, err := o.STS()
	if err != nil {
		return identity{}, err
	}
	out, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err == nil && (out.Account == nil || out.Arn == nil) {
		err = errForm
	}
	if err != nil {
		return identity{}, helper.CallError(s.connector, serviceSTS, "GetCallerIdentity", err)
	}
	return identity{helper.Clean(*out.Account), helper.Clean(*out.Arn)}, nil
}

// Account asks AWS for the account that the credentials of c are of.
func Account(ctx context.Context, from Source, c connector.Connector) (string, error) {
	with, err := from.Credentials(ctx, c.Name)
	if err != nil {
		return "", err
	}
	if with.AccountID != "" {
		return with.AccountID, nil
	}
	who, err := session{from, c, with}.identity(ctx)
	return who.Account, err
}
