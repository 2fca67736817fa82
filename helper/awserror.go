package helper

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
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
		"ServerException": true, "ServiceUnavailableException": true, "ServiceException": true,
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
	case e.atProxy(op, err):
	case errors.As(err, &api) && api.ErrorCode() != "" && api.ErrorCode() != "UnknownError":
		e.refused(refusal{o, c, api.ErrorCode(), oneLine(api.ErrorMessage())}, status)
	case status != 0:
		k := keptIn(err)
		if code, message := errorDocument(k.text); code != "" && status >= http.StatusMultipleChoices {
			e.refused(refusal{o, c, oneLine(code), oneLine(message)}, status)
			return e
		}
		e.foreign(o, status, k)
	default:
		network(e, op, err)
	}
	return e
}

// refused fills in e for an error of AWS.
func (e *Error) refused(r refusal, status int) {
	e.Text = r.name + ": " + Clean(strings.TrimSuffix(r.code+": "+r.shown(), ": "))
	trouble := status >= http.StatusInternalServerError && status != http.StatusNotImplemented
	switch e.Reason, e.Advice = r.advice(); {
	case trouble:
		e.Reason, e.Advice = Temporary, "AWS has trouble: try again later; https://health.aws.amazon.com shows what is known"
	case throttled()[r.code]:
		e.Reason, e.Advice = Temporary, "AWS accepts no more calls right now: try again a little later"
	}
}

func network(e *Error, op string, err error) {
	const look = "look at the network, a proxy (HTTPS_PROXY), and endpoint_url"
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	var transport *url.Error
	var dial *net.OpError
	var cut *cutError
	why := Clean(innermost(err).Error())
	to := ""
	if errors.As(err, &transport) {
		if u, err := url.Parse(transport.URL); err == nil {
			to = fmt.Sprintf("%q", u.Host)
		}
	}
	e.Reason, e.Advice = Temporary, look
	switch {
	case certificate(err):
		e.Reason, e.Text = Misconfigured, op+": "+of("the certificate", to)+": "+why
		e.Advice = "if a proxy inspects TLS here, name its certificates in AWS_CA_BUNDLE"
	case errors.As(err, &dns):
		e.Text = fmt.Sprintf("%s: no address for host %q", op, dns.Name)
		e.Advice = "look at the network, and at region and endpoint_url"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.Text = op + ": no answer in time"
		if to != "" {
			e.Text += " from " + to
		}
	case errors.As(err, &cut):
		e.Text = op + ": " + cut.Error()
	case errors.As(err, &dial) && dial.Op == "dial" && to != "":
		e.Text = op + ": no connection to " + to + ": " + why
	case errors.Is(err, io.EOF):
		e.Text = op + ": the connection broke off before an answer came"
	case transport != nil:
		e.Text = op + ": " + why
	default:
		e.Reason, e.Text, e.Advice = Failed, op+": "+why, ""
	}
}

func of(what, whose string) string {
	if whose == "" {
		return what
	}
	return what + " of " + whose
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
