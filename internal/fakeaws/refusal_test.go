package fakeaws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

func TestRefusals(t *testing.T) {
	s := start(t)
	s.AddRole(Role{ARN: "arn:aws:iam::123456789012:role/Deploy"})
	role, err := stsClient(s, static()).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/Deploy"), RoleSessionName: aws.String("test")})
	if err != nil {
		t.Fatal(err)
	}
	federated, err := stsClient(s, static()).GetFederationToken(t.Context(), &sts.GetFederationTokenInput{Name: aws.String("bob")})
	if err != nil {
		t.Fatal(err)
	}
	session := func(id, secret, token *string) aws.CredentialsProvider {
		return credentials.NewStaticCredentialsProvider(aws.ToString(id), aws.ToString(secret), aws.ToString(token))
	}
	good := session(role.Credentials.AccessKeyId, role.Credentials.SecretAccessKey, role.Credentials.SessionToken)
	for _, test := range []struct {
		name        string
		credentials aws.CredentialsProvider
		later       time.Duration // for the server and the client
		want        string        // "" is an answer
	}{
		{"a session", good, 0, ""},
		{"a session's last minute", good, 59 * time.Minute, ""},
		{"an expired session", good, 61 * time.Minute, "ExpiredTokenException"},
		{"no session token", session(role.Credentials.AccessKeyId, role.Credentials.SecretAccessKey, nil), 0, "UnrecognizedClientException"},
		{"another session token", session(role.Credentials.AccessKeyId, role.Credentials.SecretAccessKey, federated.Credentials.SessionToken), 0, "UnrecognizedClientException"},
		{"an unknown key", credentials.NewStaticCredentialsProvider("AKIAUNKNOWN", secret, ""), 0, "UnrecognizedClientException"},
		{"a wrong secret", credentials.NewStaticCredentialsProvider(keyID, secret+"x", ""), 0, "InvalidSignatureException"},
		{"no signature", aws.AnonymousCredentials{}, 0, "MissingAuthenticationTokenException"},
		{"a federated user without a policy", session(federated.Credentials.AccessKeyId, federated.Credentials.SecretAccessKey, federated.Credentials.SessionToken), 0, "AccessDeniedException"},
	} {
		s.SetClock(func() time.Time { return time.Now().Add(test.later) })
		_, err := ecr.New(ecr.Options{Region: "us-east-1", BaseEndpoint: &s.URL, Credentials: test.credentials}).GetAuthorizationToken(t.Context(), nil)
		checkError(t, test.name, err, test.want, http.StatusBadRequest)
		_, err = ecrpublic.New(ecrpublic.Options{Region: "us-east-1", BaseEndpoint: &s.URL, Credentials: test.credentials}).GetAuthorizationToken(t.Context(), nil)
		checkError(t, "public: "+test.name, err, test.want, http.StatusBadRequest)
	}
	// The other service keeps its own words.
	_, err = stsClient(s, credentials.NewStaticCredentialsProvider(keyID, "x", "")).GetCallerIdentity(t.Context(), nil)
	s.SetClock(nil)
	checkError(t, "sts", err, "SignatureDoesNotMatch", http.StatusForbidden)
}

// checkError checks that err is AWS's error of that code, and one with a request id.
func checkError(t *testing.T, name string, err error, code string, status int) {
	t.Helper()
	if code == "" {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return
	}
	var api smithy.APIError
	var response *awshttp.ResponseError
	if !errors.As(err, &api) || !errors.As(err, &response) {
		t.Errorf("%s = %v, want %s", name, err, code)
		return
	}
	if api.ErrorCode() != code || api.ErrorMessage() == "" || response.HTTPStatusCode() != status || response.ServiceRequestID() == "" {
		t.Errorf("%s = %d %s %q, request id %q, want %d %s", name, response.HTTPStatusCode(), api.ErrorCode(), api.ErrorMessage(), response.ServiceRequestID(), status, code)
	}
}

func TestRegionsOfECR(t *testing.T) {
	s := start(t)
	s.SetRegions("eu-west-1")
	registryPassword(t, s, "eu-west-1")
	_, err := ecrClient(s, "us-east-1", static()).GetAuthorizationToken(t.Context(), nil)
	checkError(t, "another region", err, "InvalidSignatureException", http.StatusBadRequest)
}

// The SDK learns the server's time from its first refusal and signs again.
func TestClockSkewIsCorrected(t *testing.T) {
	for _, offset := range []time.Duration{-time.Hour, time.Hour} {
		s := start(t)
		s.SetClock(func() time.Time { return time.Now().Add(offset) })
		c := ecr.New(ecr.Options{Region: "us-east-1", BaseEndpoint: &s.URL, Credentials: static()})
		if _, err := c.GetAuthorizationToken(t.Context(), nil); err != nil {
			t.Errorf("offset %v: %v", offset, err)
		}
		if got := s.Calls("ecr:GetAuthorizationToken"); got != 2 {
			t.Errorf("offset %v: %d calls, want 2", offset, got)
		}
		_, err := ecrClient(s, "us-east-1", static()).GetAuthorizationToken(t.Context(), nil)
		checkError(t, fmt.Sprint("offset ", offset), err, "InvalidSignatureException", http.StatusBadRequest)
	}
}

func TestFaultsOfECR(t *testing.T) {
	s := start(t)
	s.Fail(Fault{Action: "ecr-public:GetAuthorizationToken", Code: "AccessDeniedException", Message: "no", Times: 1})
	s.Fail(Fault{Action: "GetAuthorizationToken", Code: "ServerException", Message: "oops", Status: 500, Times: 1})
	s.Fail(Fault{Action: "AssumeRole", Code: "AccessDenied"})
	get := func() error {
		_, err := ecrClient(s, "us-east-1", static()).GetAuthorizationToken(context.Background(), nil)
		return err
	}
	checkError(t, "ecr", get(), "ServerException", 500)
	_, err := publicClient(s, "us-east-1", static()).GetAuthorizationToken(t.Context(), nil)
	checkError(t, "ecr-public", err, "AccessDeniedException", 400)
	checkError(t, "after them", get(), "", 0)
	s.Fail(Fault{Action: "ecr:GetAuthorizationToken", Body: `{"authorizationData":[]}`, ContentType: "application/x-amz-json-1.1"})
	if err := get(); err != nil {
		t.Errorf("an empty list: %v", err)
	}
}
