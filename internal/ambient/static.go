package ambient

import (
	"context"
	"fmt"
	"time"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/secret"
)

// static are keys that stand in the environment or in a profile.
type static struct {
	where string
	keys  Credentials
}

func (s static) words() string { return s.where + ": static keys" }

func (s static) origin() source { return s }

func (s static) identity(d *digest) {
	d.add("static", s.keys.AccessKeyID, s.keys.Secret.Reveal(), s.keys.Token.Reveal(), s.keys.AccountID, s.keys.Expires.String())
}

func (s static) credentials(context.Context, *finder) (Credentials, error) { return s.keys, nil }

const environment = "environment variables"

// environmentKeys is botocore's EnvProvider.
func (f *finder) environmentKeys() (source, error) {
	c := Credentials{AccessKeyID: f.env["AWS_ACCESS_KEY_ID"], Secret: secret.New(f.env["AWS_SECRET_ACCESS_KEY"]), AccountID: account(f.env["AWS_ACCOUNT_ID"])}
	if c.Secret.Empty() {
		return nil, misconfigured("AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not", "set both, or unset both")
	}
	for _, name := range []string{"AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"} {
		if c.Token.Empty() {
			c.Token = secret.New(f.env[name])
		}
	}
	if at := f.env["AWS_CREDENTIAL_EXPIRATION"]; at != "" {
		var ok bool
		if c.Expires, ok = parseTime(at); !ok {
			return nil, misconfigured(fmt.Sprintf("AWS_CREDENTIAL_EXPIRATION %q is not a time with a zone", clean(at)), "write it as "+time.DateOnly+"T15:04:05Z")
		}
	}
	return static{environment, c}, nil
}

// keys is botocore's SharedCredentialProvider and ConfigProvider: section is the
// profile as one of the two files has it.
func (f *finder) keys(profile string, section awsconfig.Section) (source, error) {
	if _, ok := section["aws_access_key_id"]; !ok {
		return nil, nil
	}
	where := of(profile)
	values := map[string]string{}
	for _, name := range []string{"aws_access_key_id", "aws_secret_access_key", "aws_security_token", "aws_session_token", "aws_account_id"} {
		if v, ok := section[name]; ok && v.Block != nil {
			return nil, misconfigured(where+": "+name+" is a block of nested options", "write it on one line")
		} else if ok {
			values[name] = v.Text
		}
	}
	for _, name := range []string{"aws_access_key_id", "aws_secret_access_key"} {
		if values[name] == "" {
			return nil, misconfigured(where+": "+name+" is missing", "a profile needs aws_access_key_id and aws_secret_access_key in the same file")
		}
	}
	token, ok := values["aws_security_token"]
	if !ok {
		token = values["aws_session_token"]
	}
	c := Credentials{AccessKeyID: values["aws_access_key_id"], Secret: secret.New(values["aws_secret_access_key"]), Token: secret.New(token), AccountID: account(values["aws_account_id"])}
	return static{where, c}, nil
}

// of names a profile.
func of(profile string) string { return fmt.Sprintf("profile %q", profile) }
