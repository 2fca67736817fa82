package helper

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"aws-connector/internal/connector"
	"aws-connector/internal/plain"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// messageLimit keeps an error well under the 2 KB that callers show.
const messageLimit = 700

// throttled are the codes by which AWS asks to call again later.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
var throttled = sync.OnceValue(func() map[string]bool {
	return map[string]bool{
		"Throttling": true, "ThrottlingException": true, "ThrottledException": true, "RequestThrottled": true,
		"RequestThrottledException": true, "TooManyRequestsException": true, "RequestLimitExceeded": true,
		"BandwidthLimitExceeded": true, "LimitExceededException": true, "SlowDown": true, "PriorRequestNotComplete": true,
		"EC2ThrottledException": true, "RequestTimeout": true, "RequestTimeoutException": true,
		"ServiceUnavailable": true, "InternalFailure": true, "InternalError": true, "InternalServerError": true,
	}
})

// operation is a call of AWS.
type operation struct{ service, name string }

const (
	serviceSTS       = "sts"
	serviceECR       = "ecr"
	serviceECRPublic = "ecr-public"
	serviceS3        = "s3"
	serviceEKS       = "eks"
	serviceIAM       = "iam"
)

var (
	opAssumeRole                = operation{serviceSTS, "AssumeRole"}
	opGetSessionToken           = operation{serviceSTS, "GetSessionToken"}
	opGetFederationToken        = operation{serviceSTS, "GetFederationToken"}
	opGetCallerIdentity         = operation{serviceSTS, "GetCallerIdentity"}
	opAssumeRoleWithWebIdentity = operation{serviceSTS, "AssumeRoleWithWebIdentity"}
)

// CallError says in one line what went wrong with a call of service, one of the
// names in endpoint_urls, for c: an [*Error], or err itself where the caller gave up.
func CallError(c connector.Connector, service, action string, err error) error {
	return awsError(operation{service, action}, c, err)
}

// awsError says in one line what went wrong with a call of AWS, and what to do.
func awsError(o operation, c connector.Connector, err error) error {
	e := &Error{Err: err, costly: true}
	op := o.name
	var api smithy.APIError
	var told *Error
	var bound *boundError
	status := statusOf(err)
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &told):
		return told
	case errors.As(err, &bound), errors.Is(err, errUnreadable):
		e.Text, e.Advice = op+": "+Clean(innermost(err).Error()), notAnAnswerHint
	case errors.As(err, &api) && api.ErrorCode() != "" && api.ErrorCode() != "UnknownError":
		r := refusal{o, c, api.ErrorCode(), oneLine(api.ErrorMessage())}
		e.Text = op + ": " + Clean(r.code+": "+r.shown())
		if throttled()[r.code] || status >= 500 {
			e.Reason, e.Advice = Temporary, "AWS asks to call again later"
			return e
		}
		e.Reason, e.Advice = r.advice()
	case status >= 500 || status == http.StatusTooManyRequests:
		e.Reason, e.Text = Temporary, fmt.Sprintf("%s: HTTP status %d without an AWS error", op, status)
		e.Advice = "the endpoint or a proxy before it has trouble: try again later"
	case status != 0:
		e.Text = fmt.Sprintf("%s: HTTP status %d, but not an answer of AWS %s", op, status, strings.ToUpper(o.service))
		e.Advice = notAnAnswerHint
	default:
		network(e, op, err)
	}
	return e
}

func network(e *Error, op string, err error) {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	var transport *url.Error
	var cut *cutError
	switch {
	case certificate(err):
		e.Reason, e.Text = Misconfigured, op+": "+Clean(innermost(err).Error())
		e.Advice = "if a proxy inspects TLS here, name its certificates in AWS_CA_BUNDLE"
	case errors.As(err, &dns):
		e.Reason, e.Text = Temporary, fmt.Sprintf("%s: no address for host %q", op, dns.Name)
		e.Advice = "look at the network, and at region and endpoint_url"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.Reason, e.Text = Temporary, op+": no answer in time"
		e.Advice = "look at the network, a proxy (HTTPS_PROXY), and endpoint_url"
	case errors.As(err, &cut):
		e.Reason, e.Text = Temporary, op+": "+cut.Error()
		e.Advice = "look at the network, a proxy (HTTPS_PROXY), and endpoint_url"
	case errors.As(err, &transport):
		e.Reason, e.Text = Temporary, op+": "+Clean(innermost(err).Error())
		e.Advice = "look at the network, a proxy (HTTPS_PROXY), and endpoint_url"
	default:
		e.Text = op + ": " + Clean(innermost(err).Error())
	}
}

func certificate(err error) bool {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &invalid)
}

func statusOf(err error) int {
	var a *awshttp.ResponseError
	if errors.As(err, &a) {
		return a.HTTPStatusCode()
	}
	var r *smithyhttp.ResponseError
	if errors.As(err, &r) {
		return r.HTTPStatusCode()
	}
	return 0
}

// innermost is the last error of err's chain: the SDK wraps it in the names of
// its own layers.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// Clean makes text from elsewhere one line of a message that callers show.
func Clean(s string) string {
	s = oneLine(s)
	if len(s) > messageLimit {
		s = strings.ToValidUTF8(s[:messageLimit], "") + "…"
	}
	return s
}

func oneLine(s string) string { return plain.Line(s[:min(len(s), 16*messageLimit)]) }
