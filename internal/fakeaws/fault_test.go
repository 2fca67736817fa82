package fakeaws

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// A fault after the deed leaves an MFA code used up.
func TestFaultAfterTheDeed(t *testing.T) {
	const device = "arn:aws:iam::123456789012:mfa/alice"
	for _, after := range []bool{false, true} {
		s := start(t)
		s.AddMFA("arn:aws:iam::123456789012:user/alice", device, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
		s.Fail(Fault{Action: "GetSessionToken", Times: 1, Code: "InternalFailure", Status: 500, After: after})
		client := sts.New(sts.Options{Region: "us-east-1", BaseEndpoint: &s.URL, Credentials: static(), Retryer: aws.NopRetryer{}})
		in := &sts.GetSessionTokenInput{SerialNumber: aws.String(device), TokenCode: aws.String(s.MFACode(device))}
		if _, err := client.GetSessionToken(t.Context(), in); err == nil {
			t.Fatal("the fault did not come")
		}
		if _, err := client.GetSessionToken(t.Context(), in); (err != nil) != after {
			t.Errorf("the code of a call that failed after it was taken: %t: %v", after, err)
		}
	}
}
