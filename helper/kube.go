package helper

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/connector"
	"aws-connector/internal/secret"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// What EKS takes as a token, and AWS's own tools make:
// https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.6.13/pkg/token/token.go
const (
	kubePrefix = "k8s-aws-v1."
	// kubeHeader is signed, so that a token opens one cluster.
	kubeHeader = "X-K8s-Aws-Id"
	// kubeExpires is what the URL says, in seconds; neither STS nor EKS looks at it.
	kubeExpires = 60
	// kubeLife is a minute less than EKS believes in the time of signing.
	kubeLife = 14 * time.Minute
	// kubeLimit is the most bytes that EKS reads of a token.
	kubeLimit = 4096
	// kubeSlack is how long before its session a token is no longer used: with the
	// session STS refuses it.
	kubeSlack = time.Minute
)

// Cluster is a cluster of EKS: the name, and the region of the STS that is to say
// who has a token.
type Cluster struct{ Name, Region string }

// ClusterToken is what a Kubernetes client shows to a cluster of EKS.
type ClusterToken struct {
	Bearer secret.Text
	// Expires is in whole seconds, UTC.
	Expires time.Time
}

// ClusterToken returns a token that tells k who the connector called name is. AWS
// is asked for the connector's session alone, if there is none; the token is made
// from it here. Of many processes that ask at once, one makes it.
//
// Its errors are those of [Helper.Credentials].
func (h *Helper) ClusterToken(ctx context.Context, name string, k Cluster) (ClusterToken, error) {
	c, err := h.lookup(name)
	if err != nil {
		return ClusterToken{}, err
	}
	ctx = patient(ctx, lockWait)
	ask := h.begin(ctx, c)
	t, err := h.clusterToken(ctx, ask, k)
	h.finish(askedKube, Answer{Connector: c.Name, AccessKeyID: t.id, Cached: t.cached, Err: err, Entry: t.kept, Until: t.until(ask)})
	if err != nil {
		return ClusterToken{}, inConnector(c, err)
	}
	return ClusterToken{t.bearer, t.expires}, nil
}

// kubeToken is a cluster's token with what its freshness depends on.
type kubeToken struct {
	connector, key  string
	cluster         Cluster
	id              string // the access key id of its session
	bearer          secret.Text
	issued, expires time.Time
	cached          bool
	kept            cache.Entry
	foreign, unkept bool // as its session
	narrowed        connector.Narrowing
}

// kubeEntry is a cluster's token in the cache.
type kubeEntry struct {
	owner
	Cluster string `json:"cluster"`
	Region  string `json:"region"`
	ID      string `json:"id,omitempty"`
	Bearer  string `json:"bearer"`
	Issued  int64  `json:"issued"`
	Foreign bool   `json:"foreign,omitempty"`
}

func (t kubeToken) fresh(now time.Time) bool {
	return now.Before(t.expires) && !(t.foreign && now.Sub(t.issued) >= foreignLife)
}

// until is as that of a session.
func (t kubeToken) until(r *call) time.Time {
	if t.foreign || !r.settled() {
		return time.Time{}
	}
	return t.expires
}

func (h *Helper) clusterToken(ctx context.Context, ask *call, k Cluster) (kubeToken, error) {
	c := ask.connector
	if ask.refused != nil {
		return kubeToken{}, ask.refused
	}
	if ask.cache == nil {
		return h.signCluster(ctx, ask, k)
	}
	return answer(ctx, h, flight[kubeToken]{
		connector: c,
		slot:      h.kubeSlot(ask, k),
		started:   ask.started,
		read: func(e cache.Entry) (kubeToken, bool) {
			t, ok := kubeTokenIn(e)
			t.cached, t.kept = true, e
			return t, ok && t.connector == c.Name && t.cluster == k
		},
		fresh: func(t kubeToken) bool { return t.fresh(h.now()) },
		make:  func(ctx context.Context) (kubeToken, error) { return h.signCluster(ctx, ask, k) },
		entry: func(t kubeToken) (cache.Entry, bool) { return t.entry(h.Connectors.Path) },
	})
}

// kubeSlot is where the cache keeps the token for k. Its name has all that a
// session's has; where STS is, of which the token's host comes, is a part of that.
func (h *Helper) kubeSlot(ask *call, k Cluster) cache.Slot {
	return ask.cache.Slot(ask.connector.Name + "-" + digest(h.identity(ask), "kubernetes", k.Region, k.Name))
}

func kubeTokenIn(e cache.Entry) (kubeToken, bool) {
	var v kubeEntry
	if err := json.Unmarshal(e.Data, &v); err != nil || v.Bearer == "" {
		return kubeToken{}, false
	}
	return kubeToken{
		connector: v.Connector, key: v.Key, cluster: Cluster{v.Cluster, v.Region}, id: v.ID, bearer: secret.New(v.Bearer),
		issued: time.Unix(v.Issued, 0), expires: e.Expires, foreign: v.Foreign, narrowed: v.Narrowed,
	}, true
}

// entry is the inverse of kubeTokenIn, for connectors of file.
func (t kubeToken) entry(file string) (cache.Entry, bool) {
	if t.unkept {
		return cache.Entry{}, false
	}
	data, err := json.Marshal(kubeEntry{owner{File: file, Connector: t.connector, Key: t.key, Narrowed: t.narrowed}, t.cluster.Name, t.cluster.Region, t.id, t.bearer.Reveal(), t.issued.Unix(), t.foreign})
	return cache.Entry{Expires: t.expires, Data: data}, err == nil
}

// signCluster makes a token for k from the session that ask is for.
func (h *Helper) signCluster(ctx context.Context, ask *call, k Cluster) (kubeToken, error) {
	c := ask.connector
	s, err := h.start(ctx, ask)
	if err != nil {
		return kubeToken{}, err
	}
	client, err := h.Client(c, s.credentials(), serviceSTS, k.Region)
	if err != nil {
		return kubeToken{}, err
	}
	now := h.now()
	url, err := client.presignIdentity(ctx, k, now)
	if err != nil {
		return kubeToken{}, err
	}
	bearer := kubePrefix + base64.RawURLEncoding.EncodeToString([]byte(url))
	if len(bearer) > kubeLimit {
		return kubeToken{}, &Error{Reason: Misconfigured, Text: fmt.Sprintf("the token for cluster %q would have %d bytes, and EKS takes %d at most", k.Name, len(bearer), kubeLimit),
			Advice: "the connector's session token is too long: give it fewer tags, and a shorter policy or fewer policy_arns"}
	}
	t := kubeToken{connector: c.Name, key: s.Key, cluster: k, id: s.ID, bearer: secret.New(bearer), issued: now, expires: kubeExpiry(now, s.Expires), foreign: s.Foreign, unkept: s.unkept, narrowed: c.Narrowing()}
	if t.foreign {
		t.issued = s.Issued // since then its source was not asked
	}
	return t, nil
}

// kubeExpiry returns when a token is replaced that is signed now with a session
// that ends at end; a zero end is none. A client runs this program for each of its
// requests once that is past, and so it is not while the session lives.
func kubeExpiry(now, end time.Time) time.Time {
	expires := now.Add(kubeLife)
	if last := end.Add(-kubeSlack); !end.IsZero() && last.Before(expires) {
		if expires = last; !last.Truncate(time.Second).After(now) {
			expires = end
		}
	}
	return expires.UTC().Truncate(time.Second)
}

// presignIdentity returns the URL by which whoever has it asks STS who these
// credentials are of. Nobody is asked for it.
func (o Client) presignIdentity(ctx context.Context, k Cluster, now time.Time) (string, error) {
	base, err := o.URL(ctx)
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires="+strconv.Itoa(kubeExpires), nil)
	if err != nil {
		return "", o.noEndpoint(err)
	}
	r.Header.Set(kubeHeader, k.Name)
	credentials, err := o.Credentials().Retrieve(ctx)
	if err != nil {
		return "", err
	}
	empty := sha256.Sum256(nil)
	url, _, err := v4.NewSigner().PresignHTTP(ctx, credentials, r, hex.EncodeToString(empty[:]), o.Service, o.Region, now)
	return url, err
}
