package helper

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"aws-connector/internal/ambient"
	"aws-connector/internal/connector"
	"aws-connector/internal/program"
)

// implicit starts from whatever the environment offers.
//
// That may be a credential_process that is this program again: a profile that
// leads back to its own connector is a cycle, one that leads to another connector
// is answered in this process instead of a new one.
func (h *Helper) implicit(ctx context.Context, r *call) (session, error) {
	base, err := h.ambient(ctx, r)
	if err != nil {
		return session{}, err
	}
	base.Connector = r.connector.Name
	if err := base.printable(); err != nil {
		return session{}, err
	}
	if r.connector.RoleARN == "" {
		return base, nil
	}
	if r.connector.MFASerial != "" {
		return h.withMFA(ctx, r, h.givenFactor(r, base), base)
	}
	return h.fromSTS(ctx, r.connector, base)
}

// origin is where an implicit connector's credentials come from. It is found once
// for a call: whose they are, under which name they are kept, and who is asked for
// them is then of one moment, whatever becomes of the files.
type origin struct {
	plan ambient.Plan
	err  error
	// key is the plan's, and identity changes with everything that decides whose
	// credentials they are: with a connector in between, with that one too.
	key, identity string
	// inner is where the credentials of an implicit connector in between come from.
	inner *origin
	// between is the session of the connector in between, once that was asked.
	between session
}

// find finds where the credentials of c's environment come from; chain are the
// connectors that started one another, c the last.
func (h *Helper) find(c connector.Connector, chain Chain) *origin {
	o := &origin{}
	s := h.settings(c, chain)
	if s.HTTP, s.Direct, o.err = h.ambientClients(); o.err != nil {
		return o
	}
	s.Connector = func(ctx context.Context, name string) (ambient.Credentials, error) {
		got, err := h.inProcess(ctx, name, chain, o.inner)
		o.between = got
		return ambient.Credentials{AccessKeyID: got.ID, Secret: got.Secret, Token: got.Token, AccountID: got.AccountID, Expires: got.Expires}, err
	}
	if o.plan, o.err = find(h.Env.Ambient, s); o.err != nil {
		return o
	}
	o.key = o.plan.Key()
	parts := []string{o.key}
	name := o.plan.Connector()
	if between, err := h.Connectors.Lookup(name); err == nil && !slices.Contains(chain, name) && len(chain) <= maxChain {
		parts = append(parts, between.Fingerprint(), fmt.Sprint(h.Supported(between)))
		if between.Method == connector.Implicit {
			o.inner = h.find(between, append(slices.Clone(chain), name))
			parts = append(parts, o.inner.identity)
		}
	}
	o.identity = digest(parts...)
	return o
}

func (h *Helper) ambient(ctx context.Context, r *call) (session, error) {
	o := r.origin
	if o.err != nil {
		return session{}, o.err
	}
	if name := o.plan.Connector(); slices.Contains(r.chain, name) {
		return session{}, cycle(append(slices.Clone(r.chain), name))
	}
	h.log().Debug("credentials of the environment", "connector", r.connector.Name, "source", o.plan.Source())
	asking, cancel := ctx, context.CancelFunc(func() {})
	if o.plan.Remote() {
		asking, cancel = exchange(ctx)
	}
	defer cancel()
	got, err := o.plan.Credentials(asking)
	if err != nil {
		return session{}, ambientError(ctx, err)
	}
	s := session{Key: o.between.Key, ID: got.AccessKeyID, Secret: got.Secret, Token: got.Token, AccountID: got.AccountID, Issued: h.now(), Expires: got.Expires,
		Foreign: o.plan.Foreign() || o.between.Foreign, unkept: o.between.unkept || o.plan.Key() != o.key}
	if o.between.Foreign {
		s.Issued = o.between.Issued
	}
	return s, nil
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
		Own: func(argv []string) (string, bool) {
			name := ownConnector(argv, where.Self)
			return name, name != ""
		},
		Lock: func(ctx context.Context, name string) (func(), error) {
			if h.Cache == nil {
				return func() {}, nil
			}
			return h.lock(ctx, h.Cache.Slot(name))
		},
	}
}

func find(where Ambient, s ambient.Settings) (ambient.Plan, error) {
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
	transport, err := Client{CABundle: h.Env.CABundle}.transport()
	if err != nil {
		return nil, nil, err
	}
	transport = transport.WithTimeout(attemptTimeout)
	alone := transport.WithTransportOptions(func(t *http.Transport) { t.Proxy = nil })
	return bounded(transport, AnswerLimit), bounded(alone, AnswerLimit), nil
}

// Source says in words where the credentials of an implicit connector come from.
// It asks nobody.
func (h *Helper) Source(c connector.Connector) (string, error) {
	plan, err := find(h.Env.Ambient, h.settings(c, nil))
	if err != nil {
		return "", err
	}
	return plan.Source(), nil
}

// inProcess returns another connector's session as the base of this one's; from
// is where that one's credentials come from if it is implicit.
func (h *Helper) inProcess(ctx context.Context, name string, chain Chain, from *origin) (session, error) {
	inner := *h
	inner.Env.Chain, inner.found = chain, from
	inner.Answered = nil // it is no answer to a caller
	c, err := inner.lookup(name)
	if err != nil {
		return session{}, err
	}
	s, err := inner.start(ctx, inner.begin(ctx, c))
	if err != nil {
		return session{}, inConnector(c, err)
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
		return &Error{Reason: e.Reason, Text: err.Error(), Advice: e.Advice, Err: err, costly: costly}
	}
	return err
}
