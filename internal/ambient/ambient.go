// Package ambient finds the credentials that a person's environment offers: in
// variables, in the profiles of ~/.aws/config and ~/.aws/credentials, from a
// container's endpoint or the instance.
//
// The order and the rules are those of botocore (credentials.py,
// create_credential_resolver), which the AWS CLI and boto3 use: what people
// expect of a profile is what those do with it. The sources of AWS's first tools
// (AWS_CREDENTIAL_FILE, BOTO_CONFIG, ~/.boto) and version 1 of the instance
// metadata are left out; each other difference is noted where it is.
//
// [Find] tells which source it is and asks nobody. The package reads no
// environment, starts no process and calls no STS by itself: [Settings] say and
// do that.
package ambient

import (
	"context"
	"net/http"
	"time"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/secret"
)

// Settings are what the caller's environment and its connector say.
type Settings struct {
	// Environ is the environment, as os.Environ returns it.
	Environ []string
	// ConfigFile and CredentialsFile are the shared files; empty for none.
	ConfigFile, CredentialsFile string
	// Home and Dir are the caller's home and working directories; empty where
	// there is none. Only a relative path that the person wrote starts from Dir.
	Home, Dir string
	// Profile is a profile that was asked for by name: it wins over keys and web
	// identities in the environment. Empty means that AWS_DEFAULT_PROFILE and
	// AWS_PROFILE say.
	Profile string
	// Now is the machine's clock.
	Now func() time.Time
	// HTTP calls IAM Identity Center. Direct, which must know no proxy, calls
	// containers and the instance.
	HTTP, Direct *http.Client
	STS          STS
	// Run runs a credential_process: no shell, the caller's environment, the
	// output bounded. Its error says how the process failed, and nothing of stdout.
	Run func(ctx context.Context, argv []string) (stdout []byte, stderr string, err error)
	// Own returns what a credential_process asks this very program for, which
	// Connector then answers.
	Own       func(argv []string) (asked awsconfig.Get, ok bool)
	Connector func(ctx context.Context, asked awsconfig.Get) (Credentials, error)
	// Connectors changes with the connectors that a foreign process may start this
	// program for.
	Connectors string
	// Lock keeps other processes of this program from what name stands for, a
	// file's name. nil locks nothing.
	Lock func(ctx context.Context, name string) (unlock func(), err error)

	pause func(ctx context.Context, d time.Duration) // between attempts, in tests
}

// STS makes a role's session, and asks for an MFA code if the role needs one. Its errors are shown as they are.
type STS interface {
	AssumeRole(ctx context.Context, from Credentials, r Role) (Credentials, error)
	AssumeRoleWithWebIdentity(ctx context.Context, token secret.Text, r Role) (Credentials, error)
}

// Role is how a profile wants a role to be assumed. What is empty or zero it does not say.
type Role struct {
	ARN         string
	SessionName string
	ExternalID  string
	Duration    time.Duration
	// MFASerial is the device whose code the role asks for, "" for none.
	MFASerial string
	// Endpoint is the URL of STS that the environment or the profile names.
	Endpoint string
}

// Credentials are what a source gave.
type Credentials struct {
	AccessKeyID   string
	Secret, Token secret.Text
	// AccountID has twelve digits, or is empty.
	AccountID string
	// Expires is in whole seconds, UTC; zero means never.
	Expires time.Time
}

// Plan is where credentials come from.
type Plan struct {
	source  source
	finder  *finder
	profile string
}

// source is a place where credentials may be.
type source interface {
	// words name the source without any secret.
	words() string
	// identity adds everything that decides who the credentials are.
	identity(*digest)
	// origin is the source that the others start from.
	origin() source
	credentials(context.Context, *finder) (Credentials, error)
}

// Source says in words where the credentials come from.
func (p Plan) Source() string { return p.source.words() }

// Asked is what this program is asked for where the credentials come from one of
// its connectors in the end, else zero.
func (p Plan) Asked() awsconfig.Get {
	o, _ := p.source.origin().(process)
	return o.own
}

// Foreign reports whether the credentials come from an endpoint that may answer
// as somebody else at any time, which nothing here would tell.
func (p Plan) Foreign() bool {
	switch p.source.origin().(type) {
	case container, instance:
		return true
	}
	return false
}

// RoleSession reports whether it is known that the credentials are a role's
// session, with which AWS lets another role be assumed for an hour at most. Those
// of an instance are too, and have no such limit.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
func (p Plan) RoleSession() bool {
	switch p.source.(type) {
	case role, web, sso:
		return true
	}
	return false
}

// Remote reports whether the credentials come from a server, which is asked once
// Credentials is called, and not from a program or with an MFA code, which may take
// a person's time.
func (p Plan) Remote() bool {
	_, program := p.source.origin().(process)
	return !program && !p.Coded()
}

// Coded reports whether an MFA code may have to be asked for.
func (p Plan) Coded() bool {
	for s := p.source; ; {
		r, ok := s.(role)
		if !ok {
			return false
		}
		if r.MFASerial != "" {
			return true
		}
		s = r.from
	}
}

// Credentials asks the source. They are valid now and can be handed out as they
// are. The error is an [*Error], or that of a function of [Settings].
func (p Plan) Credentials(ctx context.Context) (Credentials, error) {
	c, err := p.source.credentials(ctx, p.finder)
	if err != nil {
		return Credentials{}, err
	}
	c.Expires = c.Expires.UTC().Truncate(time.Second)
	return c, p.finder.check(p.source.words(), c)
}

// check refuses what no client could use.
func (f *finder) check(words string, c Credentials) error {
	for _, v := range []struct{ name, value string }{{"access key id", c.AccessKeyID}, {"secret access key", c.Secret.Reveal()}, {"session token", c.Token.Reveal()}} {
		switch {
		case v.value == "" && v.name != "session token":
			return misconfigured(words+": the "+v.name+" is empty", "")
		case !ascii(v.value):
			return misconfigured(words+": the "+v.name+" has a blank or another character that does not belong there", "copy it again")
		}
	}
	if !c.Expires.IsZero() && !c.Expires.After(f.Now()) {
		return &Error{Reason: NeedsPerson, Text: words + ": the credentials expired at " + c.Expires.Format(time.RFC3339), Advice: "get new ones there, or set this machine's clock"}
	}
	return nil
}

// ascii reports whether s is of printable ASCII without blanks.
func ascii(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// account returns s if it is an account id, else "".
func account(s string) string {
	if len(s) != 12 {
		return ""
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return ""
		}
	}
	return s
}
