package helper

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"aws-connector/cache"
	"aws-connector/internal/connector"
	"aws-connector/internal/secret"
)

// RegistryUser is the user name that goes with every token of ECR.
const RegistryUser = "AWS"

// RegistryToken is a password for registries of ECR.
type RegistryToken struct {
	Password secret.Text
	// Expires is what ECR said, in whole seconds, UTC; zero if it said nothing.
	Expires time.Time
}

// RegistryToken returns a token that opens r with the permissions of the
// connector called name. One token opens all registries of a region that these
// permissions reach, whatever their account, and is kept to half of its life,
// 12 hours from AWS. While ECR cannot be reached an older one serves as long as
// it is valid. Of many processes that ask at once, one asks ECR.
//
// Its errors are those of [Helper.Credentials].
func (h *Helper) RegistryToken(ctx context.Context, name string, r connector.Registry) (RegistryToken, error) {
	c, err := h.lookup(name)
	if err != nil {
		return RegistryToken{}, err
	}
	ctx = patient(ctx, lockWait)
	ask := h.begin(ctx, c)
	t, err := h.token(ctx, ask, r)
	h.finish(askedDocker, Answer{Connector: c.Name, AccessKeyID: t.id, Cached: t.cached, Err: err, Entry: t.kept, Until: t.until(ask)})
	if err != nil {
		return RegistryToken{}, inConnector(c, err)
	}
	return RegistryToken{t.password, t.expires}, nil
}

// ForgetRegistryToken drops the token that [Helper.RegistryToken] keeps for r; none is no error.
func (h *Helper) ForgetRegistryToken(ctx context.Context, name string, r connector.Registry) error {
	c, err := h.Connectors.Lookup(name)
	if err != nil {
		return err
	}
	ask := h.begin(ctx, c)
	if ask.cache == nil {
		// Which one it is cannot be told now, so all of the connector's go.
		_, err := h.drop(func(slot cache.Slot, o owner, _ bool) (bool, error) {
			e, _ := slot.Peek()
			if _, ok := tokenIn(e); !ok || o.Connector != c.Name {
				return false, nil
			}
			return true, slot.Remove()
		})
		return err
	}
	slot := h.tokenSlot(ask, r)
	unlock, err := h.lock(patient(ctx, tidyWait), slot)
	if err != nil {
		return err
	}
	defer unlock()
	return slot.Remove()
}

// token is a registry token with what its freshness depends on.
type token struct {
	connector, key  string
	registry        connector.Registry // Region, FIPS and Public: the token is for all of this kind
	id              string             // the access key id that it was asked with
	password        secret.Text
	issued, expires time.Time
	cached          bool        // it was in the cache
	kept            cache.Entry // where it was
	foreign, unkept bool        // as its session
	narrowed        connector.Narrowing
}

// tokenEntry is a token in the cache.
type tokenEntry struct {
	owner
	Region   string `json:"region"`
	FIPS     bool   `json:"fips,omitempty"`
	Public   bool   `json:"public,omitempty"`
	ID       string `json:"id,omitempty"`
	Password string `json:"password"`
	Issued   int64  `json:"issued"`
	Foreign  bool   `json:"foreign,omitempty"`
}

// fresh reports whether t may be handed out without asking ECR for a new one.
func (t token) fresh(now time.Time) bool {
	if t.foreign && now.Sub(t.issued) >= foreignLife {
		return false
	}
	return now.Before(t.renewed())
}

// renewed is when t is no longer fresh, but for what is foreign.
func (t token) renewed() time.Time { return t.expires.Add(-t.expires.Sub(t.issued) / 2) }

// until is as that of a session.
func (t token) until(r *call) time.Time {
	if t.foreign || !r.settled() {
		return time.Time{}
	}
	return t.renewed()
}

func (h *Helper) token(ctx context.Context, ask *call, r connector.Registry) (token, error) {
	c := ask.connector
	// A cached token is for those alone who may have a session now.
	if ask.refused != nil {
		return token{}, ask.refused
	}
	if ask.cache == nil {
		return h.askECR(ctx, ask, r)
	}
	return answer(ctx, h, flight[token]{
		connector: c,
		slot:      h.tokenSlot(ask, r),
		started:   ask.started,
		read: func(e cache.Entry) (token, bool) {
			t, ok := tokenIn(e)
			t.cached, t.kept = true, e
			return t, ok && t.connector == c.Name
		},
		fresh: func(t token) bool { return t.fresh(h.now()) },
		make:  func(ctx context.Context) (token, error) { return h.askECR(ctx, ask, r) },
		entry: func(t token) (cache.Entry, bool) { return t.entry(h.Connectors.Path) },
	})
}

// tokenSlot is where the cache keeps the token for r's region. Its name has all
// that a session's has, but no access key id, which changes with every session.
func (h *Helper) tokenSlot(ask *call, r connector.Registry) cache.Slot {
	c, service := ask.connector, serviceOf(r)
	url, _ := h.Env.endpoint(c, service)
	return ask.cache.Slot(c.Name + "-" + digest(h.identity(ask), service, r.Partition(), r.Region, strconv.FormatBool(r.FIPS), url))
}

func serviceOf(r connector.Registry) string {
	if r.Public {
		return serviceECRPublic
	}
	return serviceECR
}

func tokenIn(e cache.Entry) (token, bool) {
	var v tokenEntry
	if err := json.Unmarshal(e.Data, &v); err != nil || v.Password == "" {
		return token{}, false
	}
	return token{
		connector: v.Connector, key: v.Key, id: v.ID, registry: connector.Registry{Region: v.Region, FIPS: v.FIPS, Public: v.Public},
		password: secret.New(v.Password), issued: time.Unix(v.Issued, 0), expires: e.Expires, foreign: v.Foreign, narrowed: v.Narrowed,
	}, true
}

// entry is the inverse of tokenIn, for connectors of file.
func (t token) entry(file string) (cache.Entry, bool) {
	if !t.expires.After(t.issued) || t.unkept {
		return cache.Entry{}, false
	}
	data, err := json.Marshal(tokenEntry{owner{File: file, Connector: t.connector, Key: t.key, Narrowed: t.narrowed}, t.registry.Region, t.registry.FIPS, t.registry.Public, t.id, t.password.Reveal(), t.issued.Unix(), t.foreign})
	return cache.Entry{Expires: t.expires, Data: data}, err == nil
}

func (h *Helper) askECR(ctx context.Context, ask *call, r connector.Registry) (token, error) {
	c := ask.connector
	s, err := h.start(ctx, ask)
	if err != nil {
		return token{}, err
	}
	client, err := h.registryClient(c, s, r)
	if err != nil {
		return token{}, err
	}
	asking, cancel := another(ctx)
	defer cancel()
	a, err := client.authorize(asking, r)
	if err != nil {
		if ctx.Err() != nil {
			return token{}, ended(ctx)
		}
		return token{}, awsError(operation{serviceOf(r), "GetAuthorizationToken"}, c, err)
	}
	password, err := a.password(r)
	if err != nil {
		return token{}, err
	}
	t := token{connector: c.Name, key: s.Key, id: s.ID, registry: r, password: password, issued: h.now(), foreign: s.Foreign, unkept: s.unkept, narrowed: c.Narrowing()}
	if a.expires != nil {
		t.expires = plausible(a.expires.Add(-behind(t.issued, a.date)), t.issued, longestToken)
	}
	if t.foreign {
		t.issued = s.Issued // since then its source was not asked
	}
	return t, nil
}

// longestToken is more than the 12 hours that a token of ECR lives.
const longestToken = 13 * time.Hour

// plausible returns an expiry in whole seconds, UTC, which is most after issued
// where a server says more, and zero where it says less than any clock does.
func plausible(expires, issued time.Time, most time.Duration) time.Time {
	switch latest := issued.Add(most); {
	case expires.Before(time.Unix(0, 0)):
		return time.Time{}
	case expires.After(latest):
		expires = latest
	}
	return expires.UTC().Truncate(time.Second)
}

// registryClient asks the endpoint of r's own kind, unless another is named.
func (h *Helper) registryClient(c connector.Connector, base session, r connector.Registry) (Client, error) {
	o, err := h.Client(c, base.credentials(), serviceOf(r), r.Region)
	if o.Endpoint == "" {
		o.FIPS, o.DualStack = o.FIPS || r.FIPS, o.DualStack || r.DualStack
	}
	return o, err
}

var errNoToken = errors.New("the answer lacks a token")

// password returns the password in the answer, if it is one for r: for a
// registry of r's region, where ECR says for which one.
func (a authorization) password(r connector.Registry) (secret.Text, error) {
	const op = "GetAuthorizationToken"
	if blank(a.token) {
		return secret.Text{}, &Error{Text: op + ": the answer has no token", Advice: "is the endpoint really AWS ECR?", Err: errNoToken}
	}
	raw, err := base64.StdEncoding.DecodeString(*a.token)
	user, password, ok := strings.Cut(string(raw), ":")
	if err != nil || !ok || user != RegistryUser || password == "" || strings.ContainsFunc(password, unprintable) {
		return secret.Text{}, &Error{Text: op + ": the answer's token is not of the form that ECR documents", Advice: "is the endpoint really AWS ECR?", Err: errNoToken}
	}
	if !blank(a.endpoint) && !a.fits(r) {
		return secret.Text{}, &Error{Text: fmt.Sprintf("%s: the token is for %s, not for %s", op, Clean(*a.endpoint), r.Host), Advice: "it was not used; look at endpoint_url (AWS_ENDPOINT_URL)", Err: errNoToken}
	}
	return secret.New(password), nil
}

func (a authorization) fits(r connector.Registry) bool {
	u, err := url.Parse(*a.endpoint)
	if err != nil || u.Scheme != "https" || u.User != nil {
		return false
	}
	named, ok := connector.ParseRegistry(strings.ToLower(u.Host))
	return ok && named.Public == r.Public && named.Region == r.Region
}

func unprintable(c rune) bool { return c > unicode.MaxASCII || !unicode.IsPrint(c) || c == ' ' }
