package resource

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/fakeaws"
)

// recorded reads an answer of AWS from testdata/awserrors.
func recorded(t *testing.T, name string) *http.Response {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "awserrors", name+".http"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	a, err := http.ReadResponse(bufio.NewReader(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// S3 and EKS word errors in forms of their own, and they get the same hints.
func TestRefusalsOfS3AndEKS(t *testing.T) {
	const stored = "AWS does not know the stored key: deleted, deactivated or mistyped, or region eu-central-1 is of another partition or not enabled in the account"
	const cached = "AWS refuses the cached session: `aws-connector cache clear c`, and check whether AWS still accepts the stored key"
	for _, test := range []struct {
		answer string
		method connector.Method
		reason helper.Reason
		code   string
		advice string
	}{
		{"s3-identity", connector.IAMRole, helper.Failed, "AccessDenied", "a policy of arn:aws:iam::123456789012:user/alice must allow s3:ListAllMyBuckets on *"},
		{"s3-denied", connector.IAMRole, helper.Failed, "AccessDenied", "the connector's user or role must be allowed s3:ListAllMyBuckets on *"},
		{"s3-rcp", connector.IAMRole, helper.Failed, "AccessDenied", "a resource control policy of the AWS organization that has the resource denies s3:ListAllMyBuckets: only that organization's administrators can change it"},
		{"s3-key", connector.SecretKey, helper.NeedsPerson, "InvalidAccessKeyId", stored},
		{"s3-key", connector.IAMRole, helper.NeedsPerson, "InvalidAccessKeyId", cached},
		{"s3-expired", connector.IAMRole, helper.NeedsPerson, "ExpiredToken", cached},
		{"s3-signature", connector.IAMRole, helper.NeedsPerson, "SignatureDoesNotMatch", cached + "; a proxy that changes requests breaks signatures too"},
		{"s3-clock", connector.IAMRole, helper.Failed, "RequestTimeTooSkewed", "AWS takes a request for 15 minutes after its date: set this machine's clock (`aws-connector doctor` measures it), or look for a proxy that holds requests back"},
		{"s3-region", connector.IAMRole, helper.Misconfigured, "AuthorizationHeaderMalformed", "the endpoint is not one of region eu-central-1: correct region, or endpoint_url (AWS_ENDPOINT_URL)"},
		{"eks-denied", connector.IAMRole, helper.Failed, "AccessDeniedException", "the connector's user or role must be allowed eks:DescribeCluster on the cluster"},
		{"eks-boundary", connector.IAMRole, helper.Failed, "AccessDeniedException", "the permissions boundary of arn:aws:iam::123456789012:user/alice does not allow eks:DescribeCluster: an administrator of its account can change it, and further policies do not help"},
		{"eks-missing", connector.IAMRole, helper.Misconfigured, "ResourceNotFoundException", "correct resource_id or region; `aws-connector resources c` lists what there is"},
		{"eks-key", connector.IAMRole, helper.NeedsPerson, "UnrecognizedClientException", cached},
		{"eks-expired", connector.IAMRole, helper.NeedsPerson, "ExpiredTokenException", cached},
		{"eks-clock", connector.IAMRole, helper.Failed, "InvalidSignatureException", "set this machine's clock: it is 27m16s behind AWS's"},
	} {
		t.Run(test.answer, func(t *testing.T) {
			aws, s := world(t, "")
			a := recorded(t, test.answer)
			body, err := io.ReadAll(a.Body)
			if err != nil {
				t.Fatal(err)
			}
			s.connector.Method = test.method
			aws.Fail(fakeaws.Fault{Status: a.StatusCode, Body: string(body), ContentType: a.Header.Get("Content-Type"), Header: a.Header})
			if strings.HasPrefix(test.answer, "s3-") {
				_, err = s.buckets(t.Context())
			} else {
				_, err = s.describeCluster(t.Context(), "prod")
			}
			var e *helper.Error
			if !errors.As(err, &e) || !strings.Contains(e.Text, ": "+test.code+": ") {
				t.Fatalf("err = %v, want %s", err, test.code)
			}
			if e.Reason != test.reason || e.Advice != test.advice || strings.Contains(e.Text, "CANARY") {
				t.Errorf("%s\nreason %d, advice %q\nwant   %d,        %q", e.Text, e.Reason, e.Advice, test.reason, test.advice)
			}
		})
	}
}
