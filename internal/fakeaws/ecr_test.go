package fakeaws

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"
	publictypes "github.com/aws/aws-sdk-go-v2/service/ecrpublic/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	alice  = "arn:aws:iam::123456789012:user/alice"
	keyID  = "AKIAIOSFODNN7EXAMPLE"
	secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// static are alice's own credentials.
func static() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(keyID, secret, "")
}

func start(t *testing.T) *Server {
	t.Helper()
	s := Start()
	t.Cleanup(s.Close)
	s.AddUser(alice, keyID, secret)
	return s
}

func ecrClient(s *Server, region string, c aws.CredentialsProvider) *ecr.Client {
	return ecr.New(ecr.Options{Region: region, BaseEndpoint: &s.URL, Credentials: c, RetryMaxAttempts: 1})
}

func publicClient(s *Server, region string, c aws.CredentialsProvider) *ecrpublic.Client {
	return ecrpublic.New(ecrpublic.Options{Region: region, BaseEndpoint: &s.URL, Credentials: c, RetryMaxAttempts: 1})
}

func stsClient(s *Server, c aws.CredentialsProvider) *sts.Client {
	return sts.New(sts.Options{Region: "us-east-1", BaseEndpoint: &s.URL, Credentials: c, RetryMaxAttempts: 1})
}

// password returns what a token of GetAuthorizationToken has docker log in with.
func password(t *testing.T, token *string) string {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(aws.ToString(token))
	user, password, ok := strings.Cut(string(text), ":")
	if err != nil || !ok || user != "AWS" {
		t.Fatalf("authorizationToken = %q, want base64 of AWS:…", aws.ToString(token))
	}
	return password
}

// registryPassword returns that of a new token of ECR.
func registryPassword(t *testing.T, s *Server, region string) string {
	t.Helper()
	out, err := ecrClient(s, region, static()).GetAuthorizationToken(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return password(t, out.AuthorizationData[0].AuthorizationToken)
}

func TestGetAuthorizationToken(t *testing.T) {
	s := start(t)
	now := time.Now().Truncate(time.Second).Add(300 * time.Millisecond)
	s.SetClock(func() time.Time { return now })
	out, err := ecrClient(s, "eu-central-1", static()).GetAuthorizationToken(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.AuthorizationData) != 1 {
		t.Fatalf("%d authorizationData, want 1", len(out.AuthorizationData))
	}
	data := out.AuthorizationData[0]
	expires := now.UTC().Truncate(time.Second).Add(12 * time.Hour)
	if !data.ExpiresAt.Equal(expires) {
		t.Errorf("expiresAt = %v, want %v", data.ExpiresAt, expires)
	}
	if got, want := aws.ToString(data.ProxyEndpoint), "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com"; got != want {
		t.Errorf("proxyEndpoint = %q, want %q", got, want)
	}
	secret := password(t, data.AuthorizationToken)
	if n := len(secret); n < 1900 || n > 2200 {
		t.Errorf("the password has %d bytes, want about 2000", n)
	}
	var form struct {
		Payload, DataKey, Version, Type string
		Expiration                      int64
	}
	text, err := base64.StdEncoding.DecodeString(secret)
	if err != nil || json.Unmarshal(text, &form) != nil || form.Payload == "" || form.DataKey == "" ||
		form.Version != "2" || form.Type != "DATA_KEY" || form.Expiration != expires.Unix() {
		t.Errorf("the password is %q", text)
	}
	want := Token{Account: "123456789012", ARN: alice, Region: "eu-central-1", Service: "ecr", Expires: expires}
	if got, ok := s.ECRToken(secret); !ok || got != want {
		t.Errorf("ECRToken = %+v, %v, want %+v", got, ok, want)
	}
	if got, ok := s.ECRToken(secret + "x"); ok {
		t.Errorf("ECRToken of another password = %+v", got)
	}
}

func TestTokensEnd(t *testing.T) {
	s := start(t)
	now := time.Now()
	s.SetClock(func() time.Time { return now })
	old := registryPassword(t, s, "us-east-1")
	s.RevokeECRTokens()
	if got, ok := s.ECRToken(old); ok {
		t.Errorf("ECRToken of a revoked one = %+v", got)
	}
	fresh := registryPassword(t, s, "us-east-1")
	now = now.Add(12*time.Hour - 2*time.Second)
	if _, ok := s.ECRToken(fresh); !ok {
		t.Error("the token has died before its time")
	}
	now = now.Add(2 * time.Second)
	if got, ok := s.ECRToken(fresh); ok {
		t.Errorf("ECRToken of an expired one = %+v", got)
	}
}

func TestRegistryIDs(t *testing.T) {
	for _, test := range []struct {
		region string
		ids    []string
		want   []string // hosts
		err    string
	}{
		{"us-east-1", []string{"111111111111", "222222222222"}, []string{"111111111111.dkr.ecr.us-east-1.amazonaws.com", "222222222222.dkr.ecr.us-east-1.amazonaws.com"}, ""},
		{"cn-north-1", []string{"111111111111"}, []string{"111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn"}, ""},
		{"us-gov-west-1", []string{"111111111111"}, []string{"111111111111.dkr.ecr.us-gov-west-1.amazonaws.com"}, ""},
		{"eusc-de-east-1", []string{"111111111111"}, []string{"111111111111.dkr.ecr.eusc-de-east-1.amazonaws.eu"}, ""},
		{"us-isob-east-1", []string{"111111111111"}, []string{"111111111111.dkr.ecr.us-isob-east-1.sc2s.sgov.gov"}, ""},
		{"us-east-1", []string{"12345678901"}, nil, "must satisfy regular expression '[0-9]{12}'"},
		{"us-east-1", []string{"111111111111", "x"}, nil, "must satisfy regular expression '[0-9]{12}'"},
		{"us-east-1", []string{}, nil, "must have length between 1 and 10"},
		{"us-east-1", slices.Repeat([]string{"111111111111"}, 11), nil, "must have length between 1 and 10"},
	} {
		s := start(t)
		//lint:ignore SA1019 AWS still answers it, and so does the fake
		out, err := ecrClient(s, test.region, static()).GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{RegistryIds: test.ids})
		if test.err != "" {
			var invalid *types.InvalidParameterException
			if !errors.As(err, &invalid) || !strings.Contains(invalid.ErrorMessage(), test.err) {
				t.Errorf("registryIds %q = %v, want InvalidParameterException: … %s", test.ids, err, test.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("registryIds %q: %v", test.ids, err)
			continue
		}
		var got []string
		for _, data := range out.AuthorizationData {
			got = append(got, strings.TrimPrefix(aws.ToString(data.ProxyEndpoint), "https://"))
			if _, ok := s.ECRToken(password(t, data.AuthorizationToken)); !ok {
				t.Errorf("registryIds %q: the token for %s is not known", test.ids, aws.ToString(data.ProxyEndpoint))
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("registryIds %q = %q, want %q", test.ids, got, test.want)
		}
		if input := string(s.Requests()[0].Input); !strings.Contains(input, test.want[0][:12]) {
			t.Errorf("the recorded input is %s", input)
		}
	}
}

func TestPublicToken(t *testing.T) {
	s := start(t)
	out, err := publicClient(s, "us-east-1", static()).GetAuthorizationToken(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := s.ECRToken(password(t, out.AuthorizationData.AuthorizationToken))
	want := Token{Account: "123456789012", ARN: alice, Region: "us-east-1", Service: "ecr-public", Expires: *out.AuthorizationData.ExpiresAt}
	if !ok || got != want {
		t.Errorf("ECRToken = %+v, %v, want %+v", got, ok, want)
	}
	_, err = publicClient(s, "us-west-2", static()).GetAuthorizationToken(t.Context(), nil)
	var unsupported *publictypes.UnsupportedCommandException
	if !errors.As(err, &unsupported) {
		t.Errorf("GetAuthorizationToken in us-west-2 = %v, want UnsupportedCommandException", err)
	}
	registryPassword(t, s, "us-east-1")
	for action, want := range map[string]int{"GetAuthorizationToken": 3, "ecr:GetAuthorizationToken": 1, "ecr-public:GetAuthorizationToken": 2, "sts:GetAuthorizationToken": 0, "": 3} {
		if got := s.Calls(action); got != want {
			t.Errorf("Calls(%q) = %d, want %d", action, got, want)
		}
	}
}
