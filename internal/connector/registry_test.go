package connector

import (
	"slices"
	"strings"
	"testing"
)

func TestParseRegistry(t *testing.T) {
	for _, test := range []struct {
		host      string
		want      Registry // but for Host
		partition string
	}{
		{"123456789012.dkr.ecr.eu-central-1.amazonaws.com", Registry{Account: "123456789012", Region: "eu-central-1"}, "aws"},
		{"123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", Registry{Account: "123456789012", Region: "us-east-1", FIPS: true}, "aws"},
		{"123456789012.dkr-ecr.us-east-1.on.aws", Registry{Account: "123456789012", Region: "us-east-1", DualStack: true}, "aws"},
		{"123456789012.dkr-ecr-fips.us-east-1.on.aws", Registry{Account: "123456789012", Region: "us-east-1", FIPS: true, DualStack: true}, "aws"},
		{"123456789012.dkr.ecr.us-gov-west-1.amazonaws.com", Registry{Account: "123456789012", Region: "us-gov-west-1"}, "aws-us-gov"},
		{"123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", Registry{Account: "123456789012", Region: "us-gov-west-1", FIPS: true}, "aws-us-gov"},
		{"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", Registry{Account: "123456789012", Region: "cn-north-1"}, "aws-cn"},
		{"123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", Registry{Account: "123456789012", Region: "cn-north-1", DualStack: true}, "aws-cn"},
		{"123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", Registry{Account: "123456789012", Region: "eusc-de-east-1"}, "aws-eusc"},
		{"123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov", Registry{Account: "123456789012", Region: "us-iso-east-1"}, "aws-iso"},
		{"123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", Registry{Account: "123456789012", Region: "us-isob-east-1"}, "aws-iso-b"},
		{"123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", Registry{Account: "123456789012", Region: "eu-isoe-west-1"}, "aws-iso-e"},
		{"123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov", Registry{Account: "123456789012", Region: "us-isof-south-1"}, "aws-iso-f"},
		{"public.ecr.aws", Registry{Region: "us-east-1", Public: true}, "aws"},
		{"ecr-public.aws.com", Registry{Region: "us-east-1", Public: true, DualStack: true}, "aws"},
	} {
		test.want.Host = test.host
		got, ok := ParseRegistry(test.host)
		if !ok || got != test.want || got.Partition() != test.partition {
			t.Errorf("ParseRegistry(%q) = %+v in %s, %v, want %+v in %s", test.host, got, got.Partition(), ok, test.want, test.partition)
		}
	}
}

func TestParseRegistryRefuses(t *testing.T) {
	const account = "123456789012"
	for _, host := range []string{
		"", "docker.io", "index.docker.io", "localhost:5000", account,
		"12345678901.dkr.ecr.us-east-1.amazonaws.com", "1234567890123.dkr.ecr.us-east-1.amazonaws.com", "12345678901a.dkr.ecr.us-east-1.amazonaws.com",
		account + ".dkr.ecr.us-east-1.amazonaws.com.", account + ".dkr.ecr.us-east-1.amazonaws.com:443", account + ".DKR.ecr.us-east-1.amazonaws.com",
		account + ".dkr.ecr.us-east-1.amazonaws.com.cn", account + ".dkr.ecr.cn-north-1.amazonaws.com", account + ".dkr.ecr.us-east-1.amazonaws.com.evil.example",
		account + ".dkr.ecr.us-east-1.amazonaws.comx", account + ".dkr.ecr.us-east-1.on.aws", account + ".dkr-ecr.us-east-1.amazonaws.com",
		account + ".dkr.ecr..amazonaws.com", account + ".dkr.ecr.mars-north-1.amazonaws.com", account + ".dkr.ecr.us-east-1-.amazonaws.com",
		account + ".dkr.ecr-fips.cn-north-1.amazonaws.com.cn", account + ".dkr-ecr.eusc-de-east-1.on.aws", account + ".dkr.ecr.us-east-1.evil.amazonaws.com",
		account + "_dkr.ecr.us-east-1.amazonaws.com", account + ".dkr.ecr.us-east-1.amazonaws.com\n", "a" + account + ".dkr.ecr.us-east-1.amazonaws.com",
		"evil." + account + ".dkr.ecr.us-east-1.amazonaws.com", "public.ecr.aws.evil.example", "xpublic.ecr.aws", "public.ecr.aws:443",
	} {
		if r, ok := ParseRegistry(host); ok {
			t.Errorf("ParseRegistry(%q) = %+v, want none", host, r)
		}
	}
}

const claims = `
[defaults]
region = "eu-central-1"
auth_method = "session-token"
[connectors.host]
registries = ["111111111111.dkr.ecr.us-east-1.amazonaws.com", "public.ecr.aws"]
[connectors.account]
registries = ["111111111111"]
[connectors.rest]
registries = ["*"]
[connectors.id]
resource_type = "docker-registry"
resource_id = "222222222222.dkr.ecr.eu-central-1.amazonaws.com"
[connectors.china]
region = "cn-north-1"
registries = ["*"]
[connectors.one]
registries = ["333333333333"]
[connectors.two]
registries = ["333333333333"]
[connectors.broken]
registries = ["444444444444"]
polcy = "x"
[connectors.plain]
[connectors.anyregistry]
resource_type = "docker-registry"
`

func TestForRegistry(t *testing.T) {
	f, err := Parse("f", []byte(claims))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ host, want, err string }{
		{"111111111111.dkr.ecr.us-east-1.amazonaws.com", "host", ""},
		{"public.ecr.aws", "host", ""},
		{"ecr-public.aws.com", "host", ""},
		{"111111111111.dkr.ecr-fips.us-east-1.amazonaws.com", "account", ""},
		{"111111111111.dkr.ecr.ap-south-1.amazonaws.com", "account", ""},
		{"222222222222.dkr.ecr.eu-central-1.amazonaws.com", "id", ""},
		{"222222222222.dkr.ecr.us-east-1.amazonaws.com", "rest", ""},
		{"999999999999.dkr.ecr.us-east-1.amazonaws.com", "rest", ""},
		{"111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn", "china", ""},
		{"111111111111.dkr.ecr.us-gov-west-1.amazonaws.com", "", ""},
		{"333333333333.dkr.ecr.us-east-1.amazonaws.com", "", `f:18: connector "one": claims registry 333333333333.dkr.ecr.us-east-1.amazonaws.com, and so does "two"`},
		{"444444444444.dkr.ecr.us-east-1.amazonaws.com", "", `f:23: connector "broken": unknown key "polcy"`},
	} {
		r, _ := ParseRegistry(test.host)
		c, claimed, err := f.ForRegistry(r)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if c.Name != test.want || text != test.err || claimed != (test.want != "" || test.err != "") {
			t.Errorf("ForRegistry(%q) = %q, %v, %v, want %q, %q", test.host, c.Name, claimed, err, test.want, test.err)
		}
	}
	want := "111111111111.dkr.ecr.eu-central-1.amazonaws.com 111111111111.dkr.ecr.us-east-1.amazonaws.com 222222222222.dkr.ecr.eu-central-1.amazonaws.com public.ecr.aws"
	if got := f.RegistryHosts(); strings.Join(got, " ") != want || !slices.IsSorted(got) {
		t.Errorf("RegistryHosts() = %q, want %q", got, want)
	}
}

func TestCheckClaims(t *testing.T) {
	f, err := Parse("f", []byte(claims))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"host": "", "rest": "", "china": "", "plain": "",
		"two": `f:20: connector "two": claims account 333333333333, and so does "one"`,
	} {
		got := ""
		if err := f.CheckClaims(name); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("CheckClaims(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestARegistryOfAnotherPartition(t *testing.T) {
	f, err := Parse("f", []byte("[connectors.c]\nauth_method = \"session-token\"\nregion = \"eu-central-1\"\nregistries = [\"111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Lookup("c")
	want := `f:4: connector "c": registries has "111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn", which is in partition aws-cn, and the connector in aws`
	if err == nil || err.Error() != want {
		t.Errorf("Lookup = %v, want %s", err, want)
	}
}

// What is no registry is claimed by nobody, and what a broken connector claims
// no other one answers for.
func TestClaimsThatAreNone(t *testing.T) {
	f, err := Parse("f", []byte(`
[defaults]
region = "eu-central-1"
auth_method = "session-token"
[connectors.a]
resource_type = "docker-registry"
resource_id = "docker.io"
registries = ["ghcr.io", "555555555555.dkr.ecr.eu-central-1.amazonaws.com"]
[connectors.b]
resource_type = "docker-registry"
resource_id = "docker.io"
registries = ["ghcr.io", "666666666666"]
[connectors.c]
registries = ["444444444444", "777777777777.dkr.ecr.eu-central-1.amazonaws.com"]
[connectors.d]
registries = ["444444444444.dkr.ecr.eu-central-1.amazonaws.com"]
polcy = "x"
[connectors.e]
registries = ["777777777777.dkr.ecr.eu-central-1.amazonaws.com"]
`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"a": "", "b": "", "d": "",
		"c": `connector "c": claims registry 777777777777.dkr.ecr.eu-central-1.amazonaws.com, and so does "e"`,
	} {
		if err := f.CheckClaims(name); (err == nil) != (want == "") || err != nil && !strings.HasSuffix(err.Error(), want) {
			t.Errorf("CheckClaims(%s) = %v, want %q", name, err, want)
		}
	}
	if got := f.RegistryHosts(); len(got) != 0 {
		t.Errorf("RegistryHosts() = %q, want none that a connector answers for", got)
	}
}
