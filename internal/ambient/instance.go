package ambient

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	metadata     = "http://169.254.169.254"
	metadataIPv6 = "http://[fd00:ec2::254]"
	// metadataTimeout is for the three requests together: a machine that is no
	// instance must not wait for long.
	metadataTimeout = 2 * time.Second

	rolePath = "/latest/meta-data/iam/security-credentials/"
)

// instance is the role of an EC2 instance, by version 2 of its metadata service.
type instance struct{ base string }

func (i instance) words() string {
	if i.base == metadata {
		return "instance metadata"
	}
	return "instance metadata at " + shown(i.base)
}

func (i instance) origin() source { return i }

func (i instance) identity(d *digest) { d.add("instance", i.base) }

// none is the error of an environment without credentials.
func none(cause error) error {
	return &Error{Reason: NeedsPerson, Text: "the environment has no AWS credentials: none in variables, profile, container or instance",
		Advice: "set profile_name, sign in with `aws sso login`, or use a method that takes a stored key", Err: cause}
}

// instance is botocore's InstanceMetadataProvider. Unlike there, no proxy
// is asked: none is meant to see an instance's credentials.
func (f *finder) instance() (source, error) {
	if strings.EqualFold(f.env["AWS_EC2_METADATA_DISABLED"], "true") {
		return nil, none(nil)
	}
	base := f.setting("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint")
	mode := strings.ToLower(f.setting("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode"))
	switch {
	case base != "":
		if err := checkURL("AWS_EC2_METADATA_SERVICE_ENDPOINT", base); err != nil {
			return nil, err
		}
	case mode == "ipv6" || mode == "" && f.boolean("AWS_IMDS_USE_IPV6", "imds_use_ipv6"):
		base = metadataIPv6
	case mode == "" || mode == "ipv4":
		base = metadata
	default:
		return nil, misconfigured("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6", "correct or unset it")
	}
	return instance{strings.TrimRight(base, "/")}, nil
}

func (i instance) credentials(ctx context.Context, f *finder) (Credentials, error) {
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, metadataTimeout)
	defer cancel()
	client := staying(f.Direct, 0)
	get := func(path, token string) (answer, error) {
		method, header, value := http.MethodGet, "x-aws-ec2-metadata-token", token
		if token == "" {
			method, header, value = http.MethodPut, "x-aws-ec2-metadata-token-ttl-seconds", "21600"
		}
		r, err := http.NewRequestWithContext(ctx, method, i.base+path, nil)
		if err != nil {
			return answer{}, err
		}
		r.Header.Set(header, value)
		a, err := fetch(client, r)
		if err == nil && a.status != http.StatusOK {
			return a, &Error{Text: i.words() + ": HTTP status " + http.StatusText(a.status)}
		}
		return a, err
	}
	token, err := get("/latest/api/token", "")
	if err != nil || !ascii(string(token.body)) || len(token.body) == 0 {
		return Credentials{}, i.unavailable(outer, token, err)
	}
	role, err := get(rolePath, string(token.body))
	name := strings.TrimSpace(string(role.body))
	if err != nil || name == "" || strings.ContainsAny(name, "\r\n") {
		return Credentials{}, i.unavailable(outer, role, err)
	}
	a, err := get(rolePath+url.PathEscape(name), string(token.body))
	if err != nil {
		return Credentials{}, i.unavailable(outer, a, err)
	}
	c, problem := parseMetadata(a.body)
	if problem != "" {
		code, message := a.metadataError()
		return Credentials{}, &Error{Text: clean(strings.TrimRight(i.words()+": "+problem+": "+code+" "+message, ": ")), Advice: "see which role the instance has"}
	}
	return c, nil
}

// unavailable tells a metadata service in trouble from one that is not there.
func (i instance) unavailable(ctx context.Context, a answer, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case a.status >= http.StatusInternalServerError || a.status == http.StatusTooManyRequests:
		return &Error{Reason: Temporary, Text: i.words() + ": " + http.StatusText(a.status), Advice: "try again later", Err: err}
	}
	return none(err)
}
