package connector

import (
	"fmt"
	"slices"
	"strings"
)

// knownRegions returns the regions that botocore knew in November 2026. AWS opens
// new ones: one that is missing here is doubted, and never refused.
func knownRegions() []string {
	return strings.Fields(`af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2
		ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7
		ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3
		il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2
		cn-north-1 cn-northwest-1 eusc-de-east-1 us-gov-east-1 us-gov-west-1
		us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 eu-isoe-west-1 us-isof-east-1 us-isof-south-1`)
}

// DoubtRegion returns what a person should know about a region that AWS may not
// have, empty for one that it has.
func DoubtRegion(region string) string {
	all := knownRegions()
	if slices.Contains(all, region) {
		return ""
	}
	if near := NearRegion(region); near != "" {
		return "aws-connector does not know region \"" + region + "\": did you mean \"" + near + "\"?"
	}
	return "aws-connector does not know region \"" + region + "\": AWS may have added it since"
}

// NearRegion returns the region that was probably meant by s, empty if nothing tells.
func NearRegion(s string) string {
	all := knownRegions()
	s = strings.ReplaceAll(strings.ToLower(strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })), "_", "-")
	if slices.Contains(all, s) {
		return s
	}
	if n := len(s); n > 1 && isLower(s[n-1]) && isDigit(s[n-2]) && slices.Contains(all, s[:n-1]) {
		return s[:n-1] // an availability zone
	}
	places := named(`us-east-1: virginia n.-virginia
us-east-2: ohio
us-west-1: california
us-west-2: oregon
eu-west-1: ireland
eu-west-2: london
eu-west-3: paris
eu-central-1: frankfurt
eu-central-2: zurich
eu-north-1: stockholm
eu-south-1: milan
eu-south-2: spain
ap-northeast-1: tokyo
ap-northeast-2: seoul
ap-northeast-3: osaka
ap-southeast-1: singapore
ap-southeast-2: sydney
ap-southeast-3: jakarta
ap-south-1: mumbai
ap-south-2: hyderabad
ap-east-1: hong-kong
ca-central-1: canada montreal
ca-west-1: calgary
sa-east-1: sao-paulo
cn-north-1: beijing
cn-northwest-1: ningxia
me-south-1: bahrain
me-central-1: uae
il-central-1: tel-aviv
af-south-1: cape-town
mx-central-1: mexico`)
	if r := places[strings.ReplaceAll(s, " ", "-")]; r != "" {
		return r
	}
	return nearestTwisted(s, all)
}

// nearestTwisted is Nearest, where two letters that changed places are one mistake.
func nearestTwisted(s string, known []string) string {
	for i := range len(s) - 1 {
		if twisted := s[:i] + s[i+1:i+2] + s[i:i+1] + s[i+2:]; slices.Contains(known, twisted) {
			return twisted
		}
	}
	return Nearest(s, known)
}

// Doubts returns what a person should know about the valid connector called name,
// one sentence each: a region that AWS may not have, and what is dropped of its resource id.
func (f File) Doubts(name string) []string {
	c, err := f.Lookup(name)
	if err != nil {
		return nil
	}
	var all []string
	doubt := func(s string) {
		if s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	doubt(DoubtRegion(c.Region))
	for _, claim := range c.registries() {
		doubt(DoubtRegion(claim.Region))
	}
	if id, _ := f.connectors.own(name)["resource_id"].(string); !c.Narrowed {
		doubt(c.Dropped(id))
	}
	return all
}

// Dropped says what was left out of id when the connector's resource id was made of
// it; empty for nothing. What is left out limits no session.
func (c Connector) Dropped(id string) string {
	path := ""
	switch {
	case c.ResourceType == S3Bucket:
		_, rest, _ := strings.Cut(id, strings.TrimPrefix(c.ResourceID, "s3://"))
		path = strings.Trim(rest, "/")
	case c.ResourceType == DockerRegistry && strings.HasPrefix(id, "arn:"):
		_, path, _ = strings.Cut(id, ":repository/")
	case c.ResourceType == DockerRegistry:
		_, rest, _ := strings.Cut(id, "://")
		_, path, _ = strings.Cut(first(rest, id), "/")
		path = strings.Trim(path, "/")
	}
	switch {
	case path == "" || path == "*":
		return ""
	case c.Scope == ScopeNone:
		return fmt.Sprintf("its resource is all of %s: %q in its resource_id has no effect", c.ResourceID, path)
	case c.ResourceType == S3Bucket:
		return fmt.Sprintf("the session covers the whole bucket %s: the path %q in its resource_id limits nothing, a policy can", c.ResourceID, path)
	}
	return fmt.Sprintf("the session covers every repository of %s: %q in its resource_id limits nothing, a policy can", c.ResourceID, path)
}
