package helper

import (
	"context"

	"aws-connector/internal/connector"

	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Whose asks AWS, as c does, whose the credentials are, and returns the ARN: every
// key may ask that. Its error is that of [CallError].
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func (h *Helper) Whose(ctx context.Context, c connector.Connector, with Credentials) (string, error) {
	o, err := h.Client(c, with, serviceSTS, c.Region)
	if err != nil {
		return "", err
	}
	client, err := o.STS()
	if err != nil {
		return "", err
	}
	out, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err == nil && out.Arn == nil {
		err = errUnreadable
	}
	if err != nil {
		return "", awsError(opGetCallerIdentity, c, err)
	}
	return Clean(*out.Arn), nil
}
