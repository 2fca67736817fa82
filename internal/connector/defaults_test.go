package connector

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// What of the defaults a connector takes depends on what it says itself.
func TestWhichDefaultsAreTaken(t *testing.T) {
	const (
		role   = "role_arn = \"arn:aws:iam::123456789012:role/r\"\n"
		bucket = "resource_type = \"s3-bucket\"\nresource_id = \"s3://b-1/x\"\n"
		arns   = "policy_arns = [\"arn:aws:iam::aws:policy/A\"]\n"
	)
	iam := func(c Connector) Connector {
		c.Name, c.Method, c.Key, c.RoleARN, c.Duration = "c", IAMRole, "c", "arn:aws:iam::123456789012:role/r", usualRole
		if c.Region == "" {
			c.Region = "eu-central-1"
		}
		if c.ResourceType == "" {
			c.ResourceType = Generic
		}
		return c
	}
	for name, test := range map[string]struct {
		defaults, own string
		want          Connector
	}{
		"all":                             {arns, "", iam(Connector{PolicyARNs: []string{"arn:aws:iam::aws:policy/A"}, Scope: ScopeNone})},
		"its own wins":                    {"region = \"us-east-1\"\nkey = \"k\"\n", "region = \"eu-west-1\"\nkey = \"c\"\n", iam(Connector{Region: "eu-west-1", Scope: ScopeNone})},
		"its own key without a source":    {"", "key = \"c\"\n", iam(Connector{Scope: ScopeNone})},
		"a policy beside its scope":       {"policy = '{}'\n" + arns, bucket + "scope = \"resource\"\n", iam(Connector{ResourceType: S3Bucket, ResourceID: "s3://b-1", Scope: ScopeResource})},
		"a policy beside its scope none":  {"policy = '{ \"a\" : 1 }'\n", bucket + "scope = \"none\"\n", iam(Connector{ResourceType: S3Bucket, ResourceID: "s3://b-1", Scope: ScopeNone, Policy: `{"a":1}`})},
		"a scope beside its policy":       {"scope = \"resource\"\n", bucket + "policy = '{}'\n", iam(Connector{ResourceType: S3Bucket, ResourceID: "s3://b-1", Scope: ScopeNone, Policy: "{}"})},
		"a scope beside its policy ARNs":  {"scope = \"resource\"\n", bucket + arns, iam(Connector{ResourceType: S3Bucket, ResourceID: "s3://b-1", Scope: ScopeNone, PolicyARNs: []string{"arn:aws:iam::aws:policy/A"}})},
		"scope none without a resource":   {"scope = \"none\"\n", "", iam(Connector{Scope: ScopeNone})},
		"a resource without a scope":      {"", bucket, iam(Connector{ResourceType: S3Bucket, ResourceID: "s3://b-1", Scope: ScopeResource})},
		"its own method in other's place": {"auth_method = \"session-token\"\n", "", iam(Connector{Scope: ScopeNone})},
	} {
		c := load(t, "[defaults]\n"+test.defaults+"[connectors.c]\nauth_method = \"iam-role\"\n"+role+test.own+regionUnless(test.defaults+test.own))
		if !reflect.DeepEqual(c, test.want) {
			t.Errorf("%s: Lookup = %+v, want %+v", name, c, test.want)
		}
	}
	// What others need for their roles does not make an implicit connector wrong.
	c := load(t, "[defaults]\nregion = \"eu-central-1\"\nexternal_id = \"x1\"\nauth_method = \"implicit\"\n[connectors.c]\n")
	if c.ExternalID != "" || c.Method != Implicit {
		t.Errorf("Lookup = %+v, want nothing of a role's", c)
	}
	if c = load(t, "[defaults]\nexternal_id = \"x1\"\n"+role+"[connectors.c]\nregion = \"eu-central-1\"\nauth_method = \"implicit\"\nrole_session_name = \"s1\"\n"); c.ExternalID != "x1" || c.RoleSessionName != "s1" {
		t.Errorf("Lookup = %+v, want what is for its role", c)
	}
}

// regionUnless returns a region for what has none.
func regionUnless(text string) string {
	if strings.Contains(text, "region =") {
		return ""
	}
	return "region = \"eu-central-1\"\n"
}

// What is wrong with the defaults is wrong with whoever takes them.
func TestDefaultsThatAreWrong(t *testing.T) {
	for defaults, want := range map[string]string{
		"expiration_seconds = \"x\"\n":                   "expiration_seconds must be",
		"auth_method = 1\n":                              "auth_method must be",
		"auth_method = \"x\"\n":                          "auth_method: unknown value \"x\"",
		"region = \"mars-1\"\n":                          "region",
		"endpoint_url = \"AKIAIOSFODNN7EXAMPLE\"\n":      "endpoint_url",
		"resource_type = \"s3\"\n":                       "resource_type: unknown value \"s3\"",
		"resource_type = \"s3-bucket\"\nscope = \"x\"\n": "",
	} {
		f, err := Parse("f", []byte("[defaults]\n"+defaults+"[connectors.c]\n"+regionUnless(defaults)+methodUnless(defaults)))
		if err == nil {
			_, err = f.Lookup("c")
		}
		var e *Error
		if (want == "") != (err == nil) || err != nil && (!errors.As(err, &e) || !strings.Contains(e.Error(), want)) {
			t.Errorf("Lookup with %q = %v, want %q", defaults, err, want)
		}
	}
}

func methodUnless(text string) string {
	if strings.Contains(text, "auth_method") {
		return ""
	}
	return "auth_method = \"session-token\"\n"
}

// The limits themselves are within them.
func TestLimits(t *testing.T) {
	list := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf("%q", fmt.Sprint("arn:aws:iam::aws:policy/P", i)))
		}
		return "policy_arns = [" + strings.Join(all, ",") + "]\n"
	}
	table := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf("k%d = 'v'", i))
		}
		return "tags = {" + strings.Join(all, ",") + "}\n"
	}
	policy := func(n int) string {
		return "policy = '{\"a\":\"" + strings.Repeat("x", n-len(`{"a":""}`)) + "\"}'\n"
	}
	const arn = len("arn:aws:iam::aws:policy/P0")
	for name, test := range map[string]struct {
		fields string
		ok     bool
	}{
		"10 ARNs": {list(10), true}, "11 ARNs": {list(11), false},
		"50 tags": {table(50), true}, "51 tags": {table(51), false},
		"key of 128":     {"tags = {" + strings.Repeat("k", 128) + " = 'v'}\n", true},
		"key of 129":     {"tags = {" + strings.Repeat("k", 129) + " = 'v'}\n", false},
		"no key":         {"tags = {'' = 'v'}\n", false},
		"value of 256":   {"tags = {k = '" + strings.Repeat("v", 256) + "'}\n", true},
		"value of 257":   {"tags = {k = '" + strings.Repeat("v", 257) + "'}\n", false},
		"no value":       {"tags = {k = ''}\n", true},
		"policy":         {policy(policyLimit), true},
		"longer policy":  {policy(policyLimit + 1), false},
		"policy and ARN": {policy(policyLimit-arn) + list(1), true},
		"both longer":    {policy(policyLimit-arn+1) + list(1), false},
	} {
		f, err := Parse("f", []byte("[connectors.c]\nauth_method = \"iam-role\"\nregion = \"eu-central-1\"\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\n"+test.fields))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Lookup("c"); (err == nil) != test.ok {
			t.Errorf("%s: Lookup = %v, want success: %t", name, err, test.ok)
		}
	}
}

func TestFederationNeedsAPolicy(t *testing.T) {
	for fields, ok := range map[string]bool{
		"":                                false,
		"policy = '{}'\n":                 true,
		"resource_type = \"s3-bucket\"\n": true,
		"resource_type = \"s3-bucket\"\nscope = \"none\"\n":     false,
		"resource_type = \"s3-bucket\"\nscope = \"resource\"\n": true,
		"policy_arns = [\"arn:aws:iam::aws:policy/A\"]\n":       true,
		"scope = \"resource\"\n":                                false,
	} {
		f, err := Parse("f", []byte("[connectors.c]\nauth_method = \"federation-token\"\nregion = \"eu-central-1\"\n"+fields))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Lookup("c"); (err == nil) != ok {
			t.Errorf("Lookup with %q = %v, want success: %t", fields, err, ok)
		}
	}
}
