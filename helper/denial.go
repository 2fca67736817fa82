package helper

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// denial is what AWS tells of why it denied a call; empty where it does not.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
type denial struct {
	caller, resource arn
	action           string // such as sts:AssumeRole
	policy           string // the kind of policy that decided
	explicit         bool   // it has a Deny; else no Allow
}

var (
	deniedCall = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:User: (\S+) is not|[Nn]ot) authorized to perform:? ([a-z0-9-]{1,40}:[A-Za-z]{1,80})\b(?: on resource: "?([^\s"]+)"?)?`)
	})
	deniedBy = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(with an explicit deny in|because no) (?:an? |the )?(identity-based policy|resource-based policy|role trust policy|permissions boundary|sessions? policy|service control policy|resource control policy|VPC endpoint policy)`)
	})
)

func denialIn(message string) denial {
	d := denial{explicit: strings.Contains(message, "with an explicit deny")}
	if m := deniedCall().FindStringSubmatch(message); m != nil {
		d.caller, d.action, d.resource = parseARN(m[1]), m[2], parseARN(m[3])
	}
	if m := deniedBy().FindStringSubmatch(message); m != nil {
		d.policy = strings.Replace(m[2], "sessions", "session", 1)
	}
	return d
}

func (r refusal) denied() (Reason, string) {
	d := denialIn(r.message)
	switch {
	case strings.Contains(r.message, "MultiFactorAuthentication"):
		return r.secondFactor()
	case strings.Contains(r.message, "may not be assumed by root"):
		return Misconfigured, "AWS does not allow an account's root user to assume a role: store the access key of an IAM user"
	case strings.Contains(r.message, "with session credentials"):
		return Misconfigured, fmt.Sprintf("AWS answers %s only to a long-term key: use an IAM user's access key, or auth_method = \"iam-role\"", r.name)
	}
	advice := r.byPolicy(d)
	if advice == "" {
		advice = r.byCall(d)
	}
	if strings.Contains(r.message, encodedDetails) {
		advice += "; the AWS CLI shows AWS's encoded details for the same call, and `aws sts decode-authorization-message` reads them"
	}
	return Failed, advice
}

// secondFactor is about MFA, where AWS says so: a policy that asks for it does not.
func (r refusal) secondFactor() (Reason, string) {
	switch {
	case strings.Contains(r.message, "serial number is valid"):
		return Misconfigured, "mfa_serial must be a device of the user whose key it is: `aws iam list-mfa-devices` lists them"
	case strings.Contains(r.message, "must provide both") && r.c.MFASerial == "":
		return Misconfigured, "set " + r.mfaField() + " to the user's MFA device"
	case strings.Contains(r.message, "must provide both"):
		return NeedsPerson, "AWS wants a code of the MFA device: `aws-connector login " + r.c.Name + "`"
	}
	return NeedsPerson, "the MFA code was wrong or used before: each works only once, so wait for the next; if none is accepted, resynchronize the device in IAM"
}

// byPolicy says who can change the policy that decided; empty where AWS does not
// name it, or where that is what the call always takes.
func (r refusal) byPolicy(d denial) string {
	action := r.action(d)
	verb := "does not allow " + action
	if d.explicit {
		verb = "denies " + action
	}
	switch d.policy {
	case "service control policy":
		return fmt.Sprintf("a service control policy of the AWS organization %s: only the organization's administrators can change that, and no policy within the account helps", verb)
	case "resource control policy":
		return fmt.Sprintf("a resource control policy of the AWS organization that has the resource %s: only that organization's administrators can change it", verb)
	case "VPC endpoint policy":
		return fmt.Sprintf("the policy of the VPC endpoint by which this machine reaches AWS %s: whoever runs that network can change it", verb)
	case "permissions boundary":
		return fmt.Sprintf("the permissions boundary of %s %s: an administrator of its account can change it, and further policies do not help", d.caller.principal(), verb)
	case "session policy":
		return r.sessionPolicy(verb)
	case "identity-based policy":
		return r.identityPolicy(d, action)
	case "role trust policy", "resource-based policy":
		if d.explicit && r.takesRole() {
			return fmt.Sprintf("a statement of the role's trust policy denies %s to %s%s", action, d.caller.principal(), r.mfaHint(d, "; if that is because MFA is missing, set "))
		}
		if !r.takesRole() {
			return fmt.Sprintf("the resource's own policy %s to %s", verb, d.caller.principal())
		}
	}
	return ""
}

// takesRole reports whether the call is one that a trust policy decides on.
func (r refusal) takesRole() bool {
	return r.operation == opAssumeRole || r.operation == opAssumeRoleWithWebIdentity
}

func (r refusal) action(d denial) string {
	if d.action != "" {
		return d.action
	}
	return r.service + ":" + r.name
}

func (r refusal) sessionPolicy(verb string) string {
	switch {
	case r.service == serviceSTS && r.c.Source != "":
		return fmt.Sprintf("the session policy of connector %q %s: change its policy, policy_arns or scope", r.c.Source, verb)
	case r.service == serviceSTS:
		return fmt.Sprintf("the session policy of %s %s: start from others", r.from(), verb)
	}
	return fmt.Sprintf("the connector's session policy (`aws-connector show %s`) %s: change policy, policy_arns or scope", r.c.Name, verb)
}

func (r refusal) identityPolicy(d denial, action string) string {
	if d.explicit {
		return fmt.Sprintf("a policy of %s denies %s: an administrator of its account can change that%s", d.caller.principal(), action,
			r.mfaHint(d, "; if it does so only without MFA, set "))
	}
	advice := fmt.Sprintf("a policy of %s must allow %s", d.caller.principal(), r.permission(d))
	if r.takesRole() {
		advice += ", and the role's trust policy must allow it too"
	}
	return advice
}

// mfaHint returns hint, with the field to set after it, where the want of a second
// factor may be the cause. A role's session has none to show.
func (r refusal) mfaHint(d denial, hint string) string {
	user := d.caller.kind == "user" || d.caller.kind == "" && r.c.Source == ""
	if r.c.MFASerial != "" || r.service != serviceSTS || !user {
		return ""
	}
	return hint + r.mfaField()
}

// mfaField names the field that a device belongs into: it is where the key is.
func (r refusal) mfaField() string {
	if r.c.Source != "" {
		return fmt.Sprintf("mfa_serial in connector %q", r.c.Source)
	}
	return "mfa_serial"
}

// byCall says what the call takes.
func (r refusal) byCall(d denial) string {
	switch {
	case d.explicit:
		return fmt.Sprintf("some policy has a Deny for %s, which no Allow overrides: look at the policies of %s, of the resource and of the organization%s", r.action(d), d.caller.principal(),
			r.mfaHint(d, "; if it denies only without MFA, set "))
	case d.action == "sts:TagSession":
		return r.alsoNeeds(d, "tags", len(r.c.Tags) > 0)
	case d.action == "sts:SetSourceIdentity":
		return r.alsoNeeds(d, "source_identity", r.c.SourceIdentity != "")
	case r.operation == opAssumeRole:
		return r.trust(d)
	case r.operation == opAssumeRoleWithWebIdentity:
		return "the role's trust policy must name the IAM identity provider of the token's issuer as its Federated principal, allow sts:AssumeRoleWithWebIdentity, and its conditions must fit the token's aud and sub; AWS says the same where there is no such role"
	case r.operation == opGetSessionToken:
		return "GetSessionToken takes no permission: what denies it is a policy of the user or of the organization" + r.mfaHint(d, "; if it denies it only without MFA, set ")
	case r.operation == opGetFederationToken:
		return fmt.Sprintf("a policy of %s must allow sts:GetFederationToken", d.caller.principal())
	case r.service == serviceSTS:
		return "a policy of the caller, its organization or a VPC endpoint denies sts:" + r.name
	case r.narrowed() != "":
		return "the connector's user or role" + r.narrowed() + " must allow " + r.permission(d)
	}
	return "the connector's user or role must be allowed " + r.permission(d)
}

// narrowed names the connector's session policy, if it has one, after whom it narrows.
func (r refusal) narrowed() string {
	if r.c.SessionPolicy() == "" && len(r.c.PolicyARNs) == 0 {
		return ""
	}
	return ", and its session policy (`aws-connector show " + r.c.Name + "`),"
}

// trust is for a role that is not to be had, which AWS explains no further.
func (r refusal) trust(d denial) string {
	role := d.resource
	if role.account == "" {
		role = parseARN(r.c.RoleARN)
	}
	var advice string
	switch {
	case d.caller.kind == "federated-user":
		return "AWS does not allow a federated user to assume a role: start from a key or from a role's session"
	case d.caller.account == "":
		advice = "the role's trust policy must name the caller, and the caller's policy must allow sts:AssumeRole on the role"
	case d.caller.account == role.account:
		advice = fmt.Sprintf("the role's trust policy must name %s, or its account if a policy of %s allows sts:AssumeRole on the role", d.caller.principal(), d.caller.owner())
	default:
		advice = fmt.Sprintf("the role's trust policy must name %s, or its account, and a policy of %s must allow sts:AssumeRole on the role: between accounts it takes both", d.caller.principal(), d.caller.owner())
	}
	advice += r.conditions(d)
	if d.policy == "" {
		advice += "; AWS says the same where there is no such role"
	}
	return advice
}

// conditions are what trust policies ask for mostly.
func (r refusal) conditions(d denial) string {
	mfa := r.mfaHint(d, "")
	switch {
	case r.c.ExternalID != "" && mfa != "":
		return "; its condition sts:ExternalId must have the connector's external_id, and if it asks for MFA, set " + mfa
	case r.c.ExternalID != "":
		return "; its condition sts:ExternalId must have the connector's external_id"
	case mfa != "":
		return "; if the trust policy asks for an external id or MFA, set external_id or " + mfa
	}
	return "; if the trust policy asks for an external id, set external_id"
}

// alsoNeeds is for what AssumeRole needs a permission of its own for, because of field.
func (r refusal) alsoNeeds(d denial, field string, set bool) string {
	why := "the connector has " + field
	switch {
	case r.operation == opAssumeRoleWithWebIdentity:
		return fmt.Sprintf("the token carries %s: the role's trust policy must have %s in its Action beside sts:AssumeRoleWithWebIdentity, with conditions that fit", field, d.action)
	case !set:
		why = "the caller's session hands its " + field + " on"
	}
	also := ""
	if field == "source_identity" && d.caller.kind == "assumed-role" {
		also = "; a session that has a source identity keeps it, and another is refused"
	}
	return fmt.Sprintf("%s: the role's trust policy must have %s in its Action beside sts:AssumeRole, with conditions that fit, and a policy of %s must allow it too%s", why, d.action, d.caller.principal(), also)
}

// permission is what a policy must allow for the call.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
func (r refusal) permission(d denial) string {
	switch r.operation {
	case operation{serviceS3, "ListBuckets"}:
		return "s3:ListAllMyBuckets on *"
	case operation{serviceS3, "HeadBucket"}:
		return "s3:ListBucket on the bucket"
	case operation{serviceEKS, "DescribeCluster"}:
		return "eks:DescribeCluster on the cluster"
	case operation{serviceECR, "DescribeRepositories"}:
		return "ecr:DescribeRepositories on the registry's repositories"
	case operation{serviceECRPublic, "GetAuthorizationToken"}:
		return "ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken on *"
	case opAssumeRole:
		return r.action(d) + " on the role"
	}
	return r.action(d) + " on *"
}
