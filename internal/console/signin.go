package console

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/secret"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Service is the name of the sign-in service.
const Service = "signin"

const getToken = "getSigninToken"

// issuer is whom the console names when its session has ended.
const issuer = "aws-connector"

// SignIn returns the URL that opens p to whoever has it, for 15 minutes, as who the
// credentials are of. It is asked for at the endpoint of o, a client of [Service]
// for c. Its error wraps an [*helper.Error].
func SignIn(ctx context.Context, o helper.Client, c connector.Connector, with helper.Credentials, p Page) (secret.Text, error) {
	if with.SessionToken.Empty() {
		return secret.Text{}, longTerm()
	}
	base := o.Endpoint
	if base == "" {
		base = "https://" + hostsOf(c).signin
	}
	endpoint, err := url.JoinPath(base, "federation")
	if err != nil {
		return secret.Text{}, &helper.Error{Reason: helper.Misconfigured, Text: "endpoint_url is no URL", Err: err}
	}
	client, err := o.HTTPClient(helper.AnswerLimit)
	if err != nil {
		return secret.Text{}, err
	}
	token, err := exchange(ctx, o, client, endpoint+"?"+request(with, p))
	if err != nil {
		return secret.Text{}, explain(c, p, err)
	}
	return secret.New(endpoint + "?Action=login&Issuer=" + issuer + "&Destination=" + url.QueryEscape(p.destination(c)) + "&SigninToken=" + url.QueryEscape(token.Reveal())), nil
}

// request is the query that asks for a token. It holds the session, so that no
// error may tell the URL.
func request(with helper.Credentials, p Page) string {
	session, _ := json.Marshal(map[string]string{ // strings alone never fail
		"sessionId": with.AccessKeyID, "sessionKey": with.SecretAccessKey.Reveal(), "sessionToken": with.SessionToken.Reveal(),
	})
	query := "Action=" + getToken
	if p.Duration > 0 {
		query += "&SessionDuration=" + strconv.Itoa(int(p.Duration/time.Second))
	}
	return query + "&Session=" + url.QueryEscape(string(session))
}

// exchange asks until there is an answer or it is no use.
func exchange(ctx context.Context, o helper.Client, client *http.Client, target string) (secret.Text, error) {
	retryer := o.Retryer()
	for attempt := 1; ; attempt++ {
		token, err := once(ctx, client, target)
		if err == nil || attempt >= retryer.MaxAttempts() || !retryer.IsErrorRetryable(err) {
			return token, err
		}
		delay, delayErr := retryer.RetryDelay(attempt, err)
		if delayErr != nil {
			return token, err
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return token, ctx.Err()
		}
	}
}

func once(ctx context.Context, client *http.Client, target string) (secret.Text, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return secret.Text{}, &helper.Error{Reason: helper.Misconfigured, Text: "endpoint_url is no URL"}
	}
	response, err := client.Do(r)
	if err != nil {
		return secret.Text{}, &smithyhttp.RequestSendError{Err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body) // the client has bounded it
	if err != nil {
		return secret.Text{}, &smithyhttp.RequestSendError{Err: err}
	}
	if response.StatusCode != http.StatusOK {
		return secret.Text{}, &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: response}, Err: refused(response.StatusCode)}
	}
	var answer struct{ SigninToken string }
	if json.Unmarshal(bytes.TrimSpace(body), &answer) != nil || answer.SigninToken == "" {
		return secret.Text{}, &helper.Error{Text: getToken + ": the answer has no token", Advice: "look for a proxy, a captive portal or a wrong endpoint_url (AWS_ENDPOINT_URL)"}
	}
	return secret.New(answer.SigninToken), nil
}

// refused is the status of an answer that has no token. What else it says is a page
// for people.
type refused int

func (r refused) Error() string { return fmt.Sprintf("HTTP status %d", int(r)) }
