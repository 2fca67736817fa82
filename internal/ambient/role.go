package ambient

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"aws-connector/internal/awsconfig"
)

const (
	// maxChain is how many roles may lead to one another. botocore knows no limit.
	maxChain = 10

	minDuration = 900 // AssumeRole's DurationSeconds
)

// role is a profile with role_arn and either source_profile or credential_source.
type role struct {
	profile string
	Role
	from source
}

func (r role) words() string { return of(r.profile) + ": " + r.name() + " from " + r.from.words() }

func (r role) origin() source { return r.from.origin() }

func (r role) identity(d *digest) {
	r.Role.identity(d)
	d.add(r.profile, r.MFASerial)
	r.from.identity(d)
}

func (r Role) identity(d *digest) {
	d.add("role", r.ARN, r.SessionName, r.ExternalID, r.Duration.String(), r.Endpoint)
}

// name is the role's name, without account and partition.
func (r Role) name() string {
	_, name, ok := strings.Cut(r.ARN, ":role/")
	if !ok {
		name = r.ARN
	}
	return "role " + clean(name)
}

func (r role) credentials(ctx context.Context, f *finder) (Credentials, error) {
	base, err := r.from.credentials(ctx, f)
	if err != nil {
		return Credentials{}, err
	}
	if err := f.check(r.from.words(), base); err != nil {
		return Credentials{}, err
	}
	c, err := f.STS.AssumeRole(ctx, base, r.Role)
	if err != nil {
		return Credentials{}, fmt.Errorf("%s: %w", of(r.profile), err)
	}
	return c, nil
}

// assumesRole is botocore's AssumeRoleProvider._has_assume_role_config_vars.
func (f *finder) assumesRole(profile string) bool {
	p := f.files.Profiles[profile]
	_, arn := p["role_arn"]
	_, web := p["web_identity_token_file"]
	return arn && !web
}

// role is botocore's AssumeRoleProvider for the profile.
func (f *finder) role(profile string) (source, error) {
	p, err := f.options(profile, "role_arn", "source_profile", "credential_source", "external_id", "role_session_name", "duration_seconds", "mfa_serial")
	if err != nil {
		return nil, err
	}
	if len(f.visited) > maxChain {
		return nil, misconfigured(fmt.Sprintf("%s: more than %d profiles lead to one another", of(f.visited[0]), maxChain), "shorten the chain of source_profile")
	}
	r := role{profile: profile, Role: Role{ARN: p["role_arn"], SessionName: p["role_session_name"], ExternalID: p["external_id"], MFASerial: p["mfa_serial"]}}
	if r.ARN == "" {
		return nil, misconfigured(of(profile)+": role_arn is empty", "write the role's ARN, or take the line out")
	}
	if r.Duration, err = duration(profile, p["duration_seconds"]); err != nil {
		return nil, err
	}
	if r.Endpoint, err = f.endpoint("sts"); err != nil {
		return nil, err
	}
	next, profiled := p["source_profile"]
	kind, sourced := p["credential_source"]
	switch {
	case profiled && sourced:
		return nil, misconfigured(of(profile)+": it has both source_profile and credential_source", "keep one of them")
	case sourced:
		r.from, err = f.credentialSource(profile, kind)
	case profiled:
		r.from, err = f.sourceProfile(profile, next)
	default:
		return nil, misconfigured(of(profile)+": role_arn needs source_profile or credential_source beside it", "name the profile whose credentials may assume the role")
	}
	return r, err
}

func (f *finder) credentialSource(profile, kind string) (source, error) {
	var src source
	var err error
	switch kind {
	case "Environment":
		if f.env["AWS_ACCESS_KEY_ID"] != "" {
			src, err = f.environmentKeys()
		}
	case "EcsContainer":
		src = f.container()
	case "Ec2InstanceMetadata":
		src, err = f.instance()
	default:
		return nil, misconfigured(fmt.Sprintf("%s: credential_source %q is not one", of(profile), clean(kind)), "it is Environment, EcsContainer or Ec2InstanceMetadata, in these letters")
	}
	if src == nil && err == nil {
		return nil, misconfigured(fmt.Sprintf("%s: credential_source %s: there are no credentials", of(profile), kind), "set its variables, or use source_profile")
	}
	return src, err
}

// sourceProfile follows profile's source_profile. A profile may name itself if
// it has static keys.
func (f *finder) sourceProfile(profile, next string) (source, error) {
	p, exists := f.files.Profiles[next]
	if !exists {
		return nil, misconfigured(fmt.Sprintf("%s: its source_profile %q does not exist", of(profile), next), "correct source_profile; `aws configure list-profiles` shows what there is")
	}
	keys := hasKeys(p)
	if slices.Contains(f.visited, next) && (next != profile || !keys) {
		loop := append(f.visited[slices.Index(f.visited, next):], next)
		return nil, misconfigured(of(f.visited[0])+": source_profile leads in a circle: "+clean(strings.Join(loop, " -> ")), "let one of them have credentials of its own")
	}
	f.visited = append(f.visited, next)
	if !keys && f.assumesRole(next) {
		return f.role(next)
	}
	src, err := f.ofProfile(next, false)
	if src == nil && err == nil {
		return nil, misconfigured(fmt.Sprintf("%s: its source_profile %q has no credentials", of(profile), next), "give that profile keys, a role, SSO or a credential_process")
	}
	return src, err
}

// hasKeys is botocore's _has_static_credentials: one of the two is enough for it.
func hasKeys(p awsconfig.Section) bool {
	_, id := p["aws_access_key_id"]
	_, secret := p["aws_secret_access_key"]
	return id || secret
}

// duration reads duration_seconds. What is no number counts as absent, as for botocore.
func duration(profile, s string) (time.Duration, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(strings.ReplaceAll(s, "_", "")), 10, 32)
	switch {
	case err != nil:
		return 0, nil
	case n < minDuration:
		return 0, misconfigured(fmt.Sprintf("%s: duration_seconds is %d, and AWS makes no session under %d", of(profile), n, minDuration), "write 900 to 43200")
	}
	return time.Duration(n) * time.Second, nil
}

// options returns those options of the profile that are there. One that is a
// block of nested options is an error.
func (f *finder) options(profile string, names ...string) (map[string]string, error) {
	found := map[string]string{}
	for _, name := range names {
		v, ok := f.files.Profiles[profile][name]
		if !ok {
			continue
		}
		if v.Block != nil {
			return nil, misconfigured(of(profile)+": "+name+" is a block of nested options", "write it on one line")
		}
		found[name] = v.Text
	}
	return found, nil
}
