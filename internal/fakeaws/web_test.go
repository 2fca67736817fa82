package fakeaws

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

func TestWebIdentity(t *testing.T) {
	s := start(t)
	const open, closed = "arn:aws:iam::123456789012:role/Open", "arn:aws:iam::123456789012:role/Closed"
	s.AddRole(Role{ARN: open})
	s.AddRole(Role{ARN: closed, Trusts: []string{"arn:aws:iam::123456789012:oidc-provider/idp.example"}})
	hour := time.Now().Add(time.Hour)
	for _, test := range []struct {
		name, role, token string
		seconds           int32
		want              string // "" is an answer
	}{
		{"any provider", open, WebIdentityToken("other.example", "me", hour), 900, ""},
		{"the role's provider", closed, WebIdentityToken("idp.example", "me", hour), 3600, ""},
		{"another provider", closed, WebIdentityToken("other.example", "me", hour), 900, "AccessDenied"},
		{"no such role", open + "x", WebIdentityToken("idp.example", "me", hour), 900, "AccessDenied"},
		{"expired", open, WebIdentityToken("idp.example", "me", time.Now()), 900, "ExpiredTokenException"},
		{"no token", open, "jwt1", 900, "InvalidIdentityToken"},
		{"nobody's", open, WebIdentityToken("idp.example", "", hour), 900, "InvalidIdentityToken"},
		{"too long", open, WebIdentityToken("idp.example", "me", hour), 3601, "ValidationError"},
	} {
		out, err := stsClient(s, aws.AnonymousCredentials{}).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: &test.role, RoleSessionName: aws.String("test"), WebIdentityToken: &test.token, DurationSeconds: &test.seconds,
			Policy: aws.String(`{"Version":"2012-10-17","Statement":[]}`), PolicyArns: []types.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")}}})
		status := http.StatusBadRequest
		if test.want == "AccessDenied" {
			status = http.StatusForbidden
		}
		checkError(t, test.name, err, test.want, status)
		if err != nil {
			continue
		}
		id, ok := s.Identity(*out.Credentials.AccessKeyId)
		if !ok || id.RoleARN != test.role || id.Parent != "" || id.Policy == "" || len(id.PolicyARNs) != 1 || aws.ToString(out.SubjectFromWebIdentityToken) != "me" {
			t.Errorf("%s: the session is of %+v", test.name, id)
		}
	}
}
