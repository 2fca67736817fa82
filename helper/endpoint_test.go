package helper

import (
	"errors"
	"testing"

	"aws-connector/internal/connector"

	"github.com/aws/smithy-go"
)

// The endpoints are those that the AWS SDK for Go has for its own clients.
func TestURL(t *testing.T) {
	for _, test := range []struct {
		client Client
		want   string // empty for none
	}{
		{Client{Service: "sts", Region: "eu-central-1"}, "https://sts.eu-central-1.amazonaws.com"},
		{Client{Service: "ecr", Region: "us-east-1", FIPS: true}, "https://api.ecr-fips.us-east-1.amazonaws.com"},
		{Client{Service: "ecr-public", Region: "us-east-1", DualStack: true}, "https://ecr-public.us-east-1.api.aws"},
		{Client{Service: "s3", Region: "us-east-1"}, "https://s3.us-east-1.amazonaws.com"},
		{Client{Service: "s3", Region: "us-east-1", FIPS: true, DualStack: true}, "https://s3-fips.dualstack.us-east-1.amazonaws.com"},
		{Client{Service: "s3", Region: "eusc-de-east-1"}, "https://s3.eusc-de-east-1.amazonaws.eu"},
		{Client{Service: "s3", Region: "cn-north-1", DualStack: true}, "https://s3.dualstack.cn-north-1.amazonaws.com.cn"},
		{Client{Service: "s3", Region: "cn-north-1", FIPS: true}, ""},
		{Client{Service: "eks", Region: "us-east-1"}, "https://eks.us-east-1.amazonaws.com"},
		{Client{Service: "eks", Region: "us-east-1", FIPS: true}, "https://fips.eks.us-east-1.amazonaws.com"},
		{Client{Service: "eks", Region: "us-east-1", FIPS: true, DualStack: true}, "https://eks-fips.us-east-1.api.aws"},
		{Client{Service: "eks", Region: "us-gov-west-1", FIPS: true}, "https://eks.us-gov-west-1.amazonaws.com"},
		{Client{Service: "eks", Region: "us-gov-west-1", FIPS: true, DualStack: true}, "https://eks-fips.us-gov-west-1.api.aws"},
		{Client{Service: "eks", Region: "us-iso-east-1", FIPS: true}, "https://eks-fips.us-iso-east-1.c2s.ic.gov"},
		{Client{Service: "eks", Region: "cn-north-1", DualStack: true}, "https://eks.cn-north-1.api.amazonwebservices.com.cn"},
		{Client{Service: "s3", Region: "eu-central-1", Endpoint: "http://127.0.0.1:9000/", FIPS: true}, "http://127.0.0.1:9000"},
		{Client{Service: "iam", Region: "eu-central-1"}, "https://iam.amazonaws.com"},
		{Client{Service: "iam", Region: "eu-central-1", FIPS: true}, "https://iam-fips.amazonaws.com"},
		{Client{Service: "iam", Region: "eu-central-1", DualStack: true}, "https://iam.global.api.aws"},
		{Client{Service: "iam", Region: "eu-central-1", FIPS: true, DualStack: true}, "https://iam-fips.global.api.aws"},
		{Client{Service: "iam", Region: "cn-northwest-1"}, "https://iam.cn-north-1.amazonaws.com.cn"},
		{Client{Service: "iam", Region: "cn-north-1", DualStack: true}, "https://iam.global.api.amazonwebservices.com.cn"},
		{Client{Service: "iam", Region: "us-gov-east-1"}, "https://iam.us-gov.amazonaws.com"},
		{Client{Service: "iam", Region: "us-gov-east-1", FIPS: true}, "https://iam.us-gov.amazonaws.com"},
		{Client{Service: "iam", Region: "us-gov-west-1", DualStack: true}, "https://iam.us-gov.api.aws"},
		{Client{Service: "iam", Region: "us-iso-west-1"}, "https://iam.us-iso-east-1.c2s.ic.gov"},
		{Client{Service: "iam", Region: "us-iso-east-1", FIPS: true}, "https://iam-fips.us-iso-east-1.c2s.ic.gov"},
		{Client{Service: "iam", Region: "us-isob-east-1"}, "https://iam.us-isob-east-1.sc2s.sgov.gov"},
		{Client{Service: "iam", Region: "eu-isoe-west-1"}, "https://iam.eu-isoe-west-1.cloud.adc-e.uk"},
		{Client{Service: "iam", Region: "us-isof-east-1"}, "https://iam.us-isof-south-1.csp.hci.ic.gov"},
		{Client{Service: "iam", Region: "eusc-de-east-1"}, "https://iam.eusc-de-east-1.amazonaws.eu"},
		{Client{Service: "iam", Region: "eu-central-1", Endpoint: "http://127.0.0.1:9000/"}, "http://127.0.0.1:9000"},
		{Client{Service: "sqs", Region: "eu-central-1"}, ""},
	} {
		got, err := test.client.URL(t.Context())
		var e *Error
		if got != test.want || (got == "") != errors.As(err, &e) {
			t.Errorf("URL(%+v) = %q, %v, want %q", test.client, got, err, test.want)
		}
	}
}

func TestPermission(t *testing.T) {
	for _, test := range []struct{ service, action, want string }{
		{"s3", "ListBuckets", "the connector's user or role must be allowed s3:ListAllMyBuckets on *"},
		{"s3", "HeadBucket", "the connector's user or role must be allowed s3:ListBucket on the bucket"},
		{"eks", "ListClusters", "the connector's user or role must be allowed eks:ListClusters on *"},
		{"ecr", "DescribeRepositories", "the connector's user or role must be allowed ecr:DescribeRepositories on the registry's repositories"},
		{"ecr-public", "DescribeRepositories", "the connector's user or role must be allowed ecr-public:DescribeRepositories on *"},
		{"ecr-public", "GetAuthorizationToken", "the connector's user or role must be allowed ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken on *"},
		{"sts", "GetSessionToken", "GetSessionToken takes no permission: what denies it is a policy of the user or of the organization; if it denies it only without MFA, set mfa_serial"},
	} {
		var e *Error
		err := CallError(connector.Connector{Name: "c"}, test.service, test.action, &smithy.GenericAPIError{Code: "AccessDenied"})
		if !errors.As(err, &e) || e.Advice != test.want {
			t.Errorf("CallError(%s, %s) advises %q, want %q", test.service, test.action, e.Advice, test.want)
		}
	}
}
