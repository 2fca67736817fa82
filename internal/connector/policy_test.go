package connector

import (
	"fmt"
	"strings"
	"testing"
)

// A generated policy allows what the connector claims, and no more.
func TestPoliciesOfRegistries(t *testing.T) {
	const (
		pull   = `"ecr:DescribeRepositories","ecr:ListImages","ecr:DescribeImages","ecr:BatchGetImage","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer"`
		push   = pull + `,"ecr:InitiateLayerUpload","ecr:UploadLayerPart","ecr:CompleteLayerUpload","ecr:PutImage"`
		token  = `{"Sid":"AllowECRRepositoryGetToken","Effect":"Allow","Action":["ecr:GetAuthorizationToken","ecr:DescribeRegistry"],"Resource":["*"]}`
		public = `{"Sid":"AllowECRPublicAccess","Effect":"Allow","Action":["ecr-public:DescribeRepositories","ecr-public:DescribeImages","ecr-public:BatchCheckLayerAvailability","ecr-public:InitiateLayerUpload","ecr-public:UploadLayerPart","ecr-public:CompleteLayerUpload","ecr-public:PutImage"],"Resource":["*"]},` + publicToken
		eks    = `{"Sid":"ListEKSClusters","Effect":"Allow","Action":["eks:ListClusters"],"Resource":["*"]},{"Sid":"AllowEKSClusterAccess","Effect":"Allow","Action":["eks:DescribeCluster"],"Resource":["arn:aws:eks:eu-central-1:123456789012:cluster/*"]}`
	)
	ecr := func(actions string, arns ...string) string {
		return `{"Sid":"AllowECRRepositoryAccess","Effect":"Allow","Action":[` + actions + `],"Resource":["` + strings.Join(arns, `","`) + `"]},` + token
	}
	arn := func(region, account string) string { return "arn:aws:ecr:" + region + ":" + account + ":repository/*" }
	claims := func(list ...string) string { return "registries = [\"" + strings.Join(list, `", "`) + "\"]\n" }
	for _, test := range []struct {
		name, own string
		want      []string
	}{
		{"its own alone", images + "resource_id = \"" + home + "\"", []string{ecr(push, arn("eu-central-1", "123456789012"))}},
		{"its own twice", images + "resource_id = \"" + home + "\"\n" + claims(home), []string{ecr(push, arn("eu-central-1", "123456789012"))}},
		{"another account and region", images + reading + "resource_id = \"" + home + "\"\n" + claims(away, far), []string{ecr(pull, arn("eu-central-1", "123456789012"), arn("eu-central-1", "210987654321"), arn("us-east-1", "123456789012"))}},
		{"FIPS and dual-stack hosts", images + "resource_id = \"" + home + "\"\n" + claims("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "123456789012.dkr-ecr.us-east-1.on.aws"), []string{ecr(push, arn("eu-central-1", "123456789012"), arn("us-east-1", "123456789012"))}},
		{"an account", images + "resource_id = \"" + home + "\"\n" + claims("210987654321"), []string{ecr(push, arn("eu-central-1", "123456789012"), arn("*", "210987654321"))}},
		{"its own account", images + "resource_id = \"" + home + "\"\n" + claims("123456789012", far), []string{ecr(push, arn("*", "123456789012"))}},
		{"no id", images + claims(away, far), []string{ecr(push, arn("eu-central-1", "*"), arn("us-east-1", "123456789012"))}},
		{"all", images + "resource_id = \"" + home + "\"\n" + claims("*", away, "210987654321"), []string{ecr(push, arn("*", "*")), public}},
		{"public", images + claims("public.ecr.aws"), []string{ecr(push, arn("eu-central-1", "*")), public}},
		{"public, dual-stack", images + claims("ecr-public.aws.com"), []string{ecr(push, arn("eu-central-1", "*")), public}},
		{"public alone", images + "resource_id = \"public.ecr.aws\"", []string{public}},
		{"public and another", images + "resource_id = \"public.ecr.aws\"\n" + claims(away), []string{ecr(push, arn("eu-central-1", "210987654321")), public}},
		{"public, reading", images + reading + "resource_id = \"public.ecr.aws\"\n", []string{`{"Sid":"AllowECRPublicAccess","Effect":"Allow","Action":["ecr-public:DescribeRepositories","ecr-public:DescribeImages","ecr-public:BatchCheckLayerAvailability"],"Resource":["*"]},` + publicToken}},
		{"beside a cluster", cluster + claims(away), []string{eks, ecr(push, arn("eu-central-1", "210987654321"))}},
		{"beside a cluster, public", cluster + claims("public.ecr.aws"), []string{eks, public}},
	} {
		want := `{"Version":"2012-10-17","Statement":[` + strings.Join(test.want, ",") + `]}`
		if got := one(t, asRole+test.own).SessionPolicy(); got != want {
			t.Errorf("%s: SessionPolicy() = %s, want %s", test.name, got, want)
		}
	}
	bare, joined := one(t, asRole+bucket).SessionPolicy(), one(t, asRole+bucket+claims(away)).SessionPolicy()
	if want := strings.TrimSuffix(bare, "]}") + "," + ecr(push, arn("eu-central-1", "210987654321")) + "]}"; joined != want {
		t.Errorf("beside a bucket: SessionPolicy() = %s, want %s", joined, want)
	}
	for _, own := range []string{"", bucket + unscoped, "policy = '{}'"} {
		if got, want := one(t, asRole+own+"\n"+claims("*")).SessionPolicy(), one(t, asRole+own).SessionPolicy(); got != want {
			t.Errorf("%q: claims make the policy %q, want %q", own, got, want)
		}
	}
	if one(t, asRole+images).Fingerprint() == one(t, asRole+images+claims(far)).Fingerprint() {
		t.Error("a claim that is in the policy leaves the fingerprint")
	}
	// "*" claims ECR Public only from its partition.
	gov := strings.ReplaceAll("[connectors.c]\n"+asRole+images+claims("*")+"region = \"us-gov-west-1\"\n", "arn:aws:", "arn:aws-us-gov:")
	f, err := Parse("f", []byte(gov))
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Lookup("c")
	if p := c.SessionPolicy(); err != nil || strings.Contains(p, "public") || !strings.Contains(p, `"arn:aws-us-gov:ecr:*:*:repository/*"`) {
		t.Errorf("in another partition: %v, %s", err, p)
	}
}

const publicToken = `{"Sid":"AllowECRPublicGetToken","Effect":"Allow","Action":["ecr-public:GetAuthorizationToken","sts:GetServiceBearerToken"],"Resource":["*"]}`

// More registries than a policy has room for are told when the file is read.
func TestTooManyRegistriesForAPolicy(t *testing.T) {
	lookup := func(n int, more string) error {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf("%q", fmt.Sprintf("1234567890%02d", i)))
		}
		f, err := Parse("f", []byte("[connectors.c]\nregion = \"eu-central-1\"\n"+asRole+images+"registries = ["+strings.Join(list, ",")+"]\n"+more))
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Lookup("c")
		return err
	}
	if err := lookup(20, ""); err != nil {
		t.Error(err)
	}
	if err := lookup(60, ""); err == nil || !strings.Contains(err.Error(), `f:6: connector "c": the session policy for the resource and the registries has `) {
		t.Errorf("60 accounts: %v, want the length of the policy", err)
	}
	if err := lookup(60, unscoped); err != nil {
		t.Errorf("60 accounts without a policy: %v", err)
	}
}

func TestMatches(t *testing.T) {
	for _, test := range []struct {
		pattern, s string
		want       bool
	}{
		{"a", "a", true}, {"a", "b", false}, {"a", "a*", false}, {"*", "", true}, {"*", "*", true}, {"a*", "a", true}, {"a*", "ba", false},
		{"a*c", "abc", true}, {"a*c", "ac", true}, {"a*c", "abcd", false}, {"ab*bc", "abc", false}, {"a*b*c", "axbxc", true}, {"a*b*c", "acb", false},
		{"arn:*:*:r/*", "arn:*:1:r/*", true}, {"arn:*:1:r/*", "arn:*:*:r/*", false}, {"a*a", "a", false}, {"*a*", "bab", true}, {"*a*", "b", false},
	} {
		if got := matches(test.pattern, test.s); got != test.want {
			t.Errorf("matches(%q, %q) = %t, want %t", test.pattern, test.s, got, test.want)
		}
	}
}
