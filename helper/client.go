package helper

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"aws-connector/internal/connector"
	"aws-connector/internal/secret"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
)

const (
	attempts = 3
	// attemptTimeout is for a call that others are waiting behind, as in a list.
	attemptTimeout = 6 * time.Second
	connectTimeout = 4 * time.Second
	maxBackoff     = 1500 * time.Millisecond
)

// Client is how a client of an AWS service is to be made.
type Client struct {
	// Service is its name in endpoint_urls.
	Service string
	Region  string
	// Endpoint is a URL that replaces AWS's own endpoint; empty means AWS's.
	Endpoint        string
	FIPS, DualStack bool
	// CABundle is a file of PEM certificates trusted instead of the system's; empty means the system's.
	CABundle string
	// Roots are what the process has read of them; nil means nothing yet.
	Roots *Roots
	// Proxies are what the environment says of proxies, for messages.
	Proxies                       Proxies
	AccessKeyID                   string
	SecretAccessKey, SessionToken secret.Text
	// once, where it is not nil, is AWS's clock, and each call is sent once: neither by
	// the SDK again, which would do so to sign it by that clock, nor by what is below,
	// as HTTP/2 and a connection that was kept open do.
	once func() time.Time
}

// Client returns how c calls service, one of the names in endpoint_urls, in
// region with the credentials given. Its error is an [*Error].
func (h *Helper) Client(c connector.Connector, with Credentials, service, region string) (Client, error) {
	url, own := h.Env.endpoint(c, service)
	o := Client{Service: service, Region: region, Endpoint: url, FIPS: h.Env.FIPS, DualStack: h.Env.DualStack, CABundle: h.Env.CABundle, Roots: h.Env.Roots, Proxies: h.Env.Proxies,
		AccessKeyID: with.AccessKeyID, SecretAccessKey: with.SecretAccessKey, SessionToken: with.SessionToken}
	switch {
	case own:
		// The connector names its endpoint: what kind it is is said with it.
		o.FIPS, o.DualStack = false, false
	case url != "" && o.FIPS:
		return Client{}, &Error{Reason: Misconfigured, Text: "AWS_USE_FIPS_ENDPOINT and an endpoint URL are both set", Advice: "unset AWS_USE_FIPS_ENDPOINT or AWS_ENDPOINT_URL; AWS SDKs refuse both together too"}
	case url != "":
		o.DualStack = false
	}
	return o, nil
}

// STS returns the SDK's client of STS.
func (o Client) STS() (*sts.Client, error) {
	transport, err := o.transport()
	if err != nil {
		return nil, err
	}
	options := sts.Options{Region: o.Region, HTTPClient: timed{bounded(transport, AnswerLimit, o.Proxies)}, APIOptions: []func(*middleware.Stack) error{unpanicked}, Credentials: o.Credentials(), Retryer: o.Retryer(), BaseEndpoint: optional(o.Endpoint)}
	if o.once != nil {
		options.Retryer, options.HTTPSignerV4 = aws.NopRetryer{}, signer{v4.NewSigner(), o.once}
	}
	options.EndpointOptions.UseFIPSEndpoint, options.EndpointOptions.UseDualStackEndpoint = o.kind()
	return sts.New(options), nil
}

// signer signs by another clock than the SDK's.
type signer struct {
	*v4.Signer
	now func() time.Time
}

// SignHTTP implements [sts.HTTPSignerV4].
func (s signer) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, options ...func(*v4.SignerOptions)) error {
	return s.Signer.SignHTTP(ctx, c, r, hash, service, region, s.now(), options...)
}

// Credentials returns the credentials in the form of the SDK.
func (o Client) Credentials() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(o.AccessKeyID, o.SecretAccessKey.Reveal(), o.SessionToken.Reveal())
}

// HTTPClient returns a client that trusts, waits and goes through proxies as
// those of the SDK here do: 6 s for a whole exchange. It follows no redirect. A
// body of more than most bytes, decompressed, is an error, or as good as empty
// where the status is none of success; with 0 no body is read.
func (o Client) HTTPClient(most int64) (*http.Client, error) {
	transport, err := o.transport()
	if err != nil {
		return nil, err
	}
	return bounded(transport.WithTimeout(attemptTimeout), most, o.Proxies), nil
}

// kind returns which kind of AWS's own endpoints is asked for.
func (o Client) kind() (fips aws.FIPSEndpointState, dualStack aws.DualStackEndpointState) {
	if o.FIPS {
		fips = aws.FIPSEndpointStateEnabled
	}
	if o.DualStack {
		dualStack = aws.DualStackEndpointStateEnabled
	}
	return fips, dualStack
}

// Retryer returns which failed calls are made again, how often and when.
func (o Client) Retryer() aws.Retryer {
	return retry.NewStandard(func(s *retry.StandardOptions) {
		s.MaxAttempts, s.MaxBackoff = attempts, maxBackoff
	})
}

func (o Client) transport() (*awshttp.BuildableClient, error) {
	client := awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = connectTimeout })
	client = client.WithTransportOptions(func(t *http.Transport) {
		t.Proxy = way{t.Proxy, o.Proxies}.proxy
		// One request or a few, one after another: HTTP/2 gains nothing, and install.sh
		// leaves it out of the program.
		t.DisableKeepAlives, t.Protocols = o.once != nil, new(http.Protocols)
		t.Protocols.SetHTTP1(true)
		t.ForceAttemptHTTP2, t.TLSNextProto = false, nil
		if t.TLSClientConfig != nil { // cloning offered HTTP/2 in it
			t.TLSClientConfig.NextProtos = nil
		}
	})
	roots := o.Roots
	if roots == nil {
		if o.CABundle == "" {
			return client, nil
		}
		roots = NewRoots(o.CABundle, "")
	}
	if err := roots.check(); err != nil {
		return nil, err
	}
	plain := strings.HasPrefix(o.Endpoint, "http://")
	if plain && o.CABundle == "" {
		return client, nil // Go's own set verifies a proxy, if there is one
	}
	if !plain && o.Service != "" {
		roots.ready()
	}
	return client.WithTransportOptions(roots.use), nil
}
