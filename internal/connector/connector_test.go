package connector

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
)

func load(t *testing.T, text string) Connector {
	t.Helper()
	f, err := Parse("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Lookup("c")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLookupMergesDefaults(t *testing.T) {
	c := load(t, `
[defaults]
region = "eu-central-1"
key = "main"
expiration_seconds = 1800
external_id = "for-roles"
[connectors.c]
auth_method = "session-token"
`)
	want := Connector{Name: "c", Method: SessionToken, Region: "eu-central-1", Key: "main", ResourceType: Generic, Scope: ScopeNone, Duration: 1800 * time.Second}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("Lookup = %+v, want %+v", c, want)
	}
}

func TestLookupDurations(t *testing.T) {
	const role = "role_arn = \"arn:aws:iam::123456789012:role/r\"\n"
	for _, test := range []struct {
		method, more string
		want         time.Duration
	}{
		{"secret-key", "", 0},
		{"sts-token", "", 0},
		{"implicit", "", 0},
		{"implicit", role, time.Hour},
		{"iam-role", role, time.Hour},
		{"iam-role", role + "expiration_seconds = 900", 900 * time.Second},
		{"iam-role", role + "expiration_seconds = 43200", 12 * time.Hour},
		{"session-token", "", 12 * time.Hour},
		{"session-token", "expiration_seconds = 129600", 36 * time.Hour},
		{"federation-token", "policy = '{}'", 12 * time.Hour},
	} {
		c := load(t, "[connectors.c]\nregion = \"eu-central-1\"\nauth_method = \""+test.method+"\"\n"+test.more)
		if c.Duration != test.want {
			t.Errorf("%s %s: Duration = %v, want %v", test.method, test.more, c.Duration, test.want)
		}
	}
}

func TestBrokenConnectorStopsNoOther(t *testing.T) {
	f, err := Parse("f", []byte("[connectors.a]\n[connectors.b]\nauth_method = \"session-token\"\nregion = \"eu-west-1\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Lookup("a"); err == nil {
		t.Error("Lookup(a) = nil, want an error")
	}
	if _, err := f.Lookup("b"); err != nil {
		t.Errorf("Lookup(b) = %v", err)
	}
	_, err = f.Lookup("bb")
	var unknown *NotFoundError
	if !errors.As(err, &unknown) || unknown.Hint() != `there are a, b` {
		t.Errorf("Lookup(bb) = %v, hint %q", err, unknown.Hint())
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "connectors.toml")
	if _, err := Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load(absent) = %v, want fs.ErrNotExist", err)
	}
	if err := os.WriteFile(path, []byte("keystore = \"file\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if f, err := Load(path); err != nil || f.Keystore != "file" || f.Path != path {
		t.Errorf("Load = %+v, %v", f, err)
	}
	if _, err := Load(filepath.Dir(path)); err == nil {
		t.Error("Load(directory) = nil, want an error")
	}
}

func TestCanonicalID(t *testing.T) {
	for _, test := range []struct {
		kind             ResourceType
		region, id, want string // want "" is an error
	}{
		{Generic, "eu-central-1", "eu-central-1", "eu-central-1"},
		{Generic, "eu-central-1", "us-east-1", ""},
		{S3Bucket, "eu-central-1", "b-1", "s3://b-1"},
		{S3Bucket, "eu-central-1", "s3://b-1/x/y", "s3://b-1"},
		{S3Bucket, "eu-central-1", "arn:aws:s3:::b-1/x", "s3://b-1"},
		{S3Bucket, "cn-north-1", "arn:aws-cn:s3:::b-1", "s3://b-1"},
		{S3Bucket, "us-gov-west-1", "arn:aws-us-gov:s3:::b-1", "s3://b-1"},
		{S3Bucket, "eu-central-1", "arn:aws-cn:s3:::b-1", ""},
		{S3Bucket, "eu-central-1", "ab", ""},
		{S3Bucket, "eu-central-1", "B-1", ""},
		{S3Bucket, "eu-central-1", "-ab", ""},
		{S3Bucket, "eu-central-1", strings.Repeat("a", 64), ""},
		{S3Bucket, "eu-central-1", "a..b", ""},
		{S3Bucket, "eu-central-1", "192.168.0.1", ""},
		{S3Bucket, "eu-central-1", "abc\n", ""},
		{S3Bucket, "eu-central-1", "xn--abc", ""},
		{S3Bucket, "eu-central-1", "abc-s3alias", ""},
		{KubernetesCluster, "eu-central-1", "c1", "c1"},
		{KubernetesCluster, "eu-central-1", "arn:aws:eks:eu-central-1:999999999999:cluster/c1", "c1"},
		{KubernetesCluster, "eu-central-1", "arn:aws:eks:us-east-1:123456789012:cluster/c1", ""},
		{KubernetesCluster, "eu-central-1", "_c", ""},
		{KubernetesCluster, "eu-central-1", "c.1", ""},
		{KubernetesCluster, "eu-central-1", strings.Repeat("a", 101), ""},
		{DockerRegistry, "eu-central-1", "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/r:tag", "123456789012.dkr.ecr.eu-central-1.amazonaws.com"},
		{DockerRegistry, "eu-central-1", "arn:aws:ecr:eu-central-1:123456789012:repository/r", "123456789012.dkr.ecr.eu-central-1.amazonaws.com"},
		{DockerRegistry, "eu-central-1", "arn:aws:ecr:eu-central-1:123456789012:repository/team/*", "123456789012.dkr.ecr.eu-central-1.amazonaws.com"},
		{DockerRegistry, "eu-central-1", "arn:aws:ecr:eu-central-1:123456789012:repository", "123456789012.dkr.ecr.eu-central-1.amazonaws.com"},
		{DockerRegistry, "eu-central-1", "http://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/", "123456789012.dkr.ecr.eu-central-1.amazonaws.com"},
		{DockerRegistry, "eu-central-1", "123456789012.DKR.ecr.eu-central-1.amazonaws.com/r@sha256:0a", "123456789012.dkr.ecr.eu-central-1.amazonaws.com"},
		{DockerRegistry, "us-east-1", "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com"},
		{DockerRegistry, "us-east-1", "123456789012.dkr-ecr.us-east-1.on.aws", "123456789012.dkr-ecr.us-east-1.on.aws"},
		{DockerRegistry, "cn-north-1", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"},
		{DockerRegistry, "us-east-1", "public.ecr.aws/x/y", "public.ecr.aws"},
		{DockerRegistry, "cn-north-1", "public.ecr.aws", ""},
		{DockerRegistry, "eu-central-1", "123456789012.dkr.ecr.eu-central-1.amazonaws.com.cn", ""},
		{DockerRegistry, "eu-central-1", "12345678901.dkr.ecr.eu-central-1.amazonaws.com", ""},
		{DockerRegistry, "eu-central-1", "123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.example", ""},
		{DockerRegistry, "eu-central-1", "123456789012.dkr.ecr.us-east-1.amazonaws.com", ""},
		{"", "eu-central-1", "x", ""},
		{S3Bucket, "eu-central-1", "s3://s3://b-1", ""},
		{S3Bucket, "eu-central-1", "S3://b-1", ""},
		{S3Bucket, "eu-central-1", "https://b-1", ""},
		{S3Bucket, "eu-central-1", "s3://b-1?x", ""},
		{S3Bucket, "eu-central-1", "s3://b-1:443", ""},
		{S3Bucket, "eu-central-1", "s3:///b-1", ""},
		{S3Bucket, "eu-central-1", "b-1/", ""},
		{S3Bucket, "eu-central-1", "arn:aws:s3:::b-1:x", ""},
		{S3Bucket, "eu-central-1", "arn:aws:s3:::", ""},
		{S3Bucket, "eu-central-1", "arn:aws:s3:::s3://b-1", ""},
		{S3Bucket, "eu-central-1", "arn:aws:s3:::arn:aws:s3:::b-1", ""},
		{S3Bucket, "eu-central-1", "arn:aws:s3:eu-central-1:123456789012:b-1", ""},
		{S3Bucket, "eu-central-1", "arn:aws:s3-outposts:::b-1", ""},
		{S3Bucket, "eu-central-1", "ARN:aws:s3:::b-1", ""},
		{KubernetesCluster, "eu-central-1", "arn:aws:ecs:eu-central-1:123456789012:cluster/c1", ""},
		{KubernetesCluster, "eu-central-1", "arn:aws:eks:eu-central-1:123456789012:clusterfoo", ""},
		{KubernetesCluster, "eu-central-1", "arn:aws:eks:eu-central-1:123456789012:cluster/", ""},
		{KubernetesCluster, "eu-central-1", "arn:aws:eks:eu-central-1:123456789012:cluster/c1/", ""},
		{KubernetesCluster, "eu-central-1", "arn:aws:eks:eu-central-1:123456789012:cluster/c1:x", ""},
		{KubernetesCluster, "eu-central-1", "arn:aws:eks:eu-central-1:123456789012:nodegroup/c1", ""},
		{KubernetesCluster, "eu-central-1", "arn:aws:eks:eu-central-1::cluster/c1", ""},
		{KubernetesCluster, "eu-central-1", "https://c1", ""},
		{KubernetesCluster, "eu-central-1", "c1?", ""},
		{DockerRegistry, "eu-central-1", "arn:aws:ecr:eu-central-1:123456789012:repositoryfoo", ""},
		{DockerRegistry, "eu-central-1", "arn:aws:ecr:eu-central-1:123456789012:repository/", ""},
		{DockerRegistry, "eu-central-1", "arn:aws:ecr:eu-central-1:123456789012:repository:r", ""},
		{DockerRegistry, "eu-central-1", "arn:aws:ecr:eu-central-1:123456789012:repository/R", ""},
		{DockerRegistry, "eu-central-1", "arn:aws:ecr:eu-central-1:123456789012:repository/a b", ""},
		{DockerRegistry, "eu-central-1", "arn:aws:eks:eu-central-1:123456789012:repository/r", ""},
		{DockerRegistry, "eu-central-1", "https://http://123456789012.dkr.ecr.eu-central-1.amazonaws.com", ""},
		{DockerRegistry, "eu-central-1", "http://https://123456789012.dkr.ecr.eu-central-1.amazonaws.com", ""},
		{DockerRegistry, "eu-central-1", "https://https://123456789012.dkr.ecr.eu-central-1.amazonaws.com", ""},
		{DockerRegistry, "eu-central-1", "http://http://123456789012.dkr.ecr.eu-central-1.amazonaws.com", ""},
		{DockerRegistry, "eu-central-1", "ftp://123456789012.dkr.ecr.eu-central-1.amazonaws.com", ""},
		{DockerRegistry, "eu-central-1", "//123456789012.dkr.ecr.eu-central-1.amazonaws.com", ""},
		{DockerRegistry, "eu-central-1", "123456789012.dkr.ecr.eu-central-1.amazonaws.com:8443/r", ""},
		{DockerRegistry, "eu-central-1", "me@123456789012.dkr.ecr.eu-central-1.amazonaws.com/r", ""},
		{DockerRegistry, "eu-central-1", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/r?x", ""},
		{DockerRegistry, "eu-central-1", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/r#x", ""},
		{DockerRegistry, "eu-central-1", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/a b", ""},
		{DockerRegistry, "eu-central-1", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/r\n", ""},
		{S3Bucket, "mars-1", "b-1", ""},
		{S3Bucket, "eu-central-1", "arn:aws:s3", ""},
		{KubernetesCluster, "eu-central-1", "arn:", ""},
		{KubernetesCluster, "eu-central-1", "arn:aws:eks", ""},
		{KubernetesCluster, "eu-central-1", "arn:aws:eks:eu-central-1:123456789012", ""},
		{DockerRegistry, "eu-central-1", "arn:", ""},
		{DockerRegistry, "eu-central-1", "arn:aws:ecr", ""},
		{DockerRegistry, "eu-central-1", "arn:aws:ecr:eu-central-1:123456789012", ""},
	} {
		got, err := CanonicalID(test.kind, test.region, test.id)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("CanonicalID(%q, %q, %q) = %q, %v, want %q", test.kind, test.region, test.id, got, err, test.want)
		}
	}
}

func TestSessionPolicy(t *testing.T) {
	const kms = `{"Sid":"AllowKMSThroughS3","Effect":"Allow","Action":["kms:Decrypt"],"Resource":["*"],"Condition":{"StringLike":{"kms:ViaService":"s3.*.amazonaws.com.cn"}}}`
	for _, test := range []struct {
		name string
		c    Connector
		want string
	}{
		{"none", Connector{Region: "eu-central-1", ResourceType: S3Bucket, Scope: ScopeNone}, ""},
		{"written", Connector{Region: "eu-central-1", Policy: "{}", Scope: ScopeNone}, "{}"},
		{"bucket in China, reading", Connector{Region: "cn-north-1", ResourceType: S3Bucket, ResourceID: "s3://b-1", Scope: ScopeReadOnly},
			`{"Version":"2012-10-17","Statement":[{"Sid":"ListS3Buckets","Effect":"Allow","Action":["s3:ListAllMyBuckets"],"Resource":["*"]},{"Sid":"AllowS3BucketAccess","Effect":"Allow","Action":["s3:ListBucket","s3:ListBucketVersions","s3:GetBucketLocation","s3:GetBucketVersioning"],"Resource":["arn:aws-cn:s3:::b-1"]},{"Sid":"AllowS3ObjectAccess","Effect":"Allow","Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":["arn:aws-cn:s3:::b-1/*"]},` + kms + `]}`},
		{"cluster of the role's account", Connector{Region: "eu-west-1", ResourceType: KubernetesCluster, ResourceID: "c1", RoleARN: "arn:aws:iam::123456789012:role/r", Scope: ScopeResource},
			`{"Version":"2012-10-17","Statement":[{"Sid":"ListEKSClusters","Effect":"Allow","Action":["eks:ListClusters"],"Resource":["*"]},{"Sid":"AllowEKSClusterAccess","Effect":"Allow","Action":["eks:DescribeCluster"],"Resource":["arn:aws:eks:eu-west-1:123456789012:cluster/c1"]}]}`},
		{"registry, reading", Connector{Region: "us-gov-west-1", ResourceType: DockerRegistry, ResourceID: "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com", Scope: ScopeReadOnly},
			`{"Version":"2012-10-17","Statement":[{"Sid":"AllowECRRepositoryAccess","Effect":"Allow","Action":["ecr:DescribeRepositories","ecr:ListImages","ecr:DescribeImages","ecr:BatchGetImage","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer"],"Resource":["arn:aws-us-gov:ecr:us-gov-west-1:123456789012:repository/*"]},{"Sid":"AllowECRRepositoryGetToken","Effect":"Allow","Action":["ecr:GetAuthorizationToken","ecr:DescribeRegistry"],"Resource":["*"]}]}`},
	} {
		if got := test.c.SessionPolicy(); got != test.want {
			t.Errorf("%s: SessionPolicy() = %s, want %s", test.name, got, test.want)
		}
	}
}

func TestSessionPolicyIsSmallAndNarrow(t *testing.T) {
	for _, region := range []string{"eu-central-1", "cn-north-1", "us-gov-west-1", "us-isob-east-1"} {
		for _, kind := range []ResourceType{S3Bucket, KubernetesCluster, DockerRegistry} {
			all := Connector{Region: region, ResourceType: kind, Scope: ScopeResource}
			reading := all
			reading.Scope = ScopeReadOnly
			p := all.SessionPolicy()
			if !json.Valid([]byte(p)) || len(p) > policyLimit {
				t.Errorf("%s %s: policy of %d bytes: %s", region, kind, len(p), p)
			}
			for _, write := range []string{"Put", "Delete", "Upload", "Abort", "Generate"} {
				if strings.Contains(reading.SessionPolicy(), write) {
					t.Errorf("%s %s: the reading policy has %s: %s", region, kind, write, reading.SessionPolicy())
				}
			}
		}
	}
}

// Every field is either part of the fingerprint or listed here as one that does
// not shape the session.
func TestFingerprintCoversEveryField(t *testing.T) {
	apart := map[string]bool{"AllowImplicit": true, "SkewTolerance": true, "Registries": true, "Chained": true, "Narrowed": true}
	base := Connector{Name: "c", Region: "eu-central-1", ResourceType: S3Bucket, Scope: ScopeResource}
	fields := reflect.TypeFor[Connector]()
	for i := range fields.NumField() {
		changed := base
		field := reflect.ValueOf(&changed).Elem().Field(i)
		switch v := field.Addr().Interface().(type) {
		case *map[string]string:
			*v = map[string]string{"k": "v"}
		case *[]string:
			*v = []string{"x"}
		case *time.Time:
			*v = time.Unix(1, 0)
		case *time.Duration:
			*v = time.Second
		case **time.Duration:
			d := time.Second
			*v = &d
		case *bool:
			*v = true
		default:
			field.SetString(field.String() + "x")
		}
		name := fields.Field(i).Name
		if same := changed.Fingerprint() == base.Fingerprint(); same != apart[name] {
			t.Errorf("a change of %s leaves the fingerprint: %t, want %t", name, same, apart[name])
		}
	}
}

func TestFingerprintTellsListsApart(t *testing.T) {
	a := Connector{PolicyARNs: []string{"a", "b"}}
	b := Connector{PolicyARNs: []string{"ab"}}
	c := Connector{PolicyARNs: []string{"a"}, TransitiveTagKeys: []string{"b"}}
	if a.Fingerprint() == b.Fingerprint() || a.Fingerprint() == c.Fingerprint() {
		t.Error("different lists have one fingerprint")
	}
}

func FuzzParse(f *testing.F) {
	text, err := os.ReadFile("testdata/broken.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range strings.Split(string(text), "== ")[1:] {
		_, body, _ := strings.Cut(c, "\n")
		input, _, _ := strings.Cut(body, "--\n")
		f.Add([]byte(input))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("f", data)
		if err != nil {
			return
		}
		for _, name := range file.Names() {
			c, err := file.Lookup(name)
			if err != nil {
				continue
			}
			if !ValidName(c.Name) || !ValidRegion(c.Region) || c.Scope == "" || c.ResourceType == "" || len([]rune(c.SessionPolicy())) > policyLimit {
				t.Errorf("Lookup(%q) = %+v", name, c)
			}
			if c.ResourceID != "" {
				if again, err := CanonicalID(c.ResourceType, c.Region, c.ResourceID); again != c.ResourceID || err != nil {
					t.Errorf("CanonicalID(%q) = %q, %v", c.ResourceID, again, err)
				}
			}
		}
	})
}

func FuzzCanonicalID(f *testing.F) {
	f.Add("s3-bucket", "eu-central-1", "arn:aws:s3:::b-1/x")
	f.Add("kubernetes-cluster", "eu-central-1", "arn:aws:eks:eu-central-1:999999999999:cluster/c1")
	f.Add("docker-registry", "eu-central-1", "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/r:tag")
	f.Add("docker-registry", "eu-central-1", "arn:aws:ecr:eu-central-1:123456789012:repository/r")
	f.Add("aws-generic", "eu-central-1", "eu-central-1")
	f.Fuzz(func(t *testing.T, kind, region, id string) {
		got, err := CanonicalID(ResourceType(kind), region, id)
		if err != nil {
			return
		}
		if strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("CanonicalID(%q, %q, %q) = %q", kind, region, id, got)
		}
		if again, err := CanonicalID(ResourceType(kind), region, got); again != got || err != nil {
			t.Errorf("CanonicalID(%q, %q, %q) = %q, %v, want itself", kind, region, got, again, err)
		}
	})
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{1, 50, 500} {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, "[connectors.c%d]\nauth_method = \"iam-role\"\nregion = \"eu-central-1\"\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\n", i)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				f, err := Parse("f", []byte(text.String()))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := f.Lookup("c0"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
