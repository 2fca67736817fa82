package resource

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"aws-connector/helper"
	"aws-connector/internal/connector"
)

// The operations, by the name that the JSON protocol has for them.
const (
	targetECR       = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories"
	targetECRPublic = "SpencerFrontendService.DescribeRepositories"
)

// registries lists the registry called host, which is ECR Public's or a private
// one, with its repositories; without a host that of the caller's account.
func (s session) registries(ctx context.Context, host string) ([]Resource, error) {
	r, _ := connector.ParseRegistry(host)
	if r.Public {
		found, _, err := s.repositories(ctx, serviceECRPublic, targetECRPublic, r)
		return []Resource{{ID: connector.PublicRegistry, Repositories: found}}, err
	}
	r.Region = s.connector.Region
	found, account, err := s.repositories(ctx, serviceECR, targetECR, r)
	if err != nil {
		return nil, err
	}
	if account = cmp.Or(r.Account, account, s.credentials.AccountID); account == "" {
		// A registry without repositories is there all the same.
		who, err := s.identity(ctx)
		if err != nil {
			return nil, err
		}
		account = who.Account
	}
	return []Resource{{ID: cmp.Or(host, s.connector.RegistryOf(account)), Region: r.Region, Repositories: found}}, nil
}

// repositories returns the URIs of r's repositories, sorted, and the account
// that has them, if there are any.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html
// https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_DescribeRepositories.html
func (s session) repositories(ctx context.Context, service, target string, r connector.Registry) (uris []string, account string, err error) {
	o, err := s.client(service, r.Region)
	if err != nil {
		return nil, "", err
	}
	if o.Endpoint == "" {
		o.FIPS, o.DualStack = o.FIPS || r.FIPS, o.DualStack || r.DualStack && !r.Public
	}
	sender, err := o.Sender(ctx, helper.PageLimit)
	if err != nil {
		return nil, "", err
	}
	err = pages(func(token string) (page, error) {
		body, err := json.Marshal(struct {
			RegistryID string `json:"registryId,omitempty"`
			NextToken  string `json:"nextToken,omitempty"`
		}{r.Account, token})
		if err != nil {
			return page{}, err
		}
		a, err := sender.Send(ctx, helper.Request{Method: http.MethodPost, URL: sender.Base + "/", Target: target, Body: body})
		if err != nil {
			return page{}, err
		}
		var got struct {
			Repositories []struct {
				RegistryID string `json:"registryId"`
				URI        string `json:"repositoryUri"`
			} `json:"repositories"`
			NextToken string `json:"nextToken"`
		}
		if json.Unmarshal(a.Body, &got) != nil {
			return page{}, errForm
		}
		for _, found := range got.Repositories {
			uris, account = append(uris, helper.Clean(found.URI)), clipped(found.RegistryID)
		}
		return page{got.NextToken, len(a.Body), len(got.Repositories)}, nil
	})
	if err != nil {
		return nil, "", helper.CallError(s.connector, service, "DescribeRepositories", err)
	}
	slices.Sort(uris)
	return uris, account, nil
}
