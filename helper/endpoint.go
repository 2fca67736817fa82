package helper

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"aws-connector/internal/connector"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
)

// Services are the services that a connector may call, by their names in endpoint_urls.
func Services() []string {
	return []string{serviceSTS, serviceECR, serviceECRPublic, serviceEKS, serviceS3, serviceIAM}
}

// URL returns the endpoint that o calls, without a slash at its end: Endpoint,
// or AWS's own of o's region and kind. Its error is an [*Error].
func (o Client) URL(ctx context.Context) (string, error) {
	if o.Endpoint != "" {
		return strings.TrimSuffix(o.Endpoint, "/"), nil
	}
	var e smithyendpoints.Endpoint
	var err error
	switch o.Service {
	case serviceSTS:
		e, err = sts.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, sts.EndpointParameters{Region: &o.Region, UseFIPS: &o.FIPS, UseDualStack: &o.DualStack})
	case serviceECR, serviceECRPublic:
		return o.ecr(), nil
	case serviceS3:
		return o.s3()
	case serviceEKS:
		return o.eks()
	case serviceIAM:
		return o.iam(), nil
	default:
		err = errors.New("no such service here")
	}
	if err != nil {
		return "", o.noEndpoint(err)
	}
	return strings.TrimSuffix(e.URI.String(), "/"), nil
}

func (o Client) noEndpoint(cause error) error {
	return &Error{Reason: Misconfigured, Text: fmt.Sprintf("no endpoint of %s in region %q: %s", o.Service, o.Region, Clean(cause.Error())),
		Advice: "unset AWS_USE_FIPS_ENDPOINT or AWS_USE_DUALSTACK_ENDPOINT, or name the endpoint in endpoint_urls." + o.Service, Err: cause}
}

// ecr returns the endpoint of ECR or ECR Public, as the SDK's clients have them and
// https://docs.aws.amazon.com/general/latest/gr/ecr.html lists them.
func (o Client) ecr() string {
	suffix, dualStack := connector.DNSSuffixes(o.Region)
	public := o.Service == serviceECRPublic
	host := "api." + o.Service
	if o.DualStack {
		suffix = dualStack
		if !public || !o.FIPS && (connector.Connector{Region: o.Region}).Partition() == "aws" {
			host = o.Service
		}
	}
	if o.FIPS {
		host += "-fips"
	}
	return "https://" + host + "." + o.Region + "." + suffix
}

// s3 returns the regional endpoint of S3, as
// https://docs.aws.amazon.com/general/latest/gr/s3.html lists them.
func (o Client) s3() (string, error) {
	suffix, _ := connector.DNSSuffixes(o.Region)
	host := "s3"
	if o.FIPS {
		if (connector.Connector{Region: o.Region}).Partition() == "aws-cn" {
			return "", o.noEndpoint(errors.New("the partition has no FIPS endpoints"))
		}
		host += "-fips"
	}
	if o.DualStack {
		host += ".dualstack"
	}
	return "https://" + host + "." + o.Region + "." + suffix, nil
}

// eks returns the endpoint of EKS, as
// https://docs.aws.amazon.com/general/latest/gr/eks.html lists them: FIPS has a
// name of its own in partition aws and none in GovCloud, whose plain one it is.
func (o Client) eks() (string, error) {
	suffix, dualStack := connector.DNSSuffixes(o.Region)
	host := "eks"
	partition := connector.Connector{Region: o.Region}.Partition()
	switch {
	case o.FIPS && !o.DualStack && partition == "aws":
		host = "fips.eks"
	case o.FIPS && (o.DualStack || partition != "aws-us-gov"):
		host = "eks-fips"
	}
	if o.DualStack {
		suffix = dualStack
	}
	return "https://" + host + "." + o.Region + "." + suffix, nil
}
