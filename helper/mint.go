package helper

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"aws-connector/internal/connector"
	"aws-connector/internal/plain"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

// mint makes a session that no cache has.
func (h *Helper) mint(ctx context.Context, r *call) (session, error) {
	if holder := r.keyHolder(); holder != nil && r.connector.MFASerial != "" {
		// The key is read only where its MFA session is not in the cache.
		return h.withMFA(ctx, r, h.storedFactor(r, holder), session{Connector: r.connector.Name, Key: holder.connector.Key, Issued: h.now()})
	}
	defer h.greetAhead(r.connector)()
	base, err := h.base(ctx, r)
	if err != nil {
		return session{}, err
	}
	switch c := r.connector; {
	case c.Method == connector.STSToken:
		return h.stored(c, base)
	case c.Method == connector.SecretKey, c.Method == connector.Process, c.Method == connector.Implicit && c.RoleARN == "":
		return base, nil
	case c.MFASerial != "":
		return h.withMFA(ctx, r, h.givenFactor(r, base), base)
	}
	s, err := h.fromSTS(ctx, r, base)
	if r.source != nil && base.cached && disowned(err) {
		if base, err = h.freshSource(ctx, r, base); err == nil {
			s, err = h.fromSTS(ctx, r, base)
		}
	}
	return s, err
}

// base returns what r's session is made from: a key, the session of another
// connector, what the environment or a program gives, or only a token.
func (h *Helper) base(ctx context.Context, r *call) (s session, err error) {
	switch c := r.connector; {
	case r.source != nil:
		s, err = h.fromSource(ctx, r)
	case c.Method == connector.WebIdentity:
		s, err = h.fromToken(ctx, r)
	case !keyed(c):
		s, err = h.ambient(ctx, r)
	default:
		s, err = h.stocked(ctx, r)
	}
	if err == nil {
		err = s.printable()
	}
	s.Connector = r.connector.Name
	return s, err
}

// stocked returns the key of r's connector.
func (h *Helper) stocked(ctx context.Context, r *call) (session, error) {
	key, err := h.key(ctx, r)
	if err != nil {
		return session{}, err
	}
	return session{Key: r.connector.Key, ID: key.ID, Secret: key.Secret, Token: key.SessionToken, Issued: h.now(), Expires: key.Expires, unkept: h.moved(ctx, r)}, nil
}

// key reads the long-term key of r's connector, and checks that it suits the method.
func (h *Helper) key(ctx context.Context, r *call) (keystore.Key, error) {
	c := r.connector
	key, err := h.Keys.Get(context.WithValue(ctx, chainKey{}, r.chain), c.Key)
	if err != nil {
		return keystore.Key{}, whole(err)
	}
	temporary := !key.SessionToken.Empty()
	switch c.Method {
	case connector.STSToken:
		if !temporary {
			return keystore.Key{}, &Error{Reason: Misconfigured, Text: fmt.Sprintf("key %q is a long-term key, and auth_method sts-token needs temporary credentials", c.Key),
				Advice: longTermAdvice(c)}
		}
	case connector.SecretKey:
		if temporary {
			return keystore.Key{}, &Error{Reason: Misconfigured, Text: fmt.Sprintf("key %q holds temporary credentials, and auth_method secret-key needs a long-term key", c.Key),
				Advice: `use auth_method = "sts-token"`}
		}
	case connector.SessionToken, connector.FederationToken:
		if temporary {
			return keystore.Key{}, &Error{Reason: Misconfigured, Text: fmt.Sprintf("key %q holds temporary credentials, and AWS makes a %s only from a long-term key", c.Key, c.Method),
				Advice: `store an IAM user's access key, or use auth_method = "iam-role"`}
		}
	case connector.IAMRole:
		if temporary && !key.Expires.IsZero() && !key.Expires.After(h.now()) {
			return keystore.Key{}, h.expired(c, key.Expires)
		}
	}
	h.noteUse(ctx, c.Key, key)
	return key, nil
}

// stored hands out temporary credentials as they lie in the keystore.
func (h *Helper) stored(c connector.Connector, s session) (session, error) {
	if !c.ExpiresAt.IsZero() {
		s.Expires = c.ExpiresAt
	}
	if s.Expires.IsZero() {
		return s, nil
	}
	if !s.fresh(c, h.now()) {
		return session{}, h.expired(c, s.Expires)
	}
	return s, nil
}

// expired is for credentials from the keystore that are too old, or so nearly that
// no caller could use them.
func (h *Helper) expired(c connector.Connector, at time.Time) error {
	now, when := h.now(), at.UTC().Format(time.RFC3339)
	text := fmt.Sprintf("key %q holds credentials that expired at %s, %s ago", c.Key, when, plain.Span(now.Sub(at)))
	if at.After(now) {
		text = fmt.Sprintf("key %q holds credentials that expire at %s, in %s: too soon to be used", c.Key, when, plain.Span(at.Sub(now)))
	}
	return &Error{Reason: NeedsPerson, Text: text, Advice: renewKey(c) + expiresAtAdvice(c)}
}

// longTermAdvice is for who wants temporary credentials and has a long-term key.
func longTermAdvice(c connector.Connector) string {
	if c.KeyProcess != nil {
		return "use auth_method = \"session-token\" or \"secret-key\", or set key to one of temporary credentials"
	}
	return fmt.Sprintf("use auth_method = \"session-token\" or \"secret-key\", or store temporary credentials beside it, with `aws-connector key add %[1]s`, and set key = %[1]q", ownKey(c))
}

// ownKey suggests a name for temporary credentials, where the connector's key is
// one that must not be written over: AWS never shows its secret again.
func ownKey(c connector.Connector) string {
	const suffix, longest = "-temporary", 64
	return c.Name[:min(len(c.Name), longest-len(suffix))] + suffix
}

func expiresAtAdvice(c connector.Connector) string {
	if c.ExpiresAt.IsZero() {
		return ""
	}
	return " and update the connector's expires_at"
}

// fromSTS mints r's session with base as the caller's credentials.
func (h *Helper) fromSTS(ctx context.Context, r *call, base session) (session, error) {
	if err := unchained(r); err != nil {
		return session{}, err
	}
	c := h.Env.named(r.connector)
	client, err := h.sts(c, base)
	if err != nil {
		return session{}, err
	}
	var m minted
	asking, cancel := exchange(ctx)
	defer cancel()
	switch c.Method {
	case connector.SessionToken:
		m, err = getSessionToken(asking, client, c)
	case connector.FederationToken:
		m, err = getFederationToken(asking, client, c)
	case connector.WebIdentity:
		m, err = assumeRoleWithWebIdentity(asking, client, c, base.web)
	default:
		m, err = assumeRole(asking, client, c)
	}
	if err != nil {
		if ctx.Err() != nil {
			return session{}, ended(ctx)
		}
		return session{}, err
	}
	s, err := m.session(h.now())
	if err != nil {
		return session{}, err
	}
	return s.from(base, c), nil
}

func (h *Helper) sts(c connector.Connector, base session) (STS, error) {
	o, err := h.Client(c, base.credentials(), serviceSTS, c.Region)
	if err != nil {
		return nil, err
	}
	return h.stsOf(o)
}

func (h *Helper) stsOf(o Client) (STS, error) {
	if h.STS != nil {
		return h.STS(o)
	}
	return o.STS()
}

// minted is what the three STS actions have in common. STS documents every
// member as present; an answer without one is refused, not dereferenced.
type minted struct {
	op                string
	id, secret, token *string
	expires           *time.Time
	arn               *string
	date              time.Time // AWS's at the answer, zero if not known
	unkept            bool      // as the session that it is made with
}

var accountOfARN = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^arn:[a-z-]+:[a-z]+::([0-9]{12}):`) })

// longestSession is more than the 36 hours that any session of STS lives.
const longestSession = 37 * time.Hour

var errIncomplete = errors.New("the answer lacks credentials")

func (m minted) session(now time.Time) (session, error) {
	if blank(m.id) || blank(m.secret) || blank(m.token) || m.expires == nil {
		return session{}, &Error{Text: m.op + ": the answer has no complete credentials", Advice: "is the endpoint really AWS STS?", Err: errIncomplete}
	}
	s := session{ID: *m.id, Secret: secret.New(*m.secret), Token: secret.New(*m.token), Issued: now, Expires: plausible(m.expires.Add(-behind(now, m.date)), now, longestSession)}
	if !s.Expires.After(now) {
		return session{}, &Error{Text: fmt.Sprintf("%s: the new session has expired already, at %s by AWS's clock", m.op, s.Expires.Format(time.RFC3339)), Advice: "set this machine's clock"}
	}
	if !blank(m.arn) {
		s.ARN = *m.arn
		if found := accountOfARN().FindStringSubmatch(s.ARN); found != nil {
			s.AccountID = found[1]
		}
	}
	return s, nil
}

// behind returns how far this machine's clock, at now, is behind AWS's. SDKs
// compare an expiry with this machine's clock, and would use credentials so much
// longer than they live. A clock that is ahead, or nearly right, needs nothing.
func behind(now, aws time.Time) time.Duration {
	const negligible = 5 * time.Second
	d := aws.Sub(now)
	if aws.IsZero() || d <= negligible {
		return 0
	}
	return d
}

func blank(s *string) bool { return s == nil || strings.TrimSpace(*s) == "" }
