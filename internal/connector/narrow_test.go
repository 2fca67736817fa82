package connector

import (
	"errors"
	"strings"
	"testing"
)

// one returns the connector c of a file with these lines.
func one(t *testing.T, lines string) Connector {
	t.Helper()
	f, err := Parse("f", []byte("[connectors.c]\nregion = \"eu-central-1\"\n"+lines))
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Lookup("c")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	asRole    = "auth_method = \"iam-role\"\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\n"
	federated = "auth_method = \"federation-token\"\n"
	bucket    = "resource_type = \"s3-bucket\"\n"
	cluster   = "resource_type = \"kubernetes-cluster\"\n"
	images    = "resource_type = \"docker-registry\"\n"
	reading   = "scope = \"resource-read-only\"\n"
	unscoped  = "scope = \"none\"\n"
	home      = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
	away      = "210987654321.dkr.ecr.eu-central-1.amazonaws.com"
	far       = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
)

// What is narrowed at the call has the policy of a connector that says so itself.
func TestNarrow(t *testing.T) {
	for _, test := range []struct {
		own      string
		to       Narrowing
		as, name string
	}{
		{asRole, Narrowing{Type: S3Bucket}, asRole + bucket, "s3-bucket"},
		{asRole, Narrowing{Type: S3Bucket, Scope: ScopeResource}, asRole + bucket, "s3-bucket"},
		{asRole, Narrowing{S3Bucket, "arn:aws:s3:::b-1/x", ScopeReadOnly}, asRole + bucket + reading + "resource_id = \"b-1\"", "s3-bucket/b-1+read-only"},
		{asRole, Narrowing{S3Bucket, "s3://b-1/x", ""}, asRole + bucket + "resource_id = \"b-1\"", "s3-bucket/b-1"},
		{asRole, Narrowing{KubernetesCluster, "arn:aws:eks:eu-central-1:123456789012:cluster/k_1", ""}, asRole + cluster + "resource_id = \"k_1\"", "kubernetes-cluster/k_1"},
		{asRole, Narrowing{DockerRegistry, "https://" + home + "/r:tag", ""}, asRole + images + "resource_id = \"" + home + "\"", "docker-registry/" + home},
		{asRole, Narrowing{DockerRegistry, PublicRegistry, ScopeReadOnly}, asRole + images + reading + "resource_id = \"public.ecr.aws\"", "docker-registry/public.ecr.aws+read-only"},
		{asRole + "registries = [\"*\"]", Narrowing{Type: S3Bucket}, asRole + bucket, "s3-bucket"},
		{asRole, Narrowing{S3Bucket, "b-1", ScopeNone}, asRole + bucket + unscoped, "s3-bucket/b-1+none"},
		{asRole + "policy = '{}'", Narrowing{S3Bucket, "b-1", ScopeNone}, asRole + "policy = '{}'", "s3-bucket/b-1+none"},
		{asRole + "resource_id = \"eu-central-1\"", Narrowing{Type: KubernetesCluster}, asRole + cluster, "kubernetes-cluster"},
		{federated + bucket, Narrowing{ID: "b-1"}, federated + bucket + "resource_id = \"b-1\"", "s3-bucket/b-1"},
		{federated + bucket + "resource_id = \"b-1\"", Narrowing{Scope: ScopeReadOnly}, federated + bucket + reading + "resource_id = \"b-1\"", "s3-bucket/b-1+read-only"},
		{federated + bucket + "resource_id = \"b-1\"", Narrowing{S3Bucket, "s3://b-1", ScopeResource}, federated + bucket + "resource_id = \"b-1\"", "s3-bucket/b-1"},
		{federated + bucket + reading, Narrowing{ID: "b-1"}, federated + bucket + reading + "resource_id = \"b-1\"", "s3-bucket/b-1+read-only"},
		{asRole + bucket + unscoped, Narrowing{ID: "b-1"}, asRole + bucket + "resource_id = \"b-1\"", "s3-bucket/b-1"},
		{asRole + bucket + unscoped + "resource_id = \"b-1\"", Narrowing{Type: S3Bucket}, asRole + bucket + "resource_id = \"b-1\"", "s3-bucket/b-1"},
		{asRole + images, Narrowing{ID: away}, asRole + images + "resource_id = \"" + away + "\"", "docker-registry/" + away},
		// what it claims is its own too
		{asRole + bucket + "registries = [\"" + home + "\"]", Narrowing{Type: DockerRegistry, ID: home}, asRole + images + "resource_id = \"" + home + "\"", "docker-registry/" + home},
		{asRole + images + "registries = [\"*\"]", Narrowing{ID: PublicRegistry}, asRole + images + "resource_id = \"public.ecr.aws\"", "docker-registry/public.ecr.aws"},
		{"auth_method = \"implicit\"\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\n", Narrowing{Type: S3Bucket}, asRole + bucket, "s3-bucket"},
	} {
		own := one(t, test.own)
		c, err := own.Narrow(test.to)
		if err != nil {
			t.Errorf("%q narrowed to %v: %v", test.own, test.to, err)
			continue
		}
		if want := one(t, test.as).SessionPolicy(); c.SessionPolicy() != want {
			t.Errorf("%q narrowed to %v: policy %s, want %s", test.own, test.to, c.SessionPolicy(), want)
		}
		if got := c.Narrowing().String(); got != test.name || len(c.Registries) > 0 || own.Narrowing() != (Narrowing{}) {
			t.Errorf("%q narrowed to %v: %q, registries %q, want %q", test.own, test.to, got, c.Registries, test.name)
		}
		if again, err := own.Narrow(c.Narrowing()); err != nil || again.Fingerprint() != c.Fingerprint() {
			t.Errorf("%q narrowed to %v is not the same when narrowed to what it is: %v", test.own, c.Narrowing(), err)
		}
	}
}

func TestNarrowingsDoNotShare(t *testing.T) {
	c := one(t, asRole)
	seen := map[string]Narrowing{c.Fingerprint(): {}}
	for _, to := range []Narrowing{
		{Type: S3Bucket}, {Type: S3Bucket, Scope: ScopeReadOnly}, {Type: S3Bucket, Scope: ScopeNone}, {S3Bucket, "b-1", ""}, {S3Bucket, "b-1", ScopeReadOnly}, {S3Bucket, "b-2", ""},
		{Type: KubernetesCluster}, {KubernetesCluster, "b-1", ""}, {KubernetesCluster, "b-1", ScopeReadOnly}, {KubernetesCluster, "b-1", ScopeNone},
		{Type: DockerRegistry}, {DockerRegistry, home, ""}, {DockerRegistry, home, ScopeReadOnly}, {DockerRegistry, away, ""}, {DockerRegistry, PublicRegistry, ""},
	} {
		n, err := c.Narrow(to)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[n.Fingerprint()]; ok {
			t.Errorf("%v and %v have one fingerprint", to, other)
		}
		seen[n.Fingerprint()] = to
	}
}

func TestNarrowRefuses(t *testing.T) {
	const widens, canary = "narrowed but not widened", "CANARYnothing"
	for _, test := range []struct {
		own  string
		to   Narrowing
		want string
	}{
		{federated + bucket, Narrowing{Type: KubernetesCluster}, widens},
		{asRole + bucket, Narrowing{Type: DockerRegistry, ID: home}, widens},
		{asRole + bucket, Narrowing{Type: Generic}, "no resource type to narrow"},
		{asRole + bucket, Narrowing{Scope: ScopeNone}, widens},
		{asRole + bucket + "resource_id = \"b-1\"", Narrowing{ID: "b-2"}, widens},
		{asRole + bucket + "resource_id = \"b-1\"", Narrowing{S3Bucket, "b-2", ScopeReadOnly}, widens},
		{asRole + bucket + reading, Narrowing{Scope: ScopeResource}, "its sessions can only read, and a session can be narrowed but not widened"},
		{asRole + bucket + reading, Narrowing{S3Bucket, "b-1", ScopeResource}, widens},
		{asRole + bucket + reading, Narrowing{S3Bucket, "b-1", ScopeNone}, widens},
		{asRole + bucket + unscoped, Narrowing{Type: KubernetesCluster}, widens},
		{asRole + bucket + unscoped + "resource_id = \"b-1\"", Narrowing{ID: "b-2"}, widens},
		{asRole + bucket + unscoped + "resource_id = \"b-1\"", Narrowing{ID: "b-2", Scope: ScopeNone}, widens},
		{asRole + cluster + "resource_id = \"k\"", Narrowing{ID: "k2"}, widens},
		{asRole + images + "resource_id = \"" + home + "\"", Narrowing{ID: away}, widens},
		{asRole + images + "resource_id = \"" + home + "\"", Narrowing{ID: PublicRegistry}, widens},
		// the registries of a region are not ECR Public
		{asRole + images, Narrowing{ID: PublicRegistry}, widens},
		{asRole + images + "registries = [\"" + home + "\"]", Narrowing{ID: PublicRegistry}, widens},
		{asRole + bucket + "registries = [\"210987654321\"]", Narrowing{Type: DockerRegistry, ID: home}, widens},
		{asRole + bucket + "registries = [\"" + home + "\"]", Narrowing{Type: DockerRegistry}, widens},
		{asRole + "policy = '{}'", Narrowing{Type: S3Bucket}, "written policy"},
		{asRole + "policy_arns = [\"arn:aws:iam::aws:policy/x\"]", Narrowing{Type: S3Bucket}, "written policy"},
		{federated + "policy = '{}'", Narrowing{Type: S3Bucket, Scope: ScopeReadOnly}, "written policy"},
		{"auth_method = \"session-token\"", Narrowing{Type: S3Bucket}, "auth_method session-token takes no session policy"},
		{"auth_method = \"secret-key\"", Narrowing{Type: S3Bucket}, "auth_method secret-key takes no session policy"},
		{asRole, Narrowing{KubernetesCluster, "arn:aws:eks:eu-central-1:210987654321:cluster/k", ""}, "the resource id is in account 210987654321, the connector's role in 123456789012"},
		{asRole + cluster + "resource_id = \"k\"", Narrowing{ID: "arn:aws:eks:eu-central-1:210987654321:cluster/k"}, "the resource id is in account 210987654321"},
		{"auth_method = \"sts-token\"", Narrowing{Type: S3Bucket, Scope: ScopeNone}, "auth_method sts-token takes no session policy"},
		{"auth_method = \"implicit\"", Narrowing{Type: S3Bucket}, "auth_method implicit without a role takes no session policy"},
		{asRole, Narrowing{}, "no resource type to narrow"},
		{asRole, Narrowing{ID: "b-1"}, "no resource type to narrow"},
		{asRole, Narrowing{Scope: ScopeReadOnly}, "no resource type to narrow"},
		{asRole, Narrowing{Type: Generic, ID: "eu-central-1"}, "no resource type to narrow"},
		{asRole, Narrowing{Type: canary}, "no such resource type"},
		{asRole, Narrowing{Type: S3Bucket, Scope: canary}, "no such scope"},
		{asRole, Narrowing{Type: S3Bucket, ID: canary}, "the resource id must be a bucket"},
		{asRole, Narrowing{Type: S3Bucket, ID: "arn:aws-cn:s3:::b-1"}, "the resource id must be a bucket of partition aws"},
		{asRole, Narrowing{Type: DockerRegistry, ID: far}, `the resource id is in region "us-east-1"`},
		{asRole, Narrowing{Type: KubernetesCluster, ID: "s3://b"}, "the resource id must be a cluster"},
	} {
		_, err := one(t, test.own).Narrow(test.to)
		var refused *NarrowingError
		if !errors.As(err, &refused) || !strings.HasPrefix(err.Error(), `connector "c": `) || !strings.Contains(err.Error(), test.want) || refused.Hint() == "" || strings.Contains(err.Error()+refused.Hint(), "CANARY") {
			t.Errorf("%q narrowed to %v: %v, want %q", test.own, test.to, err, test.want)
		}
	}
	for given, want := range map[Narrowing]string{
		{Type: "s3-buckets"}:                  `did you mean "s3-bucket"?`,
		{Type: "docker"}:                      `did you mean "docker-registry"?`,
		{Type: "images"}:                      "one of aws-generic, s3-bucket, kubernetes-cluster, docker-registry",
		{Type: S3Bucket, Scope: "resources"}:  `did you mean "resource"?`,
		{Type: S3Bucket, Scope: "read-only"}:  `did you mean "resource-read-only"?`,
		{Type: S3Bucket, Scope: "ReadOnly"}:   `did you mean "resource-read-only"?`,
		{Type: S3Bucket, Scope: "everything"}: "one of resource, resource-read-only, none",
		{Type: "S3-Bucket", Scope: "nothing"}: `did you mean "s3-bucket"?`,
	} {
		_, err := one(t, asRole).Narrow(given)
		var refused *NarrowingError
		if !errors.As(err, &refused) || refused.Hint() != want {
			t.Errorf("hint for %v = %v, want %q", given, refused, want)
		}
	}
}

// Nobody else's connector changes, and claims stay those of the file.
func TestNarrowedFile(t *testing.T) {
	f, err := Parse("f", []byte("[defaults]\nregion = \"eu-central-1\"\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\nauth_method = \"iam-role\"\n[connectors.a]\nregistries = [\"123456789012\"]\n[connectors.b]\n[connectors.s]\nauth_method = \"secret-key\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	narrow, err := f.Narrowed(Narrowing{Type: S3Bucket}, "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		before, _ := f.Lookup(name)
		after, _ := narrow.Lookup(name)
		if before.Narrowed || !after.Narrowed || before.SessionPolicy() != "" || after.SessionPolicy() == "" {
			t.Errorf("%s: policy %q, narrowed %q", name, before.SessionPolicy(), after.SessionPolicy())
		}
	}
	if _, err := narrow.Narrowed(Narrowing{Type: DockerRegistry}, "a"); err == nil {
		t.Error("what is narrowed was narrowed to something else")
	}
	for name, want := range map[string]string{"s": "secret-key takes no session policy", "x": "no connector"} {
		if _, err := f.Narrowed(Narrowing{Type: S3Bucket}, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func TestCovers(t *testing.T) {
	when := func(s statement, service string) statement {
		s.Condition = map[string]map[string]string{"StringLike": {"kms:ViaService": service}}
		return s
	}
	all, one := allow("a", []string{"x:Get", "x:Put"}, "arn:*", "other"), allow("b", []string{"x:Get"}, "arn:1")
	for _, test := range []struct {
		these, others []statement
		want          bool
	}{
		{[]statement{all}, []statement{one}, true}, {[]statement{one}, []statement{all}, false}, {nil, []statement{one}, false}, {nil, nil, true},
		{[]statement{one}, []statement{allow("", []string{"x:Put"}, "arn:1")}, false},
		{[]statement{one}, []statement{allow("", []string{"x:Get"}, "arn:1", "arn:2")}, false},
		{[]statement{one, allow("", []string{"x:Get"}, "arn:2")}, []statement{allow("", []string{"x:Get"}, "arn:1", "arn:2")}, true},
		{[]statement{when(one, "s3")}, []statement{one}, false}, {[]statement{when(one, "s3")}, []statement{when(one, "s3")}, true},
		{[]statement{when(one, "s3")}, []statement{when(one, "ec2")}, false}, {[]statement{one}, []statement{when(one, "s3")}, true},
	} {
		if got := covers(test.these, test.others); got != test.want {
			t.Errorf("covers(%+v, %+v) = %t, want %t", test.these, test.others, got, test.want)
		}
	}
}
