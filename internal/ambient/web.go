package ambient

import (
	"context"
	"fmt"

	"aws-connector/internal/secret"
)

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
	w.token, w.err = f.readToken(where+": web identity token", path, w.path)
	return w, nil
}
