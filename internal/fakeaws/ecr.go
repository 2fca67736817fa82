package fakeaws

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Repository is a private repository of ECR.
type Repository struct {
	Account string `json:"account"` // 12 digits
	Region  string `json:"region"`
	Name    string `json:"name"` // "team/app"
}

// The limits on input, from the service model of 2015-09-21.
var (
	accountForm    = regexp.MustCompile(`^[0-9]{12}$`)
	repositoryForm = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
)

const (
	maxRegistries        = 10
	maxRepositoryNames   = 100
	maxRepositories      = 1000
	standardRepositories = 100 // a page, if the caller does not say
)

// AddRepository makes a repository that DescribeRepositories shows to its
// account. It panics if account, region or name has not the form of one.
func (s *Server) AddRepository(r Repository) {
	if err := s.addRepository(r); err != nil {
		panic("fakeaws: " + err.Error())
	}
}

func (s *Server) addRepository(r Repository) error {
	if len(r.Name) < 2 || len(r.Name) > 256 || !repositoryForm.MatchString(r.Name) {
		return fmt.Errorf("repository %q: not the name of a repository", r.Name)
	}
	if err := checkPlace(r.Account, r.Region); err != nil {
		return fmt.Errorf("repository %q: %w", r.Name, err)
	}
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.repos[r] = now
	return nil
}

func (s *Server) ecr(c *call) (any, *refusal) {
	switch c.action {
	case "GetAuthorizationToken":
		return s.getAuthorizationToken(c)
	case "DescribeRepositories":
		return s.describeRepositories(c)
	}
	return nil, unknownOperation(c)
}

type authorizationData struct {
	Token         string `json:"authorizationToken"`
	ExpiresAt     int64  `json:"expiresAt"` // seconds since 1970
	ProxyEndpoint string `json:"proxyEndpoint,omitempty"`
}

// getAuthorizationToken answers one token for each registry that is asked for.
// Each is good for every registry of the region, as AWS's are.
func (s *Server) getAuthorizationToken(c *call) (any, *refusal) {
	var in struct{ RegistryIDs []string }
	if refused := decodeInput(c, &in); refused != nil {
		return nil, refused
	}
	registries := in.RegistryIDs
	if registries == nil {
		registries = []string{c.caller.Account}
	}
	if n := len(registries); n < 1 || n > maxRegistries {
		return nil, invalidECR("registryIds", "must have length between 1 and %d", maxRegistries)
	}
	if slices.ContainsFunc(registries, func(id string) bool { return !accountForm.MatchString(id) }) {
		return nil, invalidECR("registryIds", "must satisfy regular expression '[0-9]{12}'")
	}
	var out struct {
		Data []authorizationData `json:"authorizationData"`
	}
	region := c.region()
	for _, id := range registries {
		data := s.issueToken(c)
		data.ProxyEndpoint = "https://" + registryHost(id, region)
		out.Data = append(out.Data, data)
	}
	return out, nil
}

func registryHost(account, region string) string {
	return fmt.Sprintf("%s.dkr.ecr.%s.%s", account, region, partitionOf(region).suffix)
}

// ecrPublic answers for ECR Public, whose one action here works in one region.
func (s *Server) ecrPublic(c *call) (any, *refusal) {
	if c.action != "GetAuthorizationToken" {
		return nil, unknownOperation(c)
	}
	if c.region() != "us-east-1" {
		return nil, refuse(http.StatusBadRequest, "UnsupportedCommandException", "GetAuthorizationToken command is only supported in us-east-1.")
	}
	if refused := decodeInput(c, new(struct{})); refused != nil {
		return nil, refused
	}
	return struct {
		Data authorizationData `json:"authorizationData"`
	}{s.issueToken(c)}, nil
}

type repositoryBody struct {
	ARN           string `json:"repositoryArn"`
	RegistryID    string `json:"registryId"`
	Name          string `json:"repositoryName"`
	URI           string `json:"repositoryUri"`
	CreatedAt     int64  `json:"createdAt"` // seconds since 1970
	TagMutability string `json:"imageTagMutability"`
	Scanning      struct {
		OnPush bool `json:"scanOnPush"`
	} `json:"imageScanningConfiguration"`
	Encryption struct {
		Type string `json:"encryptionType"`
	} `json:"encryptionConfiguration"`
}

func newRepositoryBody(r Repository, created time.Time) repositoryBody {
	b := repositoryBody{
		ARN:        fmt.Sprintf("arn:%s:ecr:%s:%s:repository/%s", partitionOf(r.Region).name, r.Region, r.Account, r.Name),
		RegistryID: r.Account, Name: r.Name,
		URI:       registryHost(r.Account, r.Region) + "/" + r.Name,
		CreatedAt: created.Unix(), TagMutability: "MUTABLE",
	}
	b.Encryption.Type = "AES256"
	return b
}

func (s *Server) describeRepositories(c *call) (any, *refusal) {
	var in struct {
		RegistryID, NextToken string
		RepositoryNames       []string
		MaxResults            *int
	}
	if refused := decodeInput(c, &in); refused != nil {
		return nil, refused
	}
	account, names := in.RegistryID, in.RepositoryNames
	if account == "" {
		account = c.caller.Account
	}
	switch {
	case !accountForm.MatchString(account):
		return nil, invalidECR("registryId", "must satisfy regular expression '[0-9]{12}'")
	case names != nil && (len(names) < 1 || len(names) > maxRepositoryNames):
		return nil, invalidECR("repositoryNames", "must have length between 1 and %d", maxRepositoryNames)
	case names != nil && (in.NextToken != "" || in.MaxResults != nil):
		return nil, invalidECR("repositoryNames", "cannot be used with nextToken or maxResults")
	}
	if account != c.caller.Account {
		resource := fmt.Sprintf("arn:%s:ecr:%s:%s:repository/*", partitionOf(c.region()).name, c.region(), account)
		return nil, refuse(http.StatusBadRequest, "AccessDeniedException", "User: %s is not authorized to perform: ecr:%s on resource: %s because no resource-based policy allows the ecr:%s action",
			c.caller.ARN, c.action, resource, c.action)
	}
	var out struct {
		Repositories []repositoryBody `json:"repositories"`
		NextToken    string           `json:"nextToken,omitempty"`
	}
	all := s.repositories(account, c.region())
	if names != nil {
		var refused *refusal
		out.Repositories, refused = pick(all, names, account)
		return out, refused
	}
	size := standardRepositories
	if in.MaxResults != nil {
		size = *in.MaxResults
	}
	if size < 1 || size > maxRepositories {
		return nil, invalidECR("maxResults", "must be between 1 and %d", maxRepositories)
	}
	var ok bool
	out.Repositories, out.NextToken, ok = page(all, func(b repositoryBody) string { return b.Name }, in.NextToken, size)
	if !ok {
		return nil, invalidECR("nextToken", "must be a token of an earlier answer")
	}
	return out, nil
}

// repositories returns those of an account in a region, by name.
func (s *Server) repositories(account, region string) []repositoryBody {
	all := []repositoryBody{}
	s.mu.Lock()
	defer s.mu.Unlock()
	for r, created := range s.repos {
		if r.Account == account && r.Region == region {
			all = append(all, newRepositoryBody(r, created))
		}
	}
	slices.SortFunc(all, func(a, b repositoryBody) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// pick returns the repositories of these names, all of which must be there.
func pick(all []repositoryBody, names []string, account string) ([]repositoryBody, *refusal) {
	var picked []repositoryBody
	for _, name := range names {
		i := slices.IndexFunc(all, func(b repositoryBody) bool { return b.Name == name })
		if i < 0 {
			return nil, refuse(http.StatusBadRequest, "RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry with id '%s'", name, account)
		}
		picked = append(picked, all[i])
	}
	return picked, nil
}

func invalidECR(name, format string, args ...any) *refusal {
	return refuse(http.StatusBadRequest, "InvalidParameterException", "Invalid parameter at '%s' failed to satisfy constraint: '%s'", name, fmt.Sprintf(format, args...))
}
