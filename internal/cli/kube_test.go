package cli

import (
	"slices"
	"testing"

	"aws-connector/helper"
	"aws-connector/internal/connector"
)

func TestKubeEntry(t *testing.T) {
	f, err := connector.Parse("f", []byte(`
[defaults]
region = "eu-central-1"
key = "main"
[connectors.own]
auth_method = "session-token"
resource_type = "kubernetes-cluster"
resource_id = "demo"
[connectors.mfa]
auth_method = "session-token"
mfa_serial = "arn:aws:iam::123456789012:mfa/alice"
[connectors.chained]
auth_method = "iam-role"
source = "mfa"
role_arn = "arn:aws:iam::123456789012:role/Deploy"
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		connector   string
		of          helper.Cluster
		name        string
		args        []string
		interactive string
	}{
		{"own", helper.Cluster{Name: "demo", Region: "eu-central-1"}, "own", []string{"kube-token", "own", "--cluster", "demo"}, "Never"},
		{"own", helper.Cluster{Name: "demo", Region: "us-east-1"}, "own@demo", []string{"kube-token", "own", "--cluster", "demo", "--region", "us-east-1"}, "Never"},
		{"own", helper.Cluster{Name: "b", Region: "eu-central-1"}, "own@b", []string{"kube-token", "own", "--cluster", "b"}, "Never"},
		{"mfa", helper.Cluster{Name: "b", Region: "eu-central-1"}, "mfa@b", []string{"kube-token", "mfa", "--cluster", "b"}, "IfAvailable"},
		{"chained", helper.Cluster{Name: "b", Region: "eu-central-1"}, "chained@b", []string{"kube-token", "chained", "--cluster", "b"}, "IfAvailable"},
	} {
		c, err := f.Lookup(test.connector)
		if err != nil {
			t.Fatal(err)
		}
		got := kubeEntry(f, c, test.of, "/usr/bin/aws-connector")
		if got.Name != test.name || !slices.Equal(got.Args, test.args) || got.Interactive != test.interactive || got.Command != "/usr/bin/aws-connector" {
			t.Errorf("%s of %v: %+v", test.connector, test.of, got)
		}
	}
}
