package resource

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"aws-connector/helper"
	"aws-connector/internal/connector"
)

// clusters lists the clusters of the caller's account in the client's region.
// https://docs.aws.amazon.com/eks/latest/APIReference/API_ListClusters.html
func (s session) clusters(ctx context.Context) ([]Resource, error) {
	sender, err := s.sender(ctx, serviceEKS, s.connector.Region)
	if err != nil {
		return nil, err
	}
	var all []Resource
	err = pages(func(token string) (page, error) {
		target := sender.Base + "/clusters"
		if token != "" {
			target += "?" + url.Values{"nextToken": {token}}.Encode()
		}
		a, err := sender.Send(ctx, helper.Request{Method: http.MethodGet, URL: target})
		if err != nil {
			return page{}, err
		}
		var got struct {
			Clusters  []string `json:"clusters"`
			NextToken string   `json:"nextToken"`
		}
		if json.Unmarshal(a.Body, &got) != nil {
			return page{}, errForm
		}
		for _, name := range got.Clusters {
			all = append(all, Resource{ID: clipped(name), Region: sender.Client.Region})
		}
		return page{got.NextToken, len(a.Body), len(got.Clusters)}, nil
	})
	if err != nil {
		return nil, helper.CallError(s.connector, serviceEKS, "ListClusters", err)
	}
	return all, nil
}

// Cluster is what EKS tells of a cluster.
type Cluster struct {
	Status   string `json:"status"`
	Version  string `json:"version"`
	Endpoint string `json:"endpoint"`
	// Certificate authorities of the endpoint: PEM in base64.
	CertificateAuthority struct {
		Data string `json:"data"`
	} `json:"certificateAuthority"`
}

// Describe returns the cluster called name in region, by the credentials of c. One
// that has no endpoint, as before it is made, is an error.
func Describe(ctx context.Context, from Source, c connector.Connector, name, region string) (Cluster, error) {
	with, err := from.Credentials(ctx, c.Name)
	if err != nil {
		return Cluster{}, err
	}
	c.Region = region
	k, err := session{from, c, with}.describeCluster(ctx, name)
	if err != nil {
		return Cluster{}, err
	}
	pem, err := base64.StdEncoding.DecodeString(k.CertificateAuthority.Data)
	if u, urlErr := url.Parse(k.Endpoint); err != nil || urlErr != nil || len(pem) == 0 || u.Scheme != "https" || u.Host == "" || u.User != nil {
		if err := k.usable(); err != nil {
			return Cluster{}, err
		}
		return Cluster{}, helper.CallError(c, serviceEKS, "DescribeCluster", errForm)
	}
	k.CertificateAuthority.Data = base64.StdEncoding.EncodeToString(pem) // on one line
	return k, nil
}

// describeCluster returns the cluster called name.
// https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html
func (s session) describeCluster(ctx context.Context, name string) (Cluster, error) {
	sender, err := s.sender(ctx, serviceEKS, s.connector.Region)
	if err != nil {
		return Cluster{}, err
	}
	a, err := sender.Send(ctx, helper.Request{Method: http.MethodGet, URL: sender.Base + "/clusters/" + url.PathEscape(name)})
	var out struct {
		Cluster Cluster `json:"cluster"`
	}
	if err == nil && (json.Unmarshal(a.Body, &out) != nil || out.Cluster.Status == "") {
		err = errForm
	}
	if err != nil {
		return Cluster{}, helper.CallError(s.connector, serviceEKS, "DescribeCluster", err)
	}
	k := out.Cluster
	k.Status, k.Version, k.Endpoint = helper.Clean(k.Status), helper.Clean(k.Version), helper.Clean(k.Endpoint)
	return k, nil
}

// usable returns why nothing can be done with the cluster yet or any more, or nil.
// https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html
func (k Cluster) usable() error {
	e := &helper.Error{Text: fmt.Sprintf("DescribeCluster: the cluster is there, but its status is %s", k.Status)}
	switch k.Status {
	case "ACTIVE", "UPDATING":
		return nil
	case "CREATING", "PENDING":
		e.Reason, e.Advice = helper.Temporary, "EKS is making it: try again later"
	}
	return e
}
