package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"aws-connector/helper"
	"aws-connector/internal/connector"
)

// explain says why there is no token, and what to do. AWS's sign-in says no more
// than that a request is bad.
func explain(c connector.Connector, p Page, err error) error {
	if errors.Is(err, context.Canceled) {
		return context.Canceled // what wraps it tells the URL
	}
	var status refused
	if !errors.As(err, &status) || status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
		return helper.CallError(c, Service, getToken, err)
	}
	e := &helper.Error{Text: fmt.Sprintf("%s: AWS refuses the session (HTTP status %d)", getToken, int(status)), Err: err}
	known := c.Method == connector.IAMRole || c.Method == connector.WebIdentity || c.Method == connector.FederationToken
	switch {
	case status < http.StatusBadRequest:
		e.Text = fmt.Sprintf("%s: HTTP status %d, but not an answer of AWS", getToken, int(status))
		e.Advice = "look for a proxy, a captive portal or a wrong endpoint_url (AWS_ENDPOINT_URL)"
	case p.Duration > 0:
		e.Advice = "the role's longest session may be shorter than --duration, or its session was made with another role's: try without it"
	case !known:
		e.Advice = "it opens the console to the session of a role or of GetFederationToken alone, and auth_method " + string(c.Method) + " gives whatever it finds: " + otherMethod
	default:
		e.Advice = fmt.Sprintf("was the session revoked, or the role or user deleted? `aws-connector cache clear %s` drops it", c.Name)
	}
	return e
}
