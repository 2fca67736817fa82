package ambient

import (
	"context"
	"fmt"
	"strings"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/secret"
)

// maxAnswer is the most bytes that a token file or the answer of a server may have.
const maxAnswer = 1 << 20

// web is a role assumed with a token that an identity provider wrote to a file.
type web struct {
	where string
	Role
	path  string
	token secret.Text
	err   error // why there is no token
}

func (w web) words() string {
	return fmt.Sprintf("%s: %s with the token in %s", w.where, w.name(), clean(w.path))
}

func (w web) origin() source { return w }

func (w web) identity(d *digest) {
	w.Role.identity(d)
	d.add("web", w.path, w.token.Reveal())
}

func (w web) credentials(ctx context.Context, f *finder) (Credentials, error) {
	if w.err != nil {
		return Credentials{}, w.err
	}
	c, err := f.STS.AssumeRoleWithWebIdentity(ctx, w.token, w.Role)
	if err != nil {
		return Credentials{}, fmt.Errorf("%s: %w", w.where, err)
	}
	return c, nil
}

// webIdentity is botocore's AssumeRoleWithWebIdentityProvider: each of its three
// settings comes from the environment, which an explicit profile shuts out, or
// else from the profile. duration_seconds is not among them.
func (f *finder) webIdentity(profile string, environmentToo bool) (source, error) {
	options, err := f.options(profile, "web_identity_token_file", "role_arn", "role_session_name")
	if err != nil {
		return nil, err
	}
	where := of(profile)
	for name, variable := range map[string]string{"web_identity_token_file": "AWS_WEB_IDENTITY_TOKEN_FILE", "role_arn": "AWS_ROLE_ARN", "role_session_name": "AWS_ROLE_SESSION_NAME"} {
		if v, ok := f.env[variable]; ok && environmentToo {
			options[name] = v
			if name == "web_identity_token_file" {
				where = environment
			}
		}
	}
	path := options["web_identity_token_file"]
	if path == "" {
		return nil, nil
	}
	w := web{where: where, path: f.path(path), Role: Role{ARN: options["role_arn"], SessionName: options["role_session_name"]}}
	if w.ARN == "" {
		return nil, misconfigured(where+": a web identity token file without a role", "set AWS_ROLE_ARN, or role_arn in the profile")
	}
	if w.Endpoint, err = f.endpoint("sts"); err != nil {
		return nil, err
	}
	w.token, w.err = readToken(where+": web identity token", path, w.path)
	return w, nil
}

// readToken reads the token in the file at path, which the person wrote as
// written. White space around it is not part of it.
func readToken(what, written, path string) (secret.Text, error) {
	const advice = "see that whoever writes the token has done so, and that this user may read it"
	if path == "" {
		return secret.Text{}, misconfigured(fmt.Sprintf("%s: %q starts from a directory that is not known", what, clean(written)), "write an absolute path")
	}
	text, err := awsconfig.ReadRegular(path, maxAnswer)
	if err != nil {
		return secret.Text{}, &Error{Reason: NeedsPerson, Text: clean(what + ": " + err.Error()), Advice: advice, Err: err}
	}
	token := strings.TrimSpace(string(text))
	switch {
	case token == "":
		return secret.Text{}, &Error{Reason: NeedsPerson, Text: clean(fmt.Sprintf("%s: %s is empty", what, path)), Advice: advice}
	case !ascii(token):
		return secret.Text{}, misconfigured(clean(fmt.Sprintf("%s: what is in %s is no token", what, path)), advice)
	}
	return secret.New(token), nil
}
