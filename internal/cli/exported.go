package cli

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/secret"
	"aws-connector/internal/shell"
)

// nestedVariable names the connector with whose session a program was started by exec.
const nestedVariable = "AWS_CONNECTOR_EXEC"

// exportedNames are the variables that a session has in the environment.
var exportedNames = []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CREDENTIAL_EXPIRATION"}

// supplantedNames are variables from which SDKs take other credentials, some of
// them sooner than from those of the session, or which tell about other ones.
// https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html#EVarSettings
var supplantedNames = []string{
	"AWS_PROFILE", "AWS_DEFAULT_PROFILE",
	"AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SECURITY_TOKEN", "AWS_SESSION_EXPIRATION", "AWS_ACCOUNT_ID", "AWS_CREDENTIAL_FILE",
	"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
	"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_BEARER_TOKEN_BEDROCK",
}

// exported returns what is in the environment of who has the credentials.
func exported(got helper.Credentials, region string) []shell.Variable {
	var all []shell.Variable
	expires := ""
	if !got.Expires.IsZero() {
		expires = got.Expires.UTC().Format(time.RFC3339)
	}
	values := []secret.Text{secret.New(got.AccessKeyID), got.SecretAccessKey, got.SessionToken, secret.New(region), secret.New(region), secret.New(expires)}
	for i, name := range exportedNames {
		if !values[i].Empty() {
			all = append(all, shell.Variable{Name: name, Value: values[i]})
		}
	}
	return all
}

// environOf returns environ with the variables and without what they stand for.
func environOf(environ []string, set []shell.Variable) []string {
	same := func(a, b string) bool {
		return a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b)
	}
	replaced := slices.Concat(exportedNames, supplantedNames, []string{nestedVariable})
	kept := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.ContainsFunc(replaced, func(r string) bool { return same(r, name) })
	})
	for _, v := range set {
		kept = append(kept, v.Name+"="+v.Value.Reveal())
	}
	return kept
}

// personally returns the session of the connector called name, narrowed, for a
// person at the terminal, who may need a while to find a device; with it the
// connector as resolved.
func (a *App) personally(ctx context.Context, narrow *narrowing, name string, suits func(connector.Connector) error) (helper.Credentials, connector.Connector, error) {
	h, err := a.open()
	if err == nil {
		h.Connectors, err = narrow.apply(h.Connectors, name)
	}
	if err != nil {
		return helper.Credentials{}, connector.Connector{}, err
	}
	c, err := h.Connectors.Lookup(name)
	if err == nil && suits != nil {
		if err := suits(c); err != nil {
			return helper.Credentials{}, c, err
		}
	}
	who := a.person()
	who.login, h.Person = true, who
	ctx, cancel := context.WithTimeout(ctx, loginWait)
	defer cancel()
	got, err := h.Credentials(ctx, name)
	return got, c, err
}
