package resource

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/fakeaws"
	"aws-connector/internal/secret"
)

const (
	account     = "123456789012"
	accessKeyID = "AKIAIOSFODNN7EXAMPLE"
	canary      = "CANARYwJalrXUtnFEMI"
)

// source hands out one user's key.
type source struct{ *helper.Helper }

func (source) Credentials(context.Context, string) (helper.Credentials, error) {
	return helper.Credentials{AccessKeyID: accessKeyID, SecretAccessKey: secret.New(canary)}, nil
}

func file(t *testing.T, text string) connector.File {
	t.Helper()
	f, err := connector.Parse("f", []byte("[defaults]\nregion = \"eu-central-1\"\nauth_method = \"secret-key\"\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// world is a fake AWS, and a session of a user there for the connector c.
func world(t *testing.T, fields string) (*fakeaws.Server, session) {
	t.Helper()
	aws := fakeaws.Start()
	t.Cleanup(aws.Close)
	aws.AddUser("arn:aws:iam::"+account+":user/alice", accessKeyID, canary)
	f := file(t, "[connectors.c]\nendpoint_url = \""+aws.URL+"\"\n"+fields)
	c, err := f.Lookup("c")
	if err != nil {
		t.Fatal(err)
	}
	from := source{&helper.Helper{Connectors: f}}
	with, err := from.Credentials(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	return aws, session{from, c, with}
}

func TestEveryPage(t *testing.T) {
	aws, s := world(t, "")
	const many, few = 10001, 234
	for i := range many {
		aws.AddBucket(fakeaws.Bucket{Account: account, Region: "us-east-1", Name: fmt.Sprintf("bucket-%05d", i)})
	}
	for i := range few {
		aws.AddCluster(fakeaws.Cluster{Account: account, Region: "eu-central-1", Name: fmt.Sprintf("c-%04d", i)})
		aws.AddRepository(fakeaws.Repository{Account: account, Region: "eu-central-1", Name: fmt.Sprintf("r/%04d", i)})
	}
	lists, err := List(t.Context(), s.source, s.connector, Types())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		n           int
		first, last string
		action      string
		calls       int
	}{
		{many, "s3://bucket-00000", "s3://bucket-10000", "ListBuckets", 2},
		{few, "c-0000", "c-0233", "ListClusters", 3},
		{1, account + ".dkr.ecr.eu-central-1.amazonaws.com", account + ".dkr.ecr.eu-central-1.amazonaws.com", "DescribeRepositories", 3},
	} {
		r := lists[i].Resources
		if lists[i].Err != nil || len(r) != want.n || r[0].ID != want.first || r[len(r)-1].ID != want.last {
			t.Errorf("List has %d of %s (%v), want %d", len(r), lists[i].Type, lists[i].Err, want.n)
		}
		if got := aws.Calls(want.action); got != want.calls {
			t.Errorf("%d calls of %s, want %d", got, want.action, want.calls)
		}
	}
	if n := len(lists[2].Resources[0].Repositories); n != few {
		t.Errorf("List has %d repositories, want %d", n, few)
	}
}

func TestRegistryOfAnother(t *testing.T) {
	for fields, want := range map[string]string{
		`resource_id = "999999999999.dkr.ecr.eu-central-1.amazonaws.com"`: "DescribeRepositories: AccessDeniedException: ",
		`resource_id = "public.ecr.aws"`:                                  "DescribeRepositories: ",
	} {
		aws, s := world(t, "resource_type = \"docker-registry\"\n"+fields)
		l := s.list(t.Context(), connector.DockerRegistry)
		if l.Err == nil || !strings.Contains(l.Err.Error(), want) || len(l.Resources) > 0 {
			t.Errorf("list with %s = %v, %v, want the error %q", fields, l.Resources, l.Err, want)
		}
		if strings.Contains(fields, "public") && aws.Calls("ecr-public:DescribeRepositories") != 1 {
			t.Error("ECR Public was not asked")
		}
	}
	aws, s := world(t, "resource_type = \"docker-registry\"\nresource_id = \"public.ecr.aws\"\n")
	aws.Fail(fakeaws.Fault{Action: "ecr-public:DescribeRepositories", Body: `{"repositories":[{"repositoryUri":"public.ecr.aws/b/two"},{"repositoryUri":"public.ecr.aws/a/one"}]}`})
	l := s.list(t.Context(), connector.DockerRegistry)
	if l.Err != nil || len(l.Resources) != 1 || l.Resources[0].ID != "public.ecr.aws" || !slices.Equal(l.Resources[0].Repositories, []string{"public.ecr.aws/a/one", "public.ecr.aws/b/two"}) {
		t.Errorf("list of ECR Public = %+v, %v", l.Resources, l.Err)
	}
}

func TestOddAnswers(t *testing.T) {
	const buckets = `<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets><Bucket><Name>%s</Name></Bucket></Buckets><ContinuationToken>%s</ContinuationToken></ListAllMyBucketsResult>`
	for _, test := range []struct {
		kind   connector.ResourceType
		fault  fakeaws.Fault
		want   string
		reason helper.Reason
	}{
		{connector.S3Bucket, fakeaws.Fault{Body: "<html>Sign in</html>"}, "ListBuckets: the answer is not of the form that AWS documents", helper.Failed},
		{connector.S3Bucket, fakeaws.Fault{Body: fmt.Sprintf(buckets, "a-b", "again")}, "ListBuckets: the answer leads from one page to the same again", helper.Failed},
		{connector.S3Bucket, fakeaws.Fault{Code: "AccessDenied", Status: 403, Message: "Access Denied"}, "ListBuckets: AccessDenied: Access Denied", helper.Failed},
		{connector.S3Bucket, fakeaws.Fault{Code: "InvalidAccessKeyId", Status: 403, Message: "no"}, "ListBuckets: InvalidAccessKeyId: no", helper.NeedsPerson},
		{connector.S3Bucket, fakeaws.Fault{Status: 502, Body: "<h1>Bad gateway</h1>"}, "ListBuckets: HTTP status 502 without an AWS error", helper.Temporary},
		{connector.S3Bucket, fakeaws.Fault{Status: 407}, "ListBuckets: HTTP status 407: a proxy on the way wants a user name and a password", helper.Failed},
		{connector.KubernetesCluster, fakeaws.Fault{Body: "["}, "ListClusters: the answer is not of the form that AWS documents", helper.Failed},
		{connector.KubernetesCluster, fakeaws.Fault{Code: "ThrottlingException", Status: 429, Message: "slow\x1b[31m down"}, "ListClusters: ThrottlingException: slow\ufffd[31m down", helper.Temporary},
		{connector.DockerRegistry, fakeaws.Fault{Action: "DescribeRepositories", Code: "ServerException", Status: 500, Message: "oops"}, "DescribeRepositories: ServerException: oops", helper.Temporary},
	} {
		aws, s := world(t, "")
		aws.Fail(test.fault)
		l := s.list(t.Context(), test.kind)
		var e *helper.Error
		if !errors.As(l.Err, &e) || e.Text != test.want || e.Reason != test.reason {
			t.Errorf("list with %+v = %v, want %q, %d", test.fault, l.Err, test.want, test.reason)
		}
	}
}

// A request goes out again where that may help, and by AWS's clock if ours is wrong.
func TestAgain(t *testing.T) {
	aws, s := world(t, "")
	aws.Fail(fakeaws.Fault{Times: 2, Code: "SlowDown", Status: 503, Message: "busy"})
	if l := s.list(t.Context(), connector.S3Bucket); l.Err != nil || aws.Calls("ListBuckets") != 3 {
		t.Errorf("list after two refusals = %v in %d calls", l.Err, aws.Calls("ListBuckets"))
	}
	aws.ClearRequests()
	aws.SetClock(func() time.Time { return time.Now().Add(time.Hour) })
	if l := s.list(t.Context(), connector.KubernetesCluster); l.Err != nil || aws.Calls("ListClusters") != 2 {
		t.Errorf("list with a clock that is an hour late = %v in %d calls", l.Err, aws.Calls("ListClusters"))
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if l := s.list(ended, connector.S3Bucket); !errors.Is(l.Err, context.Canceled) {
		t.Errorf("list that was interrupted = %v", l.Err)
	}
}

func TestClusterStatus(t *testing.T) {
	for status, reason := range map[string]helper.Reason{"ACTIVE": -1, "UPDATING": -1, "CREATING": helper.Temporary, "DELETING": helper.Failed, "FAILED": helper.Failed} {
		err := Cluster{Status: status}.usable()
		var e *helper.Error
		if got := errors.As(err, &e); got != (reason >= 0) || got && e.Reason != reason {
			t.Errorf("usable() of a cluster that is %s = %v", status, err)
		}
	}
}

func TestBucketURL(t *testing.T) {
	for _, test := range []struct {
		client     helper.Client
		name, want string
	}{
		{helper.Client{Region: "eu-central-1"}, "a", "https://a.s3.eu-central-1.amazonaws.com/"},
		{helper.Client{Region: "eu-central-1"}, "a.b", "https://s3.eu-central-1.amazonaws.com/a.b"},
		{helper.Client{Region: "us-gov-west-1", FIPS: true}, "a", "https://a.s3-fips.us-gov-west-1.amazonaws.com/"},
		{helper.Client{Region: "cn-north-1", DualStack: true}, "a", "https://a.s3.dualstack.cn-north-1.amazonaws.com.cn/"},
		{helper.Client{Region: "eu-central-1", Endpoint: "http://127.0.0.1:9000/"}, "a", "http://127.0.0.1:9000/a"},
		{helper.Client{Region: "eu-central-1", Endpoint: "https://minio.example"}, "a", "https://minio.example/a"},
	} {
		test.client.Service = serviceS3
		sender, err := test.client.Sender(t.Context(), helper.PageLimit)
		if err != nil {
			t.Fatal(err)
		}
		if got := bucketURL(sender, test.name); got != test.want {
			t.Errorf("bucketURL(%q) of %+v = %q, want %q", test.name, test.client, got, test.want)
		}
	}
}

// A registry's password goes nowhere but to the registry.
func TestRealm(t *testing.T) {
	r, _ := connector.ParseRegistry("public.ecr.aws")
	for header, want := range map[string]string{
		`Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",scope="aws"`: "https://public.ecr.aws/token/?service=public.ecr.aws",
		`Bearer realm="https://evil.example/token/",service="public.ecr.aws"`:               "",
		`Bearer realm="https://public.ecr.aws@evil.example/"`:                               "",
		`Bearer realm="http://public.ecr.aws/token/"`:                                       "",
		`Basic realm="https://public.ecr.aws/"`:                                             "",
		``:                                                                                  "",
	} {
		a := answer{status: http.StatusUnauthorized, header: http.Header{"Www-Authenticate": {header}}}
		if got, ok := a.realm(r); got != want || ok != (want != "") {
			t.Errorf("realm(%q) = %q, %v, want %q", header, got, ok, want)
		}
	}
}

// crowd gives credentials to nobody before all have come.
type crowd struct {
	source
	all *sync.WaitGroup
}

func (c crowd) Credentials(ctx context.Context, name string) (helper.Credentials, error) {
	c.all.Done()
	c.all.Wait()
	return helper.Credentials{}, fmt.Errorf("connector %q: nothing", name)
}

func TestCheckAllAtOnce(t *testing.T) {
	const many = 50
	var text strings.Builder
	var names []string
	for i := range many {
		names = append(names, fmt.Sprintf("c%02d", i))
		fmt.Fprintf(&text, "[connectors.%s]\n", names[i])
	}
	var all sync.WaitGroup
	all.Add(many)
	k := Checker{File: file(t, text.String()), Source: crowd{all: &all}}
	got := make([]string, many)
	k.Check(t.Context(), names, func(i int, r Report) {
		got[i] = r.Connector
		if want := "connector \"" + names[i] + "\": nothing"; r.Passed() || r.Failure().Error() != want || r.Steps[1].Outcome != Skipped {
			t.Errorf("Check(%q) = %+v, want %q", names[i], r, want)
		}
	})
	if !slices.Equal(got, names) {
		t.Errorf("Check told of %q, want %q", got, names)
	}
}

// stuck hangs for all connectors but one.
type stuck struct {
	source
	works string
}

func (s stuck) Credentials(ctx context.Context, name string) (helper.Credentials, error) {
	if name == s.works && ctx.Err() == nil {
		return helper.Credentials{}, errors.New("it was asked")
	}
	<-ctx.Done()
	return helper.Credentials{}, ctx.Err()
}

func TestCheckLeavesTimeToOthers(t *testing.T) {
	const n = 3*connectorsAtOnce + 1
	var text strings.Builder
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("c%d", i))
		fmt.Fprintf(&text, "[connectors.c%d]\n", i)
	}
	f := file(t, text.String())
	last := names[n-1]
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		k := Checker{File: f, Source: stuck{source{&helper.Helper{Connectors: f}}, last}}
		k.Check(ctx, names, func(i int, r Report) {
			if asked := r.Failure().Error() == "it was asked"; asked != (names[i] == last) {
				t.Errorf("%s: %v", names[i], r.Failure())
			}
		})
	})
}
