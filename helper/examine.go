package helper

import (
	"context"
	"net/url"
	"slices"

	"aws-connector/internal/connector"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// STSEndpoint returns the URL at which AWS STS is called for c. Its error is an
// [*Error] where connector and environment contradict each other.
func (h *Helper) STSEndpoint(ctx context.Context, c connector.Connector) (url.URL, error) {
	o, err := h.client(c, session{}, serviceSTS, c.Region)
	if err != nil {
		return url.URL{}, err
	}
	endpoint, err := sts.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, sts.EndpointParameters{
		Region: aws.String(o.Region), UseFIPS: aws.Bool(o.FIPS), UseDualStack: aws.Bool(o.DualStack), Endpoint: optional(o.Endpoint), UseGlobalEndpoint: aws.Bool(false),
	})
	return endpoint.URI, err
}

// HTTPClient returns what AWS is called through: with the roots of CABundle,
// which is an [*Error] if it cannot be used, and the proxies of net/http.
func (e Environment) HTTPClient() (*awshttp.BuildableClient, error) {
	return Client{CABundle: e.CABundle}.transport()
}

// CheckProfile follows the profiles that an implicit connector starts from, as
// far as they lead to other connectors, and runs nothing. Its error is an
// [*Error] where a profile does not exist or leads back to where it came from.
func (h *Helper) CheckProfile(ctx context.Context, c connector.Connector) error {
	from := Chain{c.Name}
	for c.Method == connector.Implicit {
		profile := c.Profile
		if profile == "" {
			profile = h.Env.Ambient.Profile
		}
		if profile == "" {
			return nil
		}
		name, _, err := h.leadsBack(ctx, profile)
		if err != nil || name == "" {
			return err
		}
		if slices.Contains(from, name) {
			return cycle(append(from, name))
		}
		if c, err = h.Connectors.Lookup(name); err != nil {
			return err
		}
		from = append(from, name)
	}
	return nil
}
