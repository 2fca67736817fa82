package fakeaws

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Cluster is a Kubernetes cluster of EKS.
type Cluster struct {
	Account              string `json:"account"` // 12 digits
	Region               string `json:"region"`
	Name                 string `json:"name"`
	Endpoint             string `json:"endpoint"`              // URL of its API server
	CertificateAuthority string `json:"certificate_authority"` // of the API server, PEM
	Version              string `json:"version"`               // of Kubernetes; default: "1.33"
}

type cluster struct {
	Cluster
	created time.Time
}

var clusterForm = regexp.MustCompile(`^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$`)

const maxClusters = 100

func (c Cluster) arn() string {
	return fmt.Sprintf("arn:%s:eks:%s:%s:cluster/%s", partitionOf(c.Region).name, c.Region, c.Account, c.Name)
}

// AddCluster makes an active cluster, and replaces the one of its account,
// region and name. It panics if one of these has not the form of one.
func (s *Server) AddCluster(c Cluster) {
	if err := s.addCluster(c); err != nil {
		panic("fakeaws: " + err.Error())
	}
}

func (s *Server) addCluster(c Cluster) error {
	if !clusterForm.MatchString(c.Name) {
		return fmt.Errorf("cluster %q: not the name of a cluster", c.Name)
	}
	if err := checkPlace(c.Account, c.Region); err != nil {
		return fmt.Errorf("cluster %q: %w", c.Name, err)
	}
	if c.Version == "" {
		c.Version = "1.33"
	}
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clusters[c.arn()] = cluster{c, now}
	return nil
}

func (s *Server) eks(c *call) (any, *refusal) {
	if c.action == "DescribeCluster" {
		return s.describeCluster(c)
	}
	return s.listClusters(c)
}

func (s *Server) listClusters(c *call) (any, *refusal) {
	size := maxClusters
	if text := c.params.Get("maxResults"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxClusters {
			return nil, refuse(http.StatusBadRequest, "InvalidParameterException", "maxResults must be between 1 and %d.", maxClusters)
		}
		size = n
	}
	all := []string{}
	s.mu.Lock()
	for _, k := range s.clusters {
		if k.Account == c.caller.Account && k.Region == c.region() {
			all = append(all, k.Name)
		}
	}
	s.mu.Unlock()
	slices.Sort(all)
	var out struct {
		Clusters  []string `json:"clusters"`
		NextToken string   `json:"nextToken,omitempty"`
	}
	var ok bool
	out.Clusters, out.NextToken, ok = page(all, strings.Clone, c.params.Get("nextToken"), size)
	if !ok {
		return nil, refuse(http.StatusBadRequest, "InvalidParameterException", "Invalid nextToken")
	}
	return out, nil
}

type clusterBody struct {
	Name                 string          `json:"name"`
	ARN                  string          `json:"arn"`
	CreatedAt            int64           `json:"createdAt"` // seconds since 1970
	Version              string          `json:"version"`
	Endpoint             string          `json:"endpoint"`
	Status               string          `json:"status"`
	CertificateAuthority certificateBody `json:"certificateAuthority"`
}

type certificateBody struct {
	Data string `json:"data"` // base64 of PEM
}

func (s *Server) describeCluster(c *call) (any, *refusal) {
	name := strings.TrimPrefix(c.r.URL.Path, "/clusters/")
	s.mu.Lock()
	k, ok := s.clusters[Cluster{Account: c.caller.Account, Region: c.region(), Name: name}.arn()]
	s.mu.Unlock()
	if !ok {
		return nil, refuse(http.StatusNotFound, "ResourceNotFoundException", "No cluster found for name: %s.", name)
	}
	return struct {
		Cluster clusterBody `json:"cluster"`
	}{clusterBody{
		Name: k.Name, ARN: k.arn(), CreatedAt: k.created.Unix(),
		Version: k.Version, Endpoint: k.Endpoint, Status: "ACTIVE",
		CertificateAuthority: certificateBody{base64.StdEncoding.EncodeToString([]byte(k.CertificateAuthority))},
	}}, nil
}

// eksRefusal puts a refusal in the words of a REST service:
// https://docs.aws.amazon.com/eks/latest/APIReference/CommonErrors.html
func eksRefusal(r *refusal) *refusal {
	refused := jsonRefusal(r)
	refused.status = r.status
	return refused
}
