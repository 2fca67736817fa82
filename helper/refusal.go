package helper

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"aws-connector/internal/connector"
)

// refusal is an error that AWS answered to a call made for connector c.
type refusal struct {
	operation
	c connector.Connector
	// message is one line of any length.
	code, message string
}

// encodedDetails is what AWS writes before details that only it can read.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
const encodedDetails = "Encoded authorization failure message:"

// unfit matches what is not for people: encoded details, and the request as AWS
// saw it, in which the session token is.
var unfit = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\s*(` + encodedDetails + `|The Canonical String for this request|The String-to-Sign).*`)
})

// unfitValue matches a value that AWS repeats because it cannot be a code or a
// token. It may be another secret, put in the wrong place.
var unfitValue = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`Value '.*?' at '(tokenCode|webIdentityToken)'`)
})

// shown is the message without secrets.
func (r refusal) shown() string {
	return unfit().ReplaceAllString(unfitValue().ReplaceAllString(r.message, "Value at '$1'"), "")
}

const setClock = "set this machine's clock"

// advice returns what a person can do.
func (r refusal) advice() (Reason, string) {
	switch r.code {
	case "AccessDenied", "AccessDeniedException":
		return r.denied()
	case "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken":
		return r.unknownKey()
	case "ExpiredToken", "ExpiredTokenException":
		return r.expired()
	case "SignatureDoesNotMatch", "InvalidSignatureException":
		return r.signature()
	case "AuthorizationHeaderMalformed":
		return r.wrongRegion()
	case "RegionDisabledException":
		return Misconfigured, fmt.Sprintf("activate STS for %s in that account (IAM console, Account settings), or set another region", r.region())
	case "PackedPolicyTooLarge", "PackedPolicyTooLargeException":
		return Misconfigured, r.tooLarge()
	case "MalformedPolicyDocument", "MalformedPolicyDocumentException":
		return Misconfigured, fmt.Sprintf("correct the connector's %s; `aws-connector show %s` prints what is sent", r.policyField(), r.c.Name)
	case "ValidationError", "ValidationException", "InvalidParameterValue", "InvalidParameterCombination":
		return r.invalid()
	case "InvalidIdentityToken", "InvalidIdentityTokenException", "IDPRejectedClaim", "IDPRejectedClaimException", "IDPCommunicationError", "IDPCommunicationErrorException":
		return r.identityToken()
	case "ResourceNotFoundException":
		return Misconfigured, fmt.Sprintf("correct resource_id or region; `aws-connector resources %s` lists what there is", r.c.Name)
	}
	return r.common()
}

// from names the credentials that the call was signed with, where that are not
// those of a session of the connector.
func (r refusal) from() string {
	switch {
	case r.c.Source != "":
		return fmt.Sprintf("the session of connector %q", r.c.Source)
	case r.c.Method == connector.Implicit:
		return "the environment's credentials"
	case r.c.Method == connector.Process:
		return "the credentials of credential_process"
	case r.c.Method == connector.WebIdentity:
		return "the web identity token"
	}
	return keyFrom(r.c)
}

// ofSession reports whether the call was signed with what the connector hands
// out, and that is a session.
func (r refusal) ofSession() bool {
	handedOut := r.service != serviceSTS || r.operation == opGetCallerIdentity
	return handedOut && r.c.Method != connector.SecretKey && r.c.Method != connector.STSToken
}

func (r refusal) region() string {
	if r.c.Region == "" {
		return "the region"
	}
	return "region " + r.c.Region
}

func (r refusal) sessionRefused() string {
	if r.c.Method == connector.Process || r.c.Method == connector.Implicit && r.c.RoleARN == "" {
		// They are handed on, and may be no session.
		return fmt.Sprintf("AWS refuses %s: make sure that they are current, then `aws-connector cache clear %s`", r.from(), r.c.Name)
	}
	return fmt.Sprintf("AWS refuses the cached session: `aws-connector cache clear %s`, and check whether AWS still accepts %s", r.c.Name, r.from())
}

func (r refusal) sourceRefused() string {
	return fmt.Sprintf("AWS refuses %s: `aws-connector cache clear %s`", r.from(), r.c.Source)
}

func (r refusal) unknownKey() (Reason, string) {
	switch {
	case r.ofSession():
		return NeedsPerson, r.sessionRefused()
	case r.c.Source != "":
		return NeedsPerson, r.sourceRefused() + fmt.Sprintf("; is %s enabled in its account?", r.region())
	}
	return NeedsPerson, fmt.Sprintf("AWS does not know %s: deleted, deactivated or mistyped, or %s is of another partition or not enabled in the account", r.from(), r.region())
}

func (r refusal) expired() (Reason, string) {
	switch {
	case r.operation == opAssumeRoleWithWebIdentity:
		return NeedsPerson, "the web identity token expired: check that its issuer writes new ones to where it is read, or get a new one"
	case r.ofSession():
		return NeedsPerson, r.sessionRefused()
	case r.c.Source != "":
		return NeedsPerson, r.sourceRefused()
	}
	return NeedsPerson, "the session token of " + r.from() + " expired: store or get new credentials"
}

func (r refusal) signature() (Reason, string) {
	switch {
	case strings.Contains(r.message, "expired"), strings.Contains(r.message, "not yet current"):
		return Failed, setClock + r.clock()
	case strings.Contains(r.message, "Credential should be scoped"):
		return r.wrongRegion()
	case r.ofSession():
		return NeedsPerson, r.sessionRefused() + "; a proxy that changes requests breaks signatures too"
	}
	return NeedsPerson, "the secret of " + r.from() + " does not match its access key id; a proxy that changes requests breaks signatures too"
}

func (r refusal) wrongRegion() (Reason, string) {
	return Misconfigured, fmt.Sprintf("the endpoint is not one of %s: correct region, or endpoint_url (AWS_ENDPOINT_URL)", r.region())
}

// signed matches when the request was signed, by this machine's clock, and when it came, by AWS's.
var signed = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`: (\d{8}T\d{6}Z) is .* \((\d{8}T\d{6}Z) [-+] `)
})

// clock says how far this machine's clock is off; empty where AWS does not tell.
func (r refusal) clock() string {
	const form = "20060102T150405Z"
	m := signed().FindStringSubmatch(r.message)
	if m == nil {
		return ""
	}
	here, err := time.Parse(form, m[1])
	aws, wrong := time.Parse(form, m[2])
	if err = cmp.Or(err, wrong); err != nil {
		return ""
	}
	side := "behind"
	if here.After(aws) {
		side = "ahead of"
	}
	return fmt.Sprintf(": it is %v %s AWS's", here.Sub(aws).Abs(), side)
}

// tooLarge names what the connector sends: AWS packs all of it into one space.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
func (r refusal) tooLarge() string {
	parts := r.policyParts()
	if len(r.c.Tags) > 0 {
		parts = append(parts, "tags")
	}
	advice := "shorten the session policy, or use fewer tags and policy_arns"
	if len(parts) > 0 {
		advice = "shorten the connector's " + either(parts) + ": AWS packs what is sent into one limited space"
	}
	if r.c.Source != "" {
		advice += fmt.Sprintf("; the tags that connector %q hands on (transitive_tag_keys) count too", r.c.Source)
	}
	return advice
}

func either(list []string) string {
	last := len(list) - 1
	if last == 0 {
		return list[0]
	}
	return strings.Join(list[:last], ", ") + " or " + list[last]
}

// policyParts are the fields that the session's policies come from.
func (r refusal) policyParts() []string {
	var parts []string
	switch {
	case r.c.Policy != "":
		parts = append(parts, "policy")
	case r.c.SessionPolicy() != "":
		parts = append(parts, "generated policy (scope)")
	}
	if len(r.c.PolicyARNs) > 0 {
		parts = append(parts, "policy_arns")
	}
	return parts
}

func (r refusal) policyField() string {
	if parts := r.policyParts(); len(parts) > 0 {
		return either(parts)
	}
	return "policy"
}
