package connector

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func many(n int, field string) string {
	var b strings.Builder
	b.WriteString("[defaults]\nregion = \"eu-central-1\"\nauth_method = \"session-token\"\n")
	for i := range n {
		fmt.Fprintf(&b, "[connectors.c%05d]\n%s\n", i, strings.ReplaceAll(field, "%", fmt.Sprintf("%012d", i)))
	}
	return b.String()
}

// Ten thousand connectors take as many steps and not the square of that: with
// it, this test does not end.
func TestTenThousandConnectors(t *testing.T) {
	const n = 10_000
	for name, test := range map[string]struct {
		field        string
		valid, hosts int
		complaint    string // of CheckClaims or Lookup
	}{
		"with registries": {`registries = ["%", "%.dkr.ecr.us-east-1.amazonaws.com"]`, n, 2 * n, ""},
		"that agree":      {`registries = ["*"]`, n, 0, "claims every registry, and so does"},
		"with conflicts":  {`registries = ["123456789012"]`, n, 0, "claims account 123456789012, and so does"},
		"broken":          {"registries = [\"%\"]\npolcy = 1", 0, 0, `unknown key "polcy"`},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse("f", []byte(many(n, test.field)))
			if err != nil {
				t.Fatal(err)
			}
			valid := 0
			for _, name := range f.Names() {
				_, err := f.Lookup(name)
				if err == nil {
					valid++
					err = f.CheckClaims(name)
				}
				if test.complaint != "" && (err == nil || !strings.Contains(err.Error(), test.complaint)) {
					t.Fatalf("%s: %v, want %s", name, err, test.complaint)
				}
			}
			if hosts := f.RegistryHosts(); valid != test.valid || len(hosts) != test.hosts {
				t.Errorf("%d connectors are valid and name %d hosts, want %d and %d", valid, len(hosts), test.valid, test.hosts)
			}
		})
	}
}

func TestALongRowOfSources(t *testing.T) {
	var b strings.Builder
	b.WriteString("[defaults]\nregion = \"eu-central-1\"\nauth_method = \"iam-role\"\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\n[connectors.c0]\n")
	for i := range 30 {
		fmt.Fprintf(&b, "[connectors.c%d]\nsource = \"c%d\"\n", i+1, i)
	}
	f, err := Parse("f", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Lookup("c4"); err != nil {
		t.Errorf("Lookup of the 5th = %v", err)
	}
	if _, err := f.Lookup("c5"); err == nil || !strings.Contains(err.Error(), "more than 5 connectors start from one another") {
		t.Errorf("Lookup of the 6th = %v, want an error", err)
	}
}

// The answers of a file are the caller's own, and those of none are empty.
func TestIndexIsShared(t *testing.T) {
	f, err := Parse("f", []byte(many(3, "")))
	if err != nil {
		t.Fatal(err)
	}
	f.Names()[0] = "x"
	if got := f.Names(); !slices.Equal(got, []string{"c00000", "c00001", "c00002"}) {
		t.Errorf("Names() = %q", got)
	}
	var none File
	r, _ := ParseRegistry(PublicRegistry)
	if _, claimed, err := none.ForRegistry(r); claimed || err != nil || none.Names() != nil || none.RegistryHosts() != nil || none.CheckClaims("c") != nil {
		t.Error("the zero File has connectors")
	}
	if _, err := none.Lookup("c"); err == nil {
		t.Error("Lookup in the zero File = nil, want an error")
	}
}

// A "*" is for the registries of its connector's partition, ECR Public's where that is aws.
func TestEveryRegistryOfAPartition(t *testing.T) {
	for _, test := range []struct{ region, host, want string }{
		{"eu-central-1", PublicRegistry, "c"},
		{"us-gov-west-1", PublicRegistry, ""},
		{"cn-north-1", PublicRegistry, ""},
		{"cn-north-1", "123456789012.dkr.ecr.cn-northwest-1.amazonaws.com.cn", "c"},
		{"cn-north-1", "123456789012.dkr.ecr.eu-central-1.amazonaws.com", ""},
		{"eu-central-1", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", ""},
		{"us-gov-west-1", "123456789012.dkr.ecr.us-gov-east-1.amazonaws.com", "c"},
		{"us-gov-west-1", "123456789012.dkr.ecr.us-east-1.amazonaws.com", ""},
		{"us-east-1", "123456789012.dkr.ecr.us-gov-east-1.amazonaws.com", ""},
	} {
		for _, claim := range []string{"*", "123456789012"} {
			f, err := Parse("f", []byte("[connectors.c]\nauth_method = \"session-token\"\nregion = \""+test.region+"\"\nregistries = [\""+claim+"\"]\n"))
			if err != nil {
				t.Fatal(err)
			}
			want := test.want
			if claim != "*" && test.host == PublicRegistry {
				want = ""
			}
			r, _ := ParseRegistry(test.host)
			if c, claimed, err := f.ForRegistry(r); c.Name != want || claimed != (want != "") || err != nil {
				t.Errorf("ForRegistry(%q) with %q in %s = %q, %v, %v, want %q", test.host, claim, test.region, c.Name, claimed, err, want)
			}
		}
	}
}

func TestFingerprintTellsWhereValuesEnd(t *testing.T) {
	for _, pair := range [][2]Connector{
		{{RoleSessionName: "ab", ExternalID: "c"}, {RoleSessionName: "a", ExternalID: "bc"}},
		{{Name: "c", Region: "eu-central-1"}, {Name: "c" + "eu-central-1"}},
		{{RoleSessionName: "a1:b", ExternalID: ""}, {RoleSessionName: "a", ExternalID: "b"}},
		{{Tags: map[string]string{"a": "bc"}}, {Tags: map[string]string{"ab": "c"}}},
		{{PolicyARNs: []string{"ab", "c"}}, {PolicyARNs: []string{"a", "bc"}}},
		{{PolicyARNs: []string{"1", "a"}}, {PolicyARNs: []string{"1a", ""}}},
		{{RoleSessionName: "a:b", ExternalID: "c"}, {RoleSessionName: "a", ExternalID: "b:c"}},
		{{PolicyARNs: []string{"1", "a", "b"}}, {Tags: map[string]string{"a": "b"}, TransitiveTagKeys: []string{"0"}}},
		{{EndpointURLs: map[string]string{"1": "x"}, TransitiveTagKeys: []string{"0"}}, {PolicyARNs: []string{"x"}, Tags: map[string]string{"0": "1"}}},
	} {
		if pair[0].Fingerprint() == pair[1].Fingerprint() {
			t.Errorf("%+v and %+v have one fingerprint", pair[0], pair[1])
		}
	}
}
