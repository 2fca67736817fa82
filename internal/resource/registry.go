package resource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/secret"
)

// ping is the request by which clients find out whether a registry lets them
// in: https://github.com/opencontainers/distribution-spec (end-1).
const ping = "GET /v2/"

// reachRegistry logs in to r with password, as container tools do.
func (s session) reachRegistry(ctx context.Context, r connector.Registry, password secret.Text) error {
	// The connector's endpoints are of its APIs: a registry is where its name says.
	o, err := s.client(serviceECR, r.Region)
	if err != nil {
		return err
	}
	client, err := o.HTTPClient(helper.AnswerLimit)
	if err != nil {
		return err
	}
	a, err := get(ctx, client, "https://"+r.Host+"/v2/", basic(password))
	if realm, ok := a.realm(r); ok && err == nil {
		a, err = get(ctx, client, realm, basic(password))
		var token struct {
			Token string `json:"token"`
		}
		if err == nil && a.status == http.StatusOK && json.Unmarshal(a.body, &token) == nil {
			a, err = get(ctx, client, "https://"+r.Host+"/v2/", "Bearer "+token.Token)
		}
	}
	if err != nil {
		return s.unreachable(r, err)
	}
	return a.registryError(r)
}

func basic(password secret.Text) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(helper.RegistryUser, password.Reveal())
	return r.Header.Get("Authorization")
}

// answer is what a registry answered.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func get(ctx context.Context, client *http.Client, target, authorization string) (answer, error) {
	const longest = 64 << 10
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Authorization", authorization)
	response, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, longest))
	return answer{response.StatusCode, response.Header, body}, err
}

var bearer = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)^bearer .*realm="([^"]*)"`) })

// realm returns where a registry trades passwords for bearer tokens, if it does
// and that is under its own name, beyond which no password of it goes.
func (a answer) realm(r connector.Registry) (string, bool) {
	m := bearer().FindStringSubmatch(a.header.Get("Www-Authenticate"))
	if a.status != http.StatusUnauthorized || m == nil {
		return "", false
	}
	u, err := url.Parse(m[1])
	if err != nil || u.Scheme != "https" || u.User != nil || !strings.EqualFold(u.Host, r.Host) {
		return "", false
	}
	query := u.Query()
	query.Set("service", r.Host)
	u.RawQuery = query.Encode()
	return u.String(), true
}

// registryError returns what an answer to ping means, nil if the registry lets us in.
func (a answer) registryError(r connector.Registry) error {
	e := &helper.Error{Text: fmt.Sprintf("%s: HTTP status %d", ping, a.status)}
	var body struct {
		Errors []struct{ Code, Message string }
	}
	if json.Unmarshal(a.body, &body) == nil && len(body.Errors) > 0 {
		e.Text += ": " + helper.Clean(body.Errors[0].Code+": "+body.Errors[0].Message)
	}
	switch {
	case a.status == http.StatusOK:
		return nil
	case a.status == http.StatusUnauthorized:
		e.Advice = "the registry does not take the token: is a proxy dropping the header Authorization, or is " + r.Host + " another server?"
	case a.status == http.StatusForbidden:
		e.Advice = "the registry refuses the token: `aws-connector cache clear` drops it; a policy of the registry or of a VPC endpoint may deny too"
	case a.status == http.StatusTooManyRequests || a.status >= http.StatusInternalServerError:
		e.Reason, e.Advice = helper.Temporary, "the registry or a proxy before it has trouble: try again later"
	default:
		e.Advice = "look for a proxy or a captive portal"
	}
	return e
}

// unreachable says why a registry gave no answer.
func (s session) unreachable(r connector.Registry, err error) error {
	e := helper.CallError(s.connector, serviceECR, ping, err)
	if _, _, ok := helper.ProxyProblem(err); ok {
		return e
	}
	var told *helper.Error
	if errors.As(e, &told) && told.Advice != "" && !strings.Contains(told.Advice, "AWS_CA_BUNDLE") {
		told.Advice = "look at the network, a proxy (HTTPS_PROXY), and whether " + r.Host + " can be reached from here"
	}
	return e
}
