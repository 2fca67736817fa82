package fakeaws

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// signed sends a request that alice's key has signed and returns the answer.
func signed(t *testing.T, s *Server, service, region, method, path string, header http.Header, body string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		r.Header = header
	}
	c, err := static().Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sign := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
	if err := sign.SignHTTP(t.Context(), c, r, digest(body), service, region, time.Now()); err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(bytes.TrimSpace(text))
}

func TestDescribeRepositories(t *testing.T) {
	s := start(t)
	var want []string
	for i := range 7 {
		name := fmt.Sprintf("team/app-%d", i)
		want = append(want, name)
		s.AddRepository(Repository{"123456789012", "eu-central-1", name})
	}
	s.AddRepository(Repository{"123456789012", "us-east-1", "elsewhere"})
	s.AddRepository(Repository{"999999999999", "eu-central-1", "theirs"})
	client := ecrClient(s, "eu-central-1", static())
	for _, size := range []int32{1, 3, 7, 8} {
		var got []string
		pages := ecr.NewDescribeRepositoriesPaginator(client, &ecr.DescribeRepositoriesInput{MaxResults: aws.Int32(size)})
		for pages.HasMorePages() {
			out, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range out.Repositories {
				got = append(got, aws.ToString(r.RepositoryName))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("in pages of %d = %q, want %q", size, got, want)
		}
	}
	out, err := client.DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{"team/app-3"}})
	if err != nil {
		t.Fatal(err)
	}
	r := out.Repositories[0]
	if len(out.Repositories) != 1 || aws.ToString(r.RepositoryArn) != "arn:aws:ecr:eu-central-1:123456789012:repository/team/app-3" ||
		aws.ToString(r.RepositoryUri) != "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app-3" ||
		aws.ToString(r.RegistryId) != "123456789012" || time.Since(*r.CreatedAt) > time.Hour {
		t.Errorf("team/app-3 = %+v", r)
	}
	out, err = ecrClient(s, "ap-south-1", static()).DescribeRepositories(t.Context(), nil)
	if err != nil || out.Repositories == nil || len(out.Repositories) != 0 {
		t.Errorf("repositories of an empty region = %v, %v", out, err)
	}
}

func TestDescribeRepositoriesRefuses(t *testing.T) {
	s := start(t)
	s.AddRepository(Repository{"123456789012", "us-east-1", "app"})
	client := ecrClient(s, "us-east-1", static())
	for _, test := range []struct {
		in   ecr.DescribeRepositoriesInput
		want string
	}{
		{ecr.DescribeRepositoriesInput{RepositoryNames: []string{"app", "none"}}, "RepositoryNotFoundException"},
		{ecr.DescribeRepositoriesInput{RegistryId: aws.String("999999999999")}, "AccessDeniedException"},
		{ecr.DescribeRepositoriesInput{RegistryId: aws.String("x")}, "InvalidParameterException"},
		{ecr.DescribeRepositoriesInput{MaxResults: aws.Int32(0)}, "InvalidParameterException"},
		{ecr.DescribeRepositoriesInput{MaxResults: aws.Int32(1001)}, "InvalidParameterException"},
		{ecr.DescribeRepositoriesInput{NextToken: aws.String("x")}, "InvalidParameterException"},
		{ecr.DescribeRepositoriesInput{RepositoryNames: []string{"app"}, MaxResults: aws.Int32(1)}, "InvalidParameterException"},
	} {
		_, err := client.DescribeRepositories(t.Context(), &test.in)
		checkError(t, fmt.Sprintf("%+v", test.in), err, test.want, http.StatusBadRequest)
	}
	_, err := client.DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{"none"}})
	var notFound *types.RepositoryNotFoundException
	if !errors.As(err, &notFound) {
		t.Errorf("an unknown repository = %v, want RepositoryNotFoundException", err)
	}
}

func TestAddRepositoryRefuses(t *testing.T) {
	s := start(t)
	for _, r := range []Repository{
		{"12345678901", "us-east-1", "app"}, {"123456789012", "", "app"}, {"123456789012", "US", "app"},
		{"123456789012", "us-east-1", ""}, {"123456789012", "us-east-1", "a"}, {"123456789012", "us-east-1", "App"}, {"123456789012", "us-east-1", "/app"},
	} {
		if err := s.addRepository(r); err == nil {
			t.Errorf("%+v: no error", r)
		}
	}
}

// What the SDK never sends.
func TestRawJSON(t *testing.T) {
	s := start(t)
	const json = "application/x-amz-json-1.1"
	for _, test := range []struct {
		service, target, body string
		status                int
		want                  string
	}{
		{"ecr", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken", "{", 400, `{"__type":"SerializationException",`},
		{"ecr", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken", `{"registryIds":"x"}`, 400, `{"__type":"SerializationException",`},
		{"ecr-public", "SpencerFrontendService.GetAuthorizationToken", "[]", 400, `{"__type":"SerializationException",`},
		{"ecr", "AmazonEC2ContainerRegistry_V20150921.Other", "{}", 400, `{"__type":"UnknownOperationException",`},
		{"ecr-public", "SpencerFrontendService.DescribeRepositories", "{}", 400, `{"__type":"UnknownOperationException",`},
		{"ecr", "Other.GetAuthorizationToken", "{}", 404, `{"__type":"UnknownOperationException",`},
		{"ecr-public", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken", "{}", 400, `{"__type":"InvalidSignatureException","message":"Credential should be scoped to correct service: 'ecr'."}`},
		{"sts", "SpencerFrontendService.GetAuthorizationToken", "{}", 400, `{"__type":"InvalidSignatureException",`},
	} {
		answer, body := signed(t, s, test.service, "us-east-1", "POST", "/", http.Header{"X-Amz-Target": {test.target}, "Content-Type": {json}}, test.body)
		h := answer.Header
		if answer.StatusCode != test.status || !strings.HasPrefix(body, test.want) || h.Get("Content-Type") != json || h.Get("X-Amzn-Requestid") == "" || h.Get("Date") == "" {
			t.Errorf("%s %s = %d %s %v, want %d %s", test.target, test.body, answer.StatusCode, body, h, test.status, test.want)
		}
	}
}
