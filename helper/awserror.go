package helper

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

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
var throttled = map[string]bool{
	"Throttling": true, "ThrottlingException": true, "ThrottledException": true, "RequestThrottled": true,
	"RequestThrottledException": true, "TooManyRequestsException": true, "RequestLimitExceeded": true,
	"BandwidthLimitExceeded": true, "LimitExceededException": true, "SlowDown": true, "PriorRequestNotComplete": true,
	"EC2ThrottledException": true, "RequestTimeout": true, "RequestTimeoutException": true,
	"ServiceUnavailable": true, "InternalFailure": true, "InternalError": true, "InternalServerError": true,
	"IDPCommunicationError": true,
}

// operation is a call of AWS.
type operation struct{ service, name string }

const (
	serviceSTS       = "sts"
	serviceECR       = "ecr"
	serviceECRPublic = "ecr-public"
	serviceS3        = "s3"
	serviceEKS       = "eks"
)

var (
	opAssumeRole                = operation{serviceSTS, "AssumeRole"}
	opGetSessionToken           = operation{serviceSTS, "GetSessionToken"}
	opGetFederationToken        = operation{serviceSTS, "GetFederationToken"}
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
		e.Text = op + ": " + Clean(api.ErrorCode()+": "+api.ErrorMessage())
		if throttled[api.ErrorCode()] || status >= 500 {
			e.Reason, e.Advice = Temporary, "AWS asks to call again later"
			return e
		}
		e.Reason, e.Advice = adviceFor(api.ErrorCode(), api.ErrorMessage(), o, c)
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

// adviceFor returns what a person can do about an error code of AWS.
func adviceFor(code, message string, o operation, c connector.Connector) (Reason, string) {
	from := startOf(c)
	refused := slices.Contains([]string{"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken", "ExpiredToken", "ExpiredTokenException"}, code)
	if refused && o.service != serviceSTS {
		return NeedsPerson, "AWS refuses the cached session: `aws-connector cache clear " + c.Name + "`, and see that " + from + " is still valid"
	}
	switch code {
	case "AccessDenied", "AccessDeniedException":
		return deniedAdvice(message, o, c)
	case "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId":
		return NeedsPerson, "AWS does not know " + from + ": deleted, deactivated, mistyped, or of another partition than the region"
	case "SignatureDoesNotMatch", "InvalidSignatureException":
		if strings.Contains(message, "expired") || strings.Contains(message, "not yet current") {
			return Failed, "set this machine's clock"
		}
		return NeedsPerson, "the secret of " + from + " is not the one that belongs to its access key id"
	case "RequestTimeTooSkewed":
		return Failed, "set this machine's clock"
	case "ExpiredToken", "ExpiredTokenException":
		if o == opAssumeRoleWithWebIdentity {
			return NeedsPerson, "get a new token from the identity provider, or set this machine's clock"
		}
		return NeedsPerson, from + " has a session token that expired: store or get new credentials"
	case "RegionDisabledException":
		return Misconfigured, fmt.Sprintf("activate STS for region %s in the account, or choose another region", c.Region)
	case "PackedPolicyTooLarge", "PackedPolicyTooLargeException":
		return Misconfigured, "shorten the session policy, or use fewer tags and policy_arns"
	case "MalformedPolicyDocument", "MalformedPolicyDocumentException":
		return Misconfigured, "correct the connector's policy; `aws-connector show " + c.Name + "` prints what is sent"
	case "ValidationError":
		if strings.Contains(message, "MaxSessionDuration") || strings.Contains(message, "DurationSeconds") {
			return Misconfigured, "lower expiration_seconds, or raise the role's maximum session duration"
		}
		return Misconfigured, ""
	}
	return Failed, ""
}

// startOf says what c's session is made from.
func startOf(c connector.Connector) string {
	switch {
	case c.Source != "":
		return fmt.Sprintf("the session of source %q", c.Source)
	case c.Method == connector.Implicit:
		return "the environment's credentials"
	case c.Method == connector.WebIdentity:
		return "the identity provider's token"
	case c.Method == connector.Process:
		return "what credential_process prints"
	}
	return "the stored key"
}

func deniedAdvice(message string, o operation, c connector.Connector) (Reason, string) {
	switch {
	case strings.Contains(message, "MultiFactorAuthentication"):
		return NeedsPerson, "the MFA code was wrong or used before"
	case o == opAssumeRole:
		return Failed, "the role's trust policy must name the caller" + externalIDAdvice(c) + ", and the caller's policy must allow sts:AssumeRole on the role"
	case o == opAssumeRoleWithWebIdentity:
		return Failed, "the role's trust policy must name the identity provider, with the audience and the subject of the token"
	case o == operation{serviceECRPublic, "GetAuthorizationToken"}:
		return Failed, "the connector's user or role must be allowed ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken"
	case o.service == serviceSTS:
		return Failed, "the policy of the key's user must allow sts:" + o.name
	case c.SessionPolicy() != "" || len(c.PolicyARNs) > 0:
		return Failed, "the connector's user or role, and its session policy (`aws-connector show " + c.Name + "`), must allow " + o.permission()
	}
	return Failed, "the connector's user or role must be allowed " + o.permission()
}

// permission is what a policy must allow for the call.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
func (o operation) permission() string {
	switch o {
	case operation{serviceS3, "ListBuckets"}:
		return "s3:ListAllMyBuckets on *"
	case operation{serviceS3, "HeadBucket"}:
		return "s3:ListBucket on the bucket"
	case operation{serviceEKS, "DescribeCluster"}:
		return "eks:DescribeCluster on the cluster"
	case operation{serviceECR, "DescribeRepositories"}:
		return "ecr:DescribeRepositories on the registry's repositories"
	}
	return o.service + ":" + o.name + " on *"
}

func externalIDAdvice(c connector.Connector) string {
	if c.ExternalID == "" {
		return " (and may ask for an external_id)"
	}
	return " and the external_id"
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
	s = plain.Line(s[:min(len(s), 16*messageLimit)])
	if len(s) > messageLimit {
		s = strings.ToValidUTF8(s[:messageLimit], "") + "…"
	}
	return s
}
