package helper

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"aws-connector/internal/ambient"
	"aws-connector/internal/awsconfig"
	"aws-connector/internal/connector"
	"aws-connector/internal/program"
)

// origin is where credentials come from that the keystore does not have. It is
// found once for a call: whose they are, under which name they are kept, and who
// is asked for them is then of one moment, whatever becomes of the files.
type origin struct {
	plan ambient.Plan
	web  ambient.WebToken
	err  error
	// key is the plan's or the token's, and identity changes with everything that
	// decides whose credentials they are: with a connector in between, with that one too.
	key, identity string
	// between is the call for the connector in between, nil for none.
	between *call
	// got is its session, once it was asked.
	got session
}

// find finds where c's credentials come from; chain are the connectors that
// started one another, c the last.
func (h *Helper) find(ctx context.Context, c connector.Connector, chain Chain, known versions) *origin {
	o := &origin{}
	s := h.settings(c, chain)
	if c.Method == connector.WebIdentity {
		o.web = webToken(c, s)
		o.key = o.web.Key()
		o.identity = o.key
		return o
	}
	if c.Method == connector.Implicit {
		if s.HTTP, s.Direct, o.err = h.ambientClients(); o.err != nil {
			return o
		}
	}
	s.Connector = func(ctx context.Context, asked awsconfig.Get) (ambient.Credentials, error) {
		got, err := h.inProcess(ctx, asked, o.between)
		o.got = got
		return ambient.Credentials{AccessKeyID: got.ID, Secret: got.Secret, Token: got.Token, AccountID: got.AccountID, Expires: got.Expires}, err
	}
	if o.plan, o.err = find(h.Env.Ambient, c, s); o.err != nil {
		return o
	}
	o.key = o.plan.Key()
	parts := []string{o.key}
	if between, err := h.lookupNarrow(o.plan.Asked()); err == nil {
		o.between = h.link(ctx, between, chain, known)
		parts = append(parts, h.identity(o.between), fmt.Sprint(o.between.refused))
	}
	o.identity = digest(parts...)
	return o
}

func (h *Helper) ambient(ctx context.Context, r *call) (session, error) {
	o := r.origin
	if o.err != nil {
		return session{}, o.err
	}
	if name := o.plan.Asked().Connector; slices.Contains(r.chain, name) {
		return session{}, cycle(append(slices.Clone(r.chain), name))
	}
	h.log().Debug("credentials of the environment", "connector", r.connector.Name, "source", o.plan.Source())
	asking, cancel := ctx, context.CancelFunc(func() {})
	if o.plan.Remote() {
		asking, cancel = exchange(ctx)
	}
	defer cancel()
	got, err := o.plan.Credentials(asking)
	if gone := goneConnector(o.plan, err); gone != nil {
		return session{}, gone
	}
	if err != nil {
		return session{}, ambientError(ctx, err)
	}
	s := session{Key: o.got.Key, ID: got.AccessKeyID, Secret: got.Secret, Token: got.Token, AccountID: got.AccountID, Issued: h.now(), Expires: got.Expires,
		Foreign: o.plan.Foreign() || o.got.Foreign, unkept: o.got.unkept || o.plan.Key() != o.key}
	if o.got.Foreign {
		s.Issued = o.got.Issued
	}
	return s, nil
}

// givesRole reports whether the credentials are known to be a role's session.
func (o *origin) givesRole() bool {
	return o.plan.RoleSession() || o.between.givesRole()
}

// settings are what says where the credentials of c's environment are.
func (h *Helper) settings(c connector.Connector, chain Chain) ambient.Settings {
	where := h.Env.Ambient
	var env []string
	if where.Environ != nil {
		env = where.Environ(chain)
	}
	return ambient.Settings{
		Environ: env, ConfigFile: where.ConfigFile, CredentialsFile: where.CredentialsFile, Home: where.Home, Dir: where.Dir, Profile: c.Profile, Now: h.now,
		STS: profileRoles{h, c, chain}, Connectors: digest(h.Connectors.Path, h.Connectors.Digest),
		Run: func(ctx context.Context, argv []string) ([]byte, string, error) {
			out, err := program.Run(ctx, argv, env)
			return out.Stdout, out.Said, err
		},
		Own: func(argv []string) (awsconfig.Get, bool) { return ownGet(argv, where.Self) },
		Lock: func(ctx context.Context, name string) (func(), error) {
			if h.Cache == nil {
				return func() {}, nil
			}
			return h.lock(ctx, h.Cache.Slot(name))
		},
	}
}

func find(where Ambient, c connector.Connector, s ambient.Settings) (ambient.Plan, error) {
	if c.Method == connector.Process {
		return ambient.Program(s, c.CredentialProcess), nil
	}
	if where.Err != nil {
		return ambient.Plan{}, where.Err
	}
	plan, err := ambient.Find(s)
	if err != nil {
		return ambient.Plan{}, told(err, false)
	}
	return plan, nil
}

// ambientClients return a client that goes through proxies and one that does not.
func (h *Helper) ambientClients() (proxied, direct *http.Client, err error) {
	transport, err := Client{CABundle: h.Env.CABundle, Roots: h.Env.Roots, Proxies: h.Env.Proxies}.transport()
	if err != nil {
		return nil, nil, err
	}
	transport = transport.WithTimeout(attemptTimeout)
	alone := transport.WithTransportOptions(func(t *http.Transport) { t.Proxy = nil })
	return bounded(transport, AnswerLimit, h.Env.Proxies), bounded(alone, AnswerLimit, h.Env.Proxies), nil
}

// Source says in words where the credentials or the token come from of a connector
// that has them neither from a key nor from another one. It asks nobody.
func (h *Helper) Source(c connector.Connector) (string, error) {
	s := h.settings(c, nil)
	if c.Method == connector.WebIdentity {
		return webToken(c, s).Source(), nil
	}
	plan, err := find(h.Env.Ambient, c, s)
	if err != nil {
		return "", err
	}
	return plan.Source(), nil
}

// lookupNarrow returns the connector that a profile asks for, narrowed as it asks.
func (h *Helper) lookupNarrow(asked awsconfig.Get) (connector.Connector, error) {
	c, err := h.Connectors.AsWritten().Lookup(asked.Connector)
	if err != nil || !asked.Narrow() {
		return c, err
	}
	return c.Narrow(connector.Narrowing{Type: connector.ResourceType(asked.ResourceType), ID: asked.ResourceID, Scope: connector.Scope(asked.Scope)})
}

// goneConnector is err in other words where it is that a profile runs this program
// for a connector which is not there, as one that was removed; else nil.
func goneConnector(plan ambient.Plan, err error) error {
	var gone *connector.NotFoundError
	if !errors.As(err, &gone) || gone.Name != plan.Asked().Connector {
		return nil
	}
	advice := fmt.Sprintf("set profile_name to another profile, or remove this line from it: `aws-connector configure aws --remove %s`", gone.Name)
	if near := connector.Nearest(gone.Name, gone.Known); near != "" {
		advice = fmt.Sprintf("did you mean %q? correct the profile's credential_process, or set profile_name to another profile", near)
	}
	return &Error{Reason: Misconfigured, Text: fmt.Sprintf("it starts from %s, and %s has no connector %q", plan.Source(), gone.Path, gone.Name), Advice: advice, Err: err}
}

// inProcess returns the session of the connector that is asked for, for which r is
// the call, as the base of another one's.
func (h *Helper) inProcess(ctx context.Context, asked awsconfig.Get, r *call) (session, error) {
	if r == nil {
		_, err := h.lookupNarrow(asked)
		return session{}, err
	}
	s, err := h.start(ctx, r)
	if err != nil {
		return session{}, inConnector(r.connector, err)
	}
	return s, nil
}

// ambientError is for a source that gave nothing.
func ambientError(ctx context.Context, err error) error {
	var e *ambient.Error
	if ctx.Err() != nil && !errors.As(err, &e) {
		return ended(ctx)
	}
	return told(err, true)
}

// told gives an error of package ambient the form of this one's, with the text
// around it. costly says that it took a call to find.
func told(err error, costly bool) error {
	var e *ambient.Error
	var own *Error
	switch {
	case errors.As(err, &own):
		inner := *own
		inner.Text = err.Error()
		return &inner
	case errors.As(err, &e):
		given := &Error{Reason: e.Reason, Text: err.Error(), Advice: e.Advice, Err: err, costly: costly}
		for _, end := range []string{": " + innermost(err).Error(), ": no address for host", ": no answer in time"} {
			if what, _, ok := strings.Cut(err.Error(), end); ok && given.atProxy(what, err) {
				break
			}
		}
		return given
	}
	return err
}
