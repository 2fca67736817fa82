package ambient

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/secret"
)

const (
	// ecsHost is where ECS answers what AWS_CONTAINER_CREDENTIALS_RELATIVE_URI names.
	ecsHost = "169.254.170.2"

	containerTimeout = 2 * time.Second
	containerPause   = time.Second
)

// containerHosts may be asked without TLS, beside loopback addresses.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
var containerHosts = []string{ecsHost, "169.254.170.23", "fd00:ec2::23", "localhost"}

// container is the endpoint that ECS, EKS Pod Identity or another tool gives a
// process in AWS_CONTAINER_CREDENTIALS_….
type container struct {
	url   string
	token secret.Text // sent as Authorization
	err   error       // why it cannot be asked
}

func (c container) words() string { return "container endpoint " + shown(c.url) }

func (c container) origin() source { return c }

func (c container) identity(d *digest) { d.add("container", c.url, c.token.Reveal()) }

// shown is a URL without what may be secret in it.
func shown(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "(not a URL)"
	}
	return clean(u.Scheme + "://" + u.Host + u.Path)
}

// container is botocore's ContainerProvider; nil where no endpoint is named. An
// empty variable names none, unlike for botocore.
func (f *finder) container() source {
	c := container{url: f.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"]}
	if relative := f.env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]; relative != "" {
		c.url = "http://" + ecsHost + relative
	}
	if c.url == "" {
		return nil
	}
	if c.err = allowed(c.url); c.err == nil {
		c.token, c.err = f.containerToken()
	}
	return c
}

// allowed refuses to send the token in the clear to another machine.
func allowed(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return misconfigured("AWS_CONTAINER_CREDENTIALS_… does not make an http or https URL", "correct or unset it")
	}
	host := strings.ToLower(u.Hostname())
	addr, err := netip.ParseAddr(host)
	if u.Scheme == "https" || err == nil && addr.IsLoopback() || slices.Contains(containerHosts, host) {
		return nil
	}
	return misconfigured(fmt.Sprintf("AWS_CONTAINER_CREDENTIALS_FULL_URI: host %q may not be asked without TLS", clean(host)),
		"use https, a loopback address, or one of "+strings.Join(containerHosts, ", "))
}

// containerToken reads the token, each time anew. A line end in it, which could
// begin another header, is refused as botocore does.
func (f *finder) containerToken() (secret.Text, error) {
	name, token := "AWS_CONTAINER_AUTHORIZATION_TOKEN", f.env["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
	if path := f.env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]; path != "" {
		name = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
		text, err := awsconfig.ReadRegular(f.path(path), maxAnswer)
		if err != nil {
			return secret.Text{}, &Error{Reason: Misconfigured, Text: clean(name + ": " + err.Error()), Advice: "see that whoever writes the token has done so, and that this user may read it", Err: err}
		}
		token = string(text)
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r < ' ' || r > '~' }) {
		return secret.Text{}, misconfigured(name+": the token has a line end or another character that no header may have", "write it without a line end: printf %s")
	}
	return secret.New(token), nil
}

func (c container) credentials(ctx context.Context, f *finder) (Credentials, error) {
	if c.err != nil {
		return Credentials{}, c.err
	}
	client := staying(f.Direct, containerTimeout)
	a, err := f.persist(ctx, containerPause, func(ctx context.Context) (answer, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
		if err != nil {
			return answer{}, err
		}
		r.Header.Set("Accept", "application/json")
		if !c.token.Empty() {
			r.Header.Set("Authorization", c.token.Reveal())
		}
		return fetch(client, r)
	})
	switch {
	case err != nil:
		return Credentials{}, unreachable(c.words(), err)
	case a.status != http.StatusOK:
		code, message := a.awsError()
		e := &Error{Text: clean(strings.TrimSuffix(fmt.Sprintf("%s: HTTP status %d: %s", c.words(), a.status, strings.Trim(code+": "+message, ": ")), ": ")), Advice: "see AWS_CONTAINER_CREDENTIALS_… and the token beside it"}
		if a.status >= http.StatusInternalServerError || a.status == http.StatusTooManyRequests {
			e.Reason, e.Advice = Temporary, "try again later"
		}
		return Credentials{}, e
	}
	got, problem := parseMetadata(a.body)
	if problem != "" {
		return Credentials{}, &Error{Text: c.words() + ": " + problem, Advice: "see what answers there"}
	}
	return got, nil
}

// parseMetadata reads the credentials that a container's endpoint or an instance
// tells; all of them expire. problem holds nothing of the answer.
func parseMetadata(body []byte) (c Credentials, problem string) {
	var got map[string]json.RawMessage
	if json.Unmarshal(body, &got) != nil || got == nil {
		return c, "the answer is not an object of JSON"
	}
	values := map[string]string{}
	for _, name := range []string{"AccessKeyId", "SecretAccessKey", "Token", "Expiration"} {
		v, ok := text(got[name])
		if !ok || v == "" {
			return c, "the answer has no " + name
		}
		values[name] = v
	}
	expires, ok := parseTime(values["Expiration"])
	if !ok {
		return c, "the Expiration of the answer is not a time with a zone"
	}
	return Credentials{AccessKeyID: values["AccessKeyId"], Secret: secret.New(values["SecretAccessKey"]), Token: secret.New(values["Token"]),
		AccountID: accountIn(got["AccountId"]), Expires: expires}, ""
}

// metadataError returns what the instance metadata say instead of credentials.
func (a answer) metadataError() (code, message string) {
	var e struct{ Code, Message string }
	_ = json.Unmarshal(a.body, &e)
	return e.Code, e.Message
}
