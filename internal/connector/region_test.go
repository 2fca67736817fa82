package connector

import (
	"slices"
	"testing"
)

func TestDoubts(t *testing.T) {
	const head = "[connectors.c]\nauth_method = \"iam-role\"\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\n"
	for input, want := range map[string][]string{
		"region = \"eu-central-1\"\n":  nil,
		"region = \"eu-centrall-1\"\n": {`aws-connector does not know region "eu-centrall-1": did you mean "eu-central-1"?`},
		"region = \"eu-cnetral-1\"\n":  {`aws-connector does not know region "eu-cnetral-1": did you mean "eu-central-1"?`},
		"region = \"af-newplace-1\"\n": {`aws-connector does not know region "af-newplace-1": AWS may have added it since`},
		"region = \"eu-central-1\"\nregistries = [\"123456789012.dkr.ecr.eu-wets-1.amazonaws.com\", \"123456789012\", \"*\", \"public.ecr.aws\"]\n": {`aws-connector does not know region "eu-wets-1": did you mean "eu-west-1"?`},
		"region = \"eu-central-1\"\nresource_type = \"s3-bucket\"\nresource_id = \"s3://bucket/team/\"\n":                                           {`the session covers the whole bucket s3://bucket: the path "team" in its resource_id limits nothing, a policy can`},
		"region = \"eu-central-1\"\nresource_type = \"s3-bucket\"\nresource_id = \"arn:aws:s3:::bucket/a/b\"\n":                                     {`the session covers the whole bucket s3://bucket: the path "a/b" in its resource_id limits nothing, a policy can`},
		"region = \"eu-central-1\"\nresource_type = \"s3-bucket\"\nresource_id = \"s3://bucket/\"\n":                                                nil,
		"region = \"eu-central-1\"\nresource_type = \"s3-bucket\"\nresource_id = \"arn:aws:s3:::bucket/*\"\n":                                       nil,
		"region = \"eu-central-1\"\nresource_type = \"docker-registry\"\nresource_id = \"https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/app:1\"\n": {
			`the session covers every repository of 123456789012.dkr.ecr.eu-central-1.amazonaws.com: "app:1" in its resource_id limits nothing, a policy can`},
		"region = \"eu-central-1\"\nresource_type = \"docker-registry\"\nresource_id = \"arn:aws:ecr:eu-central-1:123456789012:repository/app\"\n": {
			`the session covers every repository of 123456789012.dkr.ecr.eu-central-1.amazonaws.com: "app" in its resource_id limits nothing, a policy can`},
		"region = \"eu-central-1\"\nresource_type = \"docker-registry\"\nresource_id = \"123456789012.dkr.ecr.eu-central-1.amazonaws.com\"\n": nil,
		"region = \"eu-central-1\"\nresource_type = \"s3-bucket\"\nresource_id = \"s3://bucket/team/\"\nscope = \"none\"\n":                   {`its resource is all of s3://bucket: "team" in its resource_id has no effect`},
		"region = \"x\"\n": nil, // broken
	} {
		f, err := Parse("f", []byte(head+input))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Doubts("c"); !slices.Equal(got, want) {
			t.Errorf("Doubts of %q = %q, want %q", input, got, want)
		}
	}
}

// Each region that is known is one, and nobody doubts it.
func TestKnownRegions(t *testing.T) {
	for _, r := range knownRegions() {
		if !ValidRegion(r) || DoubtRegion(r) != "" {
			t.Errorf("%q is known and no region", r)
		}
	}
}
