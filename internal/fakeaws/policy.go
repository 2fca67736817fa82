package fakeaws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxPolicy     = 2048
	maxPolicyARNs = 10
	maxTags       = 50
)

var policyARNForm = regexp.MustCompile(`^arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/[\w+=,.@/-]+$`)

// shape is what a request asks a session to be limited to or marked with.
type shape struct {
	policy     string
	arns       []string
	tagKeys    []string
	tagValues  []string
	transitive []string
}

func (f *form) shape() shape {
	return shape{
		policy:     f.optional("Policy", 1, maxPolicy, policyPattern),
		arns:       f.list("PolicyArns", ".arn", maxPolicyARNs),
		tagKeys:    f.tagKeys(),
		tagValues:  f.list("Tags", ".Value", maxTags),
		transitive: f.list("TransitiveTagKeys", "", maxTags),
	}
}

func (f *form) tagKeys() []string {
	keys := f.list("Tags", ".Key", maxTags)
	for i := range keys {
		f.required(fmt.Sprintf("Tags.member.%d.Key", i+1), 1, 128, nil)
		f.required(fmt.Sprintf("Tags.member.%d.Value", i+1), 0, 256, nil)
	}
	return keys
}

// packed returns the share of the space for policies and tags that the shape
// takes, in percent. AWS does not say how it packs; here it is the characters
// of the minified policy, the ARNs and the tags, of 2048.
func (p shape) packed() (int, *refusal) {
	var minified bytes.Buffer
	if p.policy != "" {
		var document struct{ Statement json.RawMessage }
		if json.Compact(&minified, []byte(p.policy)) != nil || json.Unmarshal([]byte(p.policy), &document) != nil {
			return 0, malformed("This policy contains invalid Json")
		}
		if document.Statement == nil {
			return 0, malformed("Missing required field Statement")
		}
	}
	size := utf8.RuneCount(minified.Bytes())
	for _, arn := range p.arns {
		if !policyARNForm.MatchString(arn) {
			return 0, refuse(http.StatusBadRequest, "ValidationError", "ARN %s is not valid.", arn)
		}
	}
	for _, texts := range [][]string{p.arns, p.tagKeys, p.tagValues} {
		size += utf8.RuneCountInString(strings.Join(texts, ""))
	}
	percent := (size*100 + maxPolicy - 1) / maxPolicy
	if percent > 100 {
		return 0, refuse(http.StatusBadRequest, "PackedPolicyTooLarge", "Packed policy consumes %d%% of allotted space, please use smaller policy.", percent)
	}
	return percent, nil
}

func malformed(message string) *refusal {
	return refuse(http.StatusBadRequest, "MalformedPolicyDocument", "%s", message)
}

// apply marks id with the shape and with the tags that the caller's session
// hands down.
func (p shape) apply(id *Identity, caller Identity) *refusal {
	tags := map[string]string{}
	for _, key := range caller.TransitiveTags {
		tags[key] = caller.Tags[key]
	}
	own := map[string]bool{}
	for i, key := range p.tagKeys {
		if own[strings.ToLower(key)] {
			return invalidParameter("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		own[strings.ToLower(key)] = true
		if hasFold(caller.TransitiveTags, key) {
			return invalidParameter("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		}
		tags[key] = p.tagValues[i]
	}
	for _, key := range p.transitive {
		if !hasFold(p.tagKeys, key) {
			return invalidParameter("The specified transitive tag key must be included in the requested tags.")
		}
	}
	id.Policy, id.PolicyARNs, id.Tags = p.policy, p.arns, tags
	id.TransitiveTags = append(slices.Clone(caller.TransitiveTags), p.transitiveAsTagged()...)
	return nil
}

// transitiveAsTagged returns the transitive keys in the letter case of the tags
// that they name.
func (p shape) transitiveAsTagged() []string {
	var keys []string
	for _, key := range p.tagKeys {
		if hasFold(p.transitive, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

func hasFold(list []string, key string) bool {
	return slices.ContainsFunc(list, func(k string) bool { return strings.EqualFold(k, key) })
}

func invalidParameter(message string) *refusal {
	return refuse(http.StatusBadRequest, "InvalidParameterValue", "%s", message)
}
