package helper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aws-connector/internal/connector"
)

const narrowable = roleConnector + `[connectors.f]
auth_method = "federation-token"
resource_type = "s3-bucket"
[connectors.i]
auth_method = "implicit"
allow_implicit_auth_methods = true
profile_name = "k"
role_arn = "` + roleARN + `"
`

// narrowed is w with the connector narrowed.
func (w *world) narrowed(t *testing.T, name string, to connector.Narrowing) *world {
	t.Helper()
	f, err := w.Connectors.Narrowed(to, name)
	if err != nil {
		t.Fatal(err)
	}
	h := *w.Helper
	h.Connectors = f
	return &world{Helper: &h, aws: w.aws}
}

// The policy that AWS gets is exact, for every type, id, scope and method.
func TestThePolicyOfANarrowedSession(t *testing.T) {
	const (
		buckets  = `{"Sid":"ListS3Buckets","Effect":"Allow","Action":["s3:ListAllMyBuckets"],"Resource":["*"]}`
		read     = `"s3:ListBucket","s3:ListBucketVersions","s3:GetBucketLocation","s3:GetBucketVersioning"`
		get      = `"s3:GetObject","s3:GetObjectVersion"`
		via      = `"Resource":["*"],"Condition":{"StringLike":{"kms:ViaService":"s3.*.amazonaws.com"}}}`
		clusters = `{"Sid":"ListEKSClusters","Effect":"Allow","Action":["eks:ListClusters"],"Resource":["*"]}`
		pull     = `"ecr:DescribeRepositories","ecr:ListImages","ecr:DescribeImages","ecr:BatchGetImage","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer"`
		token    = `{"Sid":"AllowECRRepositoryGetToken","Effect":"Allow","Action":["ecr:GetAuthorizationToken","ecr:DescribeRegistry"],"Resource":["*"]}`
		look     = `"ecr-public:DescribeRepositories","ecr-public:DescribeImages","ecr-public:BatchCheckLayerAvailability"`
		bearer   = `{"Sid":"AllowECRPublicGetToken","Effect":"Allow","Action":["ecr-public:GetAuthorizationToken","sts:GetServiceBearerToken"],"Resource":["*"]}`
	)
	s3 := func(bucket string, writes bool) string {
		list, object, keys := read, get, `"kms:Decrypt"`
		if writes {
			list += `,"s3:ListBucketMultipartUploads"`
			object += `,"s3:PutObject","s3:DeleteObject","s3:DeleteObjectVersion","s3:AbortMultipartUpload","s3:ListMultipartUploadParts"`
			keys += `,"kms:GenerateDataKey"`
		}
		return buckets + `,{"Sid":"AllowS3BucketAccess","Effect":"Allow","Action":[` + list + `],"Resource":["arn:aws:s3:::` + bucket + `"]},` +
			`{"Sid":"AllowS3ObjectAccess","Effect":"Allow","Action":[` + object + `],"Resource":["arn:aws:s3:::` + bucket + `/*"]},` +
			`{"Sid":"AllowKMSThroughS3","Effect":"Allow","Action":[` + keys + `],` + via
	}
	eks := func(account, cluster string) string {
		return clusters + `,{"Sid":"AllowEKSClusterAccess","Effect":"Allow","Action":["eks:DescribeCluster"],"Resource":["arn:aws:eks:eu-central-1:` + account + `:cluster/` + cluster + `"]}`
	}
	ecr := func(account string, writes bool) string {
		actions := pull
		if writes {
			actions += `,"ecr:InitiateLayerUpload","ecr:UploadLayerPart","ecr:CompleteLayerUpload","ecr:PutImage"`
		}
		return `{"Sid":"AllowECRRepositoryAccess","Effect":"Allow","Action":[` + actions + `],"Resource":["arn:aws:ecr:eu-central-1:` + account + `:repository/*"]},` + token
	}
	public := func(writes bool) string {
		actions := look
		if writes {
			actions += `,"ecr-public:InitiateLayerUpload","ecr-public:UploadLayerPart","ecr-public:CompleteLayerUpload","ecr-public:PutImage"`
		}
		return `{"Sid":"AllowECRPublicAccess","Effect":"Allow","Action":[` + actions + `],"Resource":["*"]},` + bearer
	}
	const account = "123456789012"
	w := newWorld(t, narrowable)
	config := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(config, []byte("[profile k]\naws_access_key_id = "+accessKeyID+"\naws_secret_access_key = "+canary+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.Env.Ambient.ConfigFile = config
	for _, test := range []struct {
		to   connector.Narrowing
		want string
	}{
		{connector.Narrowing{Type: "s3-bucket"}, s3("*", true)},
		{connector.Narrowing{Type: "s3-bucket", Scope: "resource-read-only"}, s3("*", false)},
		{connector.Narrowing{Type: "s3-bucket", ID: "arn:aws:s3:::reports/x"}, s3("reports", true)},
		{connector.Narrowing{Type: "s3-bucket", ID: "reports", Scope: "resource-read-only"}, s3("reports", false)},
		{connector.Narrowing{Type: "kubernetes-cluster"}, eks(account, "*")},
		{connector.Narrowing{Type: "kubernetes-cluster", ID: "prod"}, eks(account, "prod")},
		{connector.Narrowing{Type: "kubernetes-cluster", ID: "prod", Scope: "resource-read-only"}, eks(account, "prod")},
		{connector.Narrowing{Type: "docker-registry"}, ecr("*", true)},
		{connector.Narrowing{Type: "docker-registry", Scope: "resource-read-only"}, ecr("*", false)},
		{connector.Narrowing{Type: "docker-registry", ID: "210987654321.dkr.ecr.eu-central-1.amazonaws.com"}, ecr("210987654321", true)},
		{connector.Narrowing{Type: "docker-registry", ID: "arn:aws:ecr:eu-central-1:210987654321:repository/r", Scope: "resource-read-only"}, ecr("210987654321", false)},
		{connector.Narrowing{Type: "docker-registry", ID: "public.ecr.aws"}, public(true)},
		{connector.Narrowing{Type: "docker-registry", ID: "public.ecr.aws", Scope: "resource-read-only"}, public(false)},
	} {
		for _, name := range []string{"r", "i", "f"} {
			if name == "f" && test.to.Type != "s3-bucket" {
				continue // it is for buckets
			}
			w.narrowed(t, name, test.to).get(t, name)
			requests := w.aws.Requests()
			want := `{"Version":"2012-10-17","Statement":[` + test.want + `]}`
			if got := requests[len(requests)-1].Params.Get("Policy"); got != want {
				t.Errorf("%s narrowed to %v sends %s, want %s", name, test.to, got, want)
			}
		}
	}
}

// Narrowings of one connector have sessions, failures and names of their own.
func TestNarrowedSessions(t *testing.T) {
	w := newWorld(t, roleConnector+"registries = [\"*\"]\n")
	whole := w.get(t, "r")
	ids := map[string]string{whole.AccessKeyID: "r"}
	tos := []connector.Narrowing{{Type: "s3-bucket"}, {Type: "s3-bucket", Scope: "resource-read-only"}, {Type: "s3-bucket", ID: "bbb"}, {Type: "kubernetes-cluster", ID: "bbb"}, {Type: "docker-registry"}}
	for _, to := range tos {
		for range 2 {
			ids[w.narrowed(t, "r", to).get(t, "r").AccessKeyID] = to.String()
		}
	}
	if calls := w.aws.Calls("AssumeRole"); len(ids) != 6 || calls != 6 {
		t.Errorf("%d sessions of %d calls, want 6 of 6", len(ids), calls)
	}
	all, err := w.Sessions(t.Context())
	if err != nil || len(all) != 6 {
		t.Fatalf("Sessions = %+v, %v", all, err)
	}
	for _, s := range all {
		if want := strings.TrimPrefix(ids[s.AccessKeyID], "r"); !s.Current || s.Connector != "r" || s.Narrowed.String() != want {
			t.Errorf("session %+v, want one of %q that is current", s, want)
		}
	}
	// The connector as it is has its own session, and no other.
	c, _ := w.Connectors.Lookup("r")
	if s, ok := w.Session(t.Context(), c); !ok || s.AccessKeyID != whole.AccessKeyID {
		t.Errorf("Session = %+v, %t", s, ok)
	}
	// What the connector may be narrowed to no more is no longer in use.
	w.edit(t, roleConnector+"resource_type = \"s3-bucket\"\nresource_id = \"ccc\"\n")
	all, _ = w.Sessions(t.Context())
	for _, s := range all {
		if s.Current {
			t.Errorf("session %+v is current", s)
		}
	}
	if n, err := w.Clear(t.Context(), "r"); n != 6 || err != nil {
		t.Errorf("Clear = %d, %v, want 6", n, err)
	}
}

// A profile that narrows another connector is answered in this process as it
// says: not as the whole connector, and not as another narrowing.
func TestANarrowedConnectorInBetween(t *testing.T) {
	w := newWorld(t, narrowable+"[connectors.over]\nauth_method = \"implicit\"\nallow_implicit_auth_methods = true\nprofile_name = \"o\"\n")
	config := filepath.Join(t.TempDir(), "config")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w.Env.Ambient = Ambient{ConfigFile: config, Self: self}
	write := func(args string) {
		t.Helper()
		text := fmt.Sprintf("[profile o]\ncredential_process = \"%s\" get %s\n", self, args)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]string{}
	for _, args := range []string{"r", "r --resource-type s3-bucket", "r --resource-type s3-bucket --resource-id bbb", "r --resource-type=s3-bucket --resource-id bbb --scope=resource-read-only"} {
		write(args)
		got := w.get(t, "over")
		if other, ok := seen[got.AccessKeyID]; ok {
			t.Errorf("%q has the session of %q", args, other)
		}
		seen[got.AccessKeyID] = args
		id, _ := w.aws.Identity(got.AccessKeyID)
		if narrow := strings.Contains(args, "--"); (id.Policy != "") != narrow || strings.Contains(id.Policy, "PutObject") == strings.Contains(args, "read-only") && narrow {
			t.Errorf("%q has the policy %q", args, id.Policy)
		}
		if calls := w.aws.Calls("AssumeRole"); calls != len(seen) {
			t.Errorf("%d calls after %q, want %d", calls, args, len(seen))
		}
	}
	c, _ := w.Connectors.Lookup("over")
	for args, want := range map[string]string{
		"f --resource-type docker-registry":              `connector "f": its sessions are for s3-bucket, and a session can be narrowed but not widened`,
		"over --resource-type s3-bucket":                 "the connector starts itself: over -> over",
		"gone --resource-type s3-bucket":                 `no connector "gone"`,
		"i --resource-type s3-bucket --resource-id CA-R": "the resource id must be a bucket",
	} {
		write(args)
		for what, ask := range map[string]func() error{
			"Credentials":  func() error { _, err := w.Credentials(t.Context(), "over"); return err },
			"CheckProfile": func() error { return w.CheckProfile(context.Background(), c) },
		} {
			if err := ask(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s over %q = %v, want %q", what, args, err, want)
			}
		}
	}
	write("f --resource-type docker-registry")
	_, err = w.Credentials(t.Context(), "over")
	var narrow *connector.NarrowingError
	if !errors.As(err, &narrow) {
		t.Errorf("%v is no NarrowingError", err)
	}
}

// Where two connectors are narrowed and one starts from the other, it starts from
// the whole of it: a session for a bucket assumes no role.
func TestWhatANarrowedConnectorStartsFrom(t *testing.T) {
	w := newWorld(t, roleConnector+"[connectors.over]\nauth_method = \"implicit\"\nallow_implicit_auth_methods = true\nprofile_name = \"o\"\nrole_arn = \""+roleARN+"\"\n")
	config := filepath.Join(t.TempDir(), "config")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w.Env.Ambient = Ambient{ConfigFile: config, Self: self}
	if err := os.WriteFile(config, fmt.Appendf(nil, "[profile o]\ncredential_process = \"%s\" get r\n", self), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := w.Connectors.Narrowed(connector.Narrowing{Type: "s3-bucket"}, "over", "r")
	if err != nil {
		t.Fatal(err)
	}
	w.Connectors = f
	for _, name := range []string{"over", "r"} {
		id, _ := w.aws.Identity(w.get(t, name).AccessKeyID)
		base, _ := w.aws.Identity(id.Parent)
		if id.Policy == "" || base.Policy != "" {
			t.Errorf("%s has policy %q and starts from one with %q", name, id.Policy, base.Policy)
		}
	}
	if calls := w.aws.Calls("AssumeRole"); calls != 3 {
		t.Errorf("%d calls, want 3: over, and r as a whole and narrowed", calls)
	}
}
