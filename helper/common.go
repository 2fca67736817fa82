package helper

import (
	"fmt"
	"strings"
)

// common returns what a person can do about an error that any service of AWS may
// answer, and that says nothing of this one.
// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
func (r refusal) common() (Reason, string) {
	service := "AWS " + strings.ToUpper(r.service)
	switch r.code {
	case "RequestTimeTooSkewed", "RequestExpired":
		return Failed, "AWS takes a request for 15 minutes after its date: " + setClock + r.clock() + " (`aws-connector doctor` measures it), or look for a proxy that holds requests back"
	case "RequestInTheFuture":
		return Failed, setClock + r.clock()
	case "OptInRequired":
		return Failed, r.notEnabled()
	case "SubscriptionRequiredException", "NotSignedUp", "AccountProblem", "PendingVerification", "Blocked":
		return Failed, fmt.Sprintf("the account may not use %s: finish its sign-up, or look for mail of AWS about payment or verification (the Billing console shows it)", service)
	case "AllAccessDisabled":
		return Failed, "AWS has disabled all access to it: ask AWS Support"
	case "NotAuthorized", "Forbidden", "ForbiddenException", "UnauthorizedException", "UnauthorizedOperation":
		return r.denied()
	case "MissingAuthenticationToken", "MissingAuthenticationTokenException", "IncompleteSignature", "IncompleteSignatureException", "MissingSecurityHeader", "AuthFailure":
		return Failed, "the request's signature did not reach AWS whole: look for a proxy that drops or changes the header Authorization"
	case "MalformedHttpRequestException", "MalformedQueryString", "MalformedXML", "InvalidRequest", "InvalidRequestException", "SerializationException", "MissingAction", "InvalidQueryParameter", "MissingContentLength", "IncompleteBody":
		return Failed, fmt.Sprintf("the request did not reach %s as it was sent: look for a proxy that changes requests, or an endpoint_url (AWS_ENDPOINT_URL) of another service", service)
	case "RequestEntityTooLargeException", "RequestHeaderSectionTooLarge", "MaxMessageLengthExceeded":
		return Misconfigured, "the request is too large: shorten the connector's policy, policy_arns or tags; a session token that is very long counts too"
	case "RequestAbortedException", "RequestAborted":
		return Temporary, "the connection broke before AWS could answer: try again; if it keeps happening, look at the network and the proxy"
	case "InvalidAction", "UnknownOperationException", "MethodNotAllowed", "NotImplemented":
		return Misconfigured, fmt.Sprintf("is the endpoint really %s? look at endpoint_url (AWS_ENDPOINT_URL)", service)
	case "NoSuchBucket":
		return Misconfigured, fmt.Sprintf("correct resource_id; `aws-connector resources %s` lists the buckets", r.c.Name)
	case "PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException":
		return r.wrongRegion()
	case "InvalidSecurity", "CredentialsNotSupported", "InvalidTokenId":
		return r.unknownKey()
	case "InvalidParameterException", "MissingParameter", "InvalidArgument", "ClientException":
		return r.invalid()
	case "KmsException":
		return Failed, "look at the KMS key of the repository and at who may use it"
	}
	return Failed, fmt.Sprintf("%s documents the error under %s; `aws-connector show %s` prints what is asked for", service, r.name, r.c.Name)
}

// notEnabled is for a region that the account has not opted in to, which is what
// AWS means most often by it.
func (r refusal) notEnabled() string {
	region := r.c.Region
	if region == "" {
		region = "REGION"
	}
	return fmt.Sprintf("%[1]s is not enabled for the account, or the account's sign-up is not finished: enable it (`aws account enable-region --region-name %[2]s`, or Account settings, which takes some minutes), or set another region", r.region(), region)
}
