package helper

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/ambient"
	"aws-connector/internal/connector"
	"aws-connector/internal/secret"

	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	// mfaOwner stands for the connector of an MFA session, which is of a key and a
	// device. No connector has a name like it.
	mfaOwner = "_mfa"
	// usualMFASession is the lifetime of the MFA session of a profile, which cannot say one.
	usualMFASession = 12 * time.Hour
	// baseLeft is how much of an MFA session must be left for assuming a role from it.
	baseLeft = time.Minute
)

// factor is what a session needs a second factor for.
type factor struct {
	// connector is who asks: for its STS, and by its name.
	connector connector.Connector
	device    string
	process   []string // prints the code
	chain     Chain    // for what process starts
	lifetime  time.Duration
	// key is the keystore's name of the long-term key, and version what tells it from
	// every other one: of the environment's keys the access key id.
	key, version string
	// base reads the long-term key and its user's seed, if one was stored.
	base func(context.Context) (session, secret.Text, error)

	started time.Time
	cache   *cache.Dir // nil where nothing may be kept
}

// keyHolder returns the call whose key in the keystore r's code is given with: r
// itself, or its source where that hands out its key; nil where there is none.
func (r *call) keyHolder() *call {
	switch source := r.source; {
	case r.connector.Key != "":
		return r
	case source != nil && source.connector.Method == connector.SecretKey && source.refused == nil:
		return source
	}
	return nil
}

// storedFactor is that of a connector whose code is given with holder's key.
func (h *Helper) storedFactor(r, holder *call) factor {
	f := h.factor(r.connector, r)
	f.key, f.version = holder.connector.Key, holder.generation
	f.base = func(ctx context.Context) (session, secret.Text, error) {
		key, err := h.key(ctx, holder)
		if err != nil && holder != r {
			err = ofSource(holder.connector.Name, err)
		}
		return session{ID: key.ID, Secret: key.Secret, Token: key.SessionToken, unkept: err == nil && h.moved(ctx, holder)}, key.TOTP, err
	}
	return f
}

// givenFactor is that of a connector that starts from what the environment, a
// profile or another connector gave.
func (h *Helper) givenFactor(r *call, base session) factor {
	f := h.factor(r.connector, r)
	f.version = base.ID
	f.base = func(context.Context) (session, secret.Text, error) { return base, secret.Text{}, nil }
	return f
}

func (h *Helper) factor(c connector.Connector, r *call) factor {
	return factor{connector: c, device: c.MFASerial, process: c.MFAProcess, chain: r.chain, lifetime: c.MFASession, started: r.started, cache: r.cache}
}

// withMFA mints the session of a connector that has an MFA device. base is what
// the session is filed under, and what of a base's own life it takes over.
func (h *Helper) withMFA(ctx context.Context, r *call, f factor, base session) (session, error) {
	c := r.connector
	if c.MFA == connector.MFARole {
		return h.assumeWithCode(ctx, f, base)
	}
	if c.Method == connector.SessionToken {
		m, err := h.mfaSession(ctx, f, func(s session) bool { return s.fresh(c, h.now()) })
		m.Connector, m.Key, m.Device, m.cached = c.Name, c.Key, "", false
		return m, err
	}
	return overMFA(ctx, h, f, func(ctx context.Context, m session) (session, error) {
		base.ID, base.Secret, base.Token, base.unkept = m.ID, m.Secret, m.Token, base.unkept || m.unkept
		return h.fromSTS(ctx, r, base)
	})
}

// overMFA makes something with the factor's MFA session, with a new one if AWS does
// not take the cached one: it was revoked, or is of an AWS that is no longer the same.
func overMFA[T any](ctx context.Context, h *Helper, f factor, make func(context.Context, session) (T, error)) (T, error) {
	fresh := func(s session) bool { return s.Expires.Sub(h.now()) > baseLeft }
	for again := false; ; again = true {
		m, err := h.mfaSession(ctx, f, fresh)
		if err != nil {
			var none T
			return none, err
		}
		asking := ctx
		if !m.cached || again {
			asking = unhurried(ctx)
		}
		made, err := make(asking, m)
		if again || !m.cached || !disowned(err) {
			return made, err
		}
		h.log().Debug("the MFA session is refused, a new one is made", "connector", f.connector.Name)
		if err := h.mfaSlot(f).Remove(); err != nil {
			return made, err
		}
	}
}

// mfaSession returns the MFA session of the factor's key and device: one for all
// connectors that have both, from any process.
func (h *Helper) mfaSession(ctx context.Context, f factor, fresh func(session) bool) (session, error) {
	mint := func(ctx context.Context) (session, error) { return h.mintMFA(ctx, f) }
	if f.cache == nil {
		return mint(ctx)
	}
	s, err := answer(ctx, h, flight[session]{
		connector: f.connector,
		slot:      h.mfaSlot(f),
		started:   f.started,
		read: func(e cache.Entry) (session, bool) {
			s, ok := sessionIn(e)
			s.cached = true
			return s, ok && s.Connector == mfaOwner && s.Device == f.device && s.Key == f.key
		},
		fresh: fresh,
		make:  mint,
		entry: func(s session) (cache.Entry, bool) { return s.entry(h.Connectors.Path) },
	})
	if err == nil {
		insisted(ctx).used(s, s.Expires.Add(-baseLeft))
	}
	return s, err
}

// mfaSlot is where the MFA session of the factor's key and device is kept. A
// session of STS is good in all regions of its partition, and has no name.
func (h *Helper) mfaSlot(f factor) cache.Slot {
	c := f.connector
	return f.cache.Slot(mfaOwner + "-" + digest(f.key, f.version, f.device, c.Partition(), h.Env.wayToSTS(c), strconv.FormatInt(int64(f.lifetime), 10)))
}

func (h *Helper) mintMFA(ctx context.Context, f factor) (session, error) {
	lifetime := seconds(f.lifetime)
	m, err := h.codedCall(ctx, f, func(ctx context.Context, client STS, code string) (minted, error) {
		out, err := client.GetSessionToken(ctx, &sts.GetSessionTokenInput{DurationSeconds: lifetime, SerialNumber: &f.device, TokenCode: &code})
		if err != nil {
			return minted{}, err
		}
		m := minted{op: opGetSessionToken.name, date: date(out.ResultMetadata)}
		m.take(out.Credentials)
		return m, nil
	}, opGetSessionToken)
	if err != nil {
		return session{}, err
	}
	s, err := m.session(h.now())
	s.Connector, s.Key, s.Device, s.unkept = mfaOwner, f.key, f.device, m.unkept
	return s, err
}

// assumeWithCode assumes the connector's role with a code for this session alone.
func (h *Helper) assumeWithCode(ctx context.Context, f factor, base session) (session, error) {
	c := h.Env.named(f.connector)
	m, err := h.codedCall(ctx, f, func(ctx context.Context, client STS, code string) (minted, error) {
		return assumeRoleWith(ctx, client, c, func(in *sts.AssumeRoleInput) { in.SerialNumber, in.TokenCode = &f.device, &code })
	}, opAssumeRole)
	if err != nil {
		return session{}, err
	}
	s, err := m.session(h.now())
	if err != nil {
		return session{}, err
	}
	base.unkept = base.unkept || m.unkept
	return s.from(base, c), nil
}

// codedCall reads the long-term key and makes a call with a code.
func (h *Helper) codedCall(ctx context.Context, f factor, call func(ctx context.Context, client STS, code string) (minted, error), op operation) (minted, error) {
	base, seed, err := f.base(ctx)
	if err != nil {
		return minted{}, err
	}
	if !base.Token.Empty() {
		return minted{}, &Error{Reason: Misconfigured, Text: "mfa_serial: the credentials that it starts from are temporary, and AWS takes an MFA code only with the long-term key of the device's user",
			Advice: "set mfa_serial where the long-term key is, or remove it"}
	}
	o, err := h.Client(f.connector, base.credentials(), serviceSTS, f.connector.Region)
	if err != nil {
		return minted{}, err
	}
	var l *ledger
	o.once = func() time.Time { return l.now() }
	client, err := h.stsOf(o)
	if err != nil {
		return minted{}, err
	}
	source, err := h.codes(f, seed)
	if err != nil {
		return minted{}, err
	}
	made, err := h.coded(ctx, f, source, func(ctx context.Context, of *ledger, code string) (minted, error) {
		l = of
		m, err := call(ctx, client, code)
		if err != nil {
			err = awsError(op, f.connector, err)
		}
		return m, err
	})
	made.unkept = base.unkept
	return made, err
}

// from returns s as the session of c that was made from base.
func (s session) from(base session, c connector.Connector) session {
	s.Connector, s.Key, s.Foreign, s.unkept = base.Connector, base.Key, base.Foreign, base.unkept
	if s.Foreign {
		s.Issued = base.Issued // since then its source was not asked
	}
	if s.AccountID == "" {
		s.AccountID = c.AccountID()
	}
	return s
}

// factor is that of a profile's role, which c stands for.
func (p profileRoles) factor(c connector.Connector, base session, r ambient.Role) factor {
	return factor{connector: c, device: r.MFASerial, process: p.c.MFAProcess, chain: p.chain, lifetime: usualMFASession, version: base.ID, started: p.h.now(), cache: p.h.Cache,
		base: func(context.Context) (session, secret.Text, error) { return base, secret.Text{}, nil }}
}

// usesMFA reports whether a connector, as it is now, would start from the MFA
// session in slot. Of the environment's keys it is known only once they are read.
func (h *Helper) usesMFA(current func(name string, to connector.Narrowing) (*call, bool), slot cache.Slot, s session) bool {
	if s.Key == "" {
		return true
	}
	for _, name := range h.Connectors.Names() {
		if r, ok := current(name, connector.Narrowing{}); ok && r.connector.MFASerial == s.Device {
			if holder := r.keyHolder(); holder != nil && h.mfaSlot(h.storedFactor(r, holder)) == slot {
				return true
			}
		}
	}
	return false
}

// coded reports whether an MFA code may have to be asked for to answer r.
func (r *call) coded() bool {
	return r != nil && (r.connector.MFASerial != "" || r.origin.plan.Coded() || r.source.coded() || r.origin.between.coded())
}

// needsLogin is for whoever needs a code and finds nobody to ask.
func needsLogin(f factor) error {
	return &Error{Reason: NeedsPerson, Text: fmt.Sprintf("the MFA code of %s is needed, and there is no terminal to ask on", Clean(f.device)),
		Advice: "run `aws-connector login " + f.connector.Name + "` in a terminal: later calls then need no code", Err: ErrNobody}
}
