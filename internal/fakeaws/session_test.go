package fakeaws

import (
	"strings"
	"testing"
)

func TestAllows(t *testing.T) {
	const policy = `{"Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":["arn:aws:s3:::b/*","arn:aws:s3:::c.d/x?"]},
		{"Effect":"Deny","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::b/secret*"},
		{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}},
		{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}]}`
	for p, want := range map[permission]bool{
		{"s3:GetObject", "arn:aws:s3:::b/k/l"}: true, {"s3:GetObject", "arn:aws:s3:::b"}: false, {"s3:GetObject", "arn:aws:s3:::bb/k"}: false,
		{"s3:PutObject", "arn:aws:s3:::b/k"}: false, {"s3:GetObject", "arn:aws:s3:::b/secret/1"}: false,
		{"s3:GetObject", "arn:aws:s3:::c.d/x1"}: true, {"s3:GetObject", "arn:aws:s3:::cxd/x1"}: false, {"eks:ListClusters", "*"}: false,
	} {
		if got := allows(policy, p); got != want {
			t.Errorf("allows(%v) = %t, want %t", p, got, want)
		}
	}
	if allows("{", permission{"s3:GetObject", "x"}) || allows(`{"Statement":[]}`, permission{"s3:GetObject", "x"}) {
		t.Error("a policy that allows nothing allows something")
	}
}

func TestObjects(t *testing.T) {
	s := start(t)
	s.AddBucket(Bucket{"123456789012", "eu-central-1", "logs"})
	s.AddBucket(Bucket{"999999999999", "eu-central-1", "theirs"})
	for _, step := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/logs/a", "", 404, "<Code>NoSuchKey</Code>"},
		{"PUT", "/logs/a", "one", 200, ""},
		{"PUT", "/logs/d/b", "two", 200, ""},
		{"GET", "/logs/a", "", 200, "one"},
		{"HEAD", "/logs/a", "", 200, ""},
		{"GET", "/logs?list-type=2&delimiter=%2F", "", 200, "<Key>a</Key>"},
		{"GET", "/logs?list-type=2&delimiter=%2F", "", 200, "<CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes>"},
		{"GET", "/logs?list-type=2&prefix=d%2F", "", 200, "<Key>d/b</Key>"},
		{"DELETE", "/logs/a", "", 200, ""},
		{"HEAD", "/logs/a", "", 404, ""},
		{"PUT", "/theirs/a", "one", 403, "AccessDenied"},
		{"POST", "/logs/a?uploads", "", 404, ""},
	} {
		answer, body := signed(t, s, "s3", "eu-central-1", step.method, step.path, nil, step.body)
		if answer.StatusCode != step.status || !strings.Contains(body, step.want) {
			t.Errorf("%s %s = %d %s, want %d %s", step.method, step.path, answer.StatusCode, body, step.status, step.want)
		}
	}
}
