package fakeaws

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestHeadBucket(t *testing.T) {
	s := start(t)
	s.AddBucket(Bucket{"123456789012", "eu-central-1", "our-logs"})
	s.AddBucket(Bucket{"999999999999", "eu-central-1", "their-logs"})
	for _, test := range []struct {
		region, name string
		status       int
		bucketRegion string
	}{
		{"eu-central-1", "our-logs", 200, "eu-central-1"},
		{"eu-central-1", "our-logs/", 200, "eu-central-1"},
		{"us-east-1", "our-logs", 301, "eu-central-1"},
		{"eu-central-1", "their-logs", 403, "eu-central-1"},
		{"us-east-1", "their-logs", 403, "eu-central-1"},
		{"eu-central-1", "no-logs", 404, ""},
		{"eu-central-1", "our-logs/key", 404, ""},
	} {
		answer, body := signed(t, s, "s3", test.region, "HEAD", "/"+test.name, nil, "")
		if got := answer.Header.Get("X-Amz-Bucket-Region"); answer.StatusCode != test.status || got != test.bucketRegion || body != "" {
			t.Errorf("HEAD %s in %s = %d, region %q, %q, want %d, region %q", test.name, test.region, answer.StatusCode, got, body, test.status, test.bucketRegion)
		}
	}
	if got := s.Calls("s3:HeadBucket"); got != 6 {
		t.Errorf("%d calls of HeadBucket, want 6", got)
	}
	answer, err := http.Head(s.URL + "/our-logs")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 403 || answer.Header.Get("X-Amz-Bucket-Region") != "" {
		t.Errorf("HEAD without a signature = %d %v, want 403", answer.StatusCode, answer.Header)
	}
}

func TestListBuckets(t *testing.T) {
	s := start(t)
	for i := range 5 {
		s.AddBucket(Bucket{"123456789012", []string{"us-east-1", "eu-central-1"}[i%2], fmt.Sprintf("bucket-%d", i)})
	}
	s.AddBucket(Bucket{"123456789012", "us-east-1", "logs"})
	s.AddBucket(Bucket{"999999999999", "us-east-1", "theirs"})
	var l struct {
		Buckets []struct {
			Name, BucketRegion string
			CreationDate       time.Time
		} `xml:"Buckets>Bucket"`
		ContinuationToken string
	}
	list := func(query string) []string {
		answer, body := signed(t, s, "s3", "us-east-1", "GET", "/?x-id=ListBuckets"+query, nil, "")
		l.Buckets, l.ContinuationToken = nil, ""
		if err := xml.Unmarshal([]byte(body), &l); answer.StatusCode != 200 || err != nil {
			t.Fatalf("ListBuckets%s = %d %s", query, answer.StatusCode, body)
		}
		var names []string
		for _, b := range l.Buckets {
			names = append(names, b.Name)
			if since := time.Since(b.CreationDate); since < 0 || since > time.Minute || (b.BucketRegion == "") != (query == "") {
				t.Errorf("ListBuckets%s has %+v", query, b)
			}
		}
		return names
	}
	all := []string{"bucket-0", "bucket-1", "bucket-2", "bucket-3", "bucket-4", "logs"}
	for query, want := range map[string][]string{
		"": all, "&prefix=lo": {"logs"}, "&prefix=x": nil,
		"&bucket-region=eu-central-1": {"bucket-1", "bucket-3"},
	} {
		if got := list(query); !slices.Equal(got, want) {
			t.Errorf("ListBuckets%s = %q, want %q", query, got, want)
		}
	}
	var paged []string
	for token := ""; ; token = l.ContinuationToken {
		paged = append(paged, list("&max-buckets=4&continuation-token="+url.QueryEscape(token))...)
		if l.ContinuationToken == "" {
			break
		}
	}
	if !slices.Equal(paged, all) {
		t.Errorf("ListBuckets in pages = %q, want %q", paged, all)
	}
	for _, query := range []string{"max-buckets=0", "max-buckets=10001", "max-buckets=x", "continuation-token=x"} {
		if answer, body := signed(t, s, "s3", "us-east-1", "GET", "/?"+query, nil, ""); answer.StatusCode != 400 || !strings.Contains(body, "<Code>InvalidArgument</Code>") {
			t.Errorf("ListBuckets with %s = %d %s, want 400 InvalidArgument", query, answer.StatusCode, body)
		}
	}
}

func TestClusters(t *testing.T) {
	s := start(t)
	for _, name := range []string{"prod", "dev", "test"} {
		s.AddCluster(Cluster{Account: "123456789012", Region: "eu-central-1", Name: name, Endpoint: "https://" + name + ".example", CertificateAuthority: "PEM of " + name})
	}
	s.AddCluster(Cluster{Account: "123456789012", Region: "us-east-1", Name: "elsewhere"})
	s.AddCluster(Cluster{Account: "999999999999", Region: "eu-central-1", Name: "theirs"})
	s.AddCluster(Cluster{Account: "123456789012", Region: "cn-north-1", Name: "china", Version: "1.30"})
	var names []string
	for token := ""; ; {
		answer, body := signed(t, s, "eks", "eu-central-1", "GET", "/clusters?maxResults=2&nextToken="+url.QueryEscape(token), nil, "")
		var page struct {
			Clusters  []string
			NextToken string
		}
		if err := json.Unmarshal([]byte(body), &page); answer.StatusCode != 200 || err != nil || len(page.Clusters) > 2 {
			t.Fatalf("ListClusters = %d %s", answer.StatusCode, body)
		}
		names = append(names, page.Clusters...)
		if token = page.NextToken; token == "" {
			break
		}
	}
	if want := []string{"dev", "prod", "test"}; !slices.Equal(names, want) {
		t.Errorf("ListClusters = %q, want %q", names, want)
	}
	_, body := signed(t, s, "eks", "eu-central-1", "GET", "/clusters/dev", nil, "")
	var out struct{ Cluster clusterBody }
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatal(err)
	}
	created := out.Cluster.CreatedAt
	out.Cluster.CreatedAt = 0
	want := clusterBody{Name: "dev", ARN: "arn:aws:eks:eu-central-1:123456789012:cluster/dev", Version: "1.33", Endpoint: "https://dev.example", Status: "ACTIVE", CertificateAuthority: certificateBody{"UEVNIG9mIGRldg=="}}
	if out.Cluster != want || time.Since(time.Unix(created, 0)) > time.Minute {
		t.Errorf("DescribeCluster = %s, want %+v", body, want)
	}
	_, body = signed(t, s, "eks", "cn-north-1", "GET", "/clusters/china", nil, "")
	if !strings.Contains(body, `"arn":"arn:aws-cn:eks:cn-north-1:123456789012:cluster/china"`) || !strings.Contains(body, `"version":"1.30"`) {
		t.Errorf("DescribeCluster = %s", body)
	}
	if _, body := signed(t, s, "eks", "ap-south-1", "GET", "/clusters", nil, ""); body != `{"clusters":[]}` {
		t.Errorf("ListClusters of an empty region = %s", body)
	}
}

func TestRefusalsOfEKS(t *testing.T) {
	s := start(t)
	s.AddCluster(Cluster{Account: "123456789012", Region: "us-east-1", Name: "dev"})
	s.AddCluster(Cluster{Account: "999999999999", Region: "us-east-1", Name: "theirs"})
	s.Fail(Fault{Action: "eks:DescribeCluster", Code: "ServerException", Message: "oops", Status: 500, Times: 1})
	for _, test := range []struct {
		service, path string
		status        int
		code          string
	}{
		{"eks", "/clusters/dev", 500, "ServerException"},
		{"eks", "/clusters/dev", 200, ""},
		{"eks", "/clusters/theirs", 404, "ResourceNotFoundException"},
		{"eks", "/clusters/none", 404, "ResourceNotFoundException"},
		{"eks", "/clusters?maxResults=0", 400, "InvalidParameterException"},
		{"eks", "/clusters?maxResults=101", 400, "InvalidParameterException"},
		{"eks", "/clusters?nextToken=x", 400, "InvalidParameterException"},
		{"ecr", "/clusters", 403, "InvalidSignatureException"},
	} {
		answer, body := signed(t, s, test.service, "us-east-1", "GET", test.path, nil, "")
		var message struct{ Message string }
		err := json.Unmarshal([]byte(body), &message)
		if answer.StatusCode != test.status || err != nil || answer.Header.Get("X-Amzn-Errortype") != test.code || (message.Message == "") != (test.code == "") {
			t.Errorf("GET %s = %d %s %s, want %d %s", test.path, answer.StatusCode, answer.Header.Get("X-Amzn-Errortype"), body, test.status, test.code)
		}
	}
	for path, want := range map[string]string{"/clusters": "MissingAuthenticationTokenException", "/clusters/": "", "/clusters/a/b": ""} {
		answer, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if got := answer.Header.Get("X-Amzn-Errortype"); got != want || answer.StatusCode < 400 {
			t.Errorf("GET %s without a signature = %d %q, want %q", path, answer.StatusCode, got, want)
		}
	}
}

func TestWrongPlaces(t *testing.T) {
	s := start(t)
	for _, b := range []Bucket{{"1", "us-east-1", "logs"}, {"123456789012", "", "logs"}, {"123456789012", "us-east-1", "Logs"}, {"123456789012", "us-east-1", "a/b"}} {
		if err := s.addBucket(b); err == nil {
			t.Errorf("%+v: no error", b)
		}
	}
	for _, c := range []Cluster{{Account: "1", Region: "us-east-1", Name: "dev"}, {Account: "123456789012", Region: "x", Name: "dev"}, {Account: "123456789012", Region: "us-east-1", Name: "a/b"}} {
		if err := s.addCluster(c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}
