package helper

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"aws-connector/internal/secret"
)

var demo = Cluster{"demo", "eu-central-1"}

func (w *world) clusterToken(t *testing.T, name string, k Cluster) ClusterToken {
	t.Helper()
	got, err := w.ClusterToken(t.Context(), name, k)
	if err != nil || got.Bearer.Empty() {
		t.Fatalf("ClusterToken(%s) = %v, expires %v", name, err, got.Expires)
	}
	return got
}

// urlIn returns the presigned URL in a token.
func urlIn(t *testing.T, token ClusterToken) *url.URL {
	t.Helper()
	encoded, ok := strings.CutPrefix(token.Bearer.Reveal(), "k8s-aws-v1.")
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || !ok {
		t.Fatalf("the token is none: %v", err)
	}
	u, err := url.Parse(string(raw))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// identify asks STS as a cluster does, and returns the ARN of who has the token.
func (w *world) identify(t *testing.T, token ClusterToken, cluster string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, urlIn(t, token).String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("x-k8s-aws-id", cluster)
	r.Header.Set("Accept", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var who struct {
		GetCallerIdentityResponse struct{ GetCallerIdentityResult struct{ Arn string } }
	}
	if response.StatusCode != http.StatusOK {
		return response.Status
	}
	if err := json.NewDecoder(response.Body).Decode(&who); err != nil {
		t.Fatal(err)
	}
	return who.GetCallerIdentityResponse.GetCallerIdentityResult.Arn
}

func TestClusterToken(t *testing.T) {
	w := newWorld(t, roleConnector+"[connectors.s]\nauth_method = \"secret-key\"\n")
	w.aws.SetClock(w.clock)
	got := w.clusterToken(t, "r", demo)
	q := urlIn(t, got).Query()
	for name, want := range map[string]string{"Action": "GetCallerIdentity", "Version": "2011-06-15", "X-Amz-Expires": "60", "X-Amz-SignedHeaders": "host;x-k8s-aws-id", "X-Amz-Algorithm": "AWS4-HMAC-SHA256"} {
		if q.Get(name) != want || len(q[name]) != 1 {
			t.Errorf("%s is %q, want %q", name, q[name], want)
		}
	}
	if want := w.clock().Add(14 * time.Minute).UTC(); !got.Expires.Equal(want) || got.Expires.Location() != time.UTC {
		t.Errorf("it expires at %v, want %v", got.Expires, want)
	}
	if who := w.identify(t, got, "demo"); who != "arn:aws:sts::123456789012:assumed-role/Deploy/aws-connector-r" {
		t.Errorf("it is of %s", who)
	}
	if who := w.identify(t, got, "other"); who != "403 Forbidden" {
		t.Errorf("for another cluster it is of %s", who)
	}
	if own := w.clusterToken(t, "s", demo); w.identify(t, own, "demo") != "arn:aws:iam::123456789012:user/alice" {
		t.Error("the token of a secret-key is not its user's")
	}
	w.later(time.Minute)
	if again := w.clusterToken(t, "r", demo); !again.Bearer.Equal(got.Bearer) || !again.Expires.Equal(got.Expires) {
		t.Error("the second is not the first from the cache")
	}
	for _, other := range []Cluster{{"other", demo.Region}, {demo.Name, "us-east-1"}} {
		w.later(time.Second)
		if w.clusterToken(t, "r", other).Bearer.Equal(got.Bearer) {
			t.Errorf("%v has the token of %v", other, demo)
		}
		if again := w.clusterToken(t, "r", demo); !again.Bearer.Equal(got.Bearer) {
			t.Errorf("%v is kept in the place of %v", other, demo)
		}
	}
	w.later(13*time.Minute - 2*time.Second)
	if again := w.clusterToken(t, "r", demo); again.Bearer.Equal(got.Bearer) {
		t.Error("the token was used after its end")
	}
	if n := w.aws.Calls("AssumeRole"); n != 1 {
		t.Errorf("%d calls of AssumeRole, want 1", n)
	}
}

// Its host is the one of the STS that the connector's session comes from.
func TestClusterTokenHost(t *testing.T) {
	w := newWorld(t, "[connectors.own]\nauth_method = \"secret-key\"\nendpoint_urls = {sts = \"https://sts.example/\"}\n")
	if u := urlIn(t, w.clusterToken(t, "own", demo)); u.Host != "sts.example" || u.Path != "/" {
		t.Errorf("the URL is of %s%s", u.Host, u.Path)
	}
	for _, test := range []struct {
		region     string
		fips, dual bool
		want       string
	}{
		{"eu-central-1", false, false, "sts.eu-central-1.amazonaws.com"},
		{"us-east-1", false, false, "sts.us-east-1.amazonaws.com"},
		{"us-east-1", true, false, "sts-fips.us-east-1.amazonaws.com"},
		{"us-east-1", false, true, "sts.us-east-1.api.aws"},
		{"cn-north-1", false, false, "sts.cn-north-1.amazonaws.com.cn"},
		{"us-gov-west-1", false, false, "sts.us-gov-west-1.amazonaws.com"},
		{"eusc-de-east-1", false, false, "sts.eusc-de-east-1.amazonaws.eu"},
	} {
		url, err := Client{Service: serviceSTS, Region: test.region, FIPS: test.fips, DualStack: test.dual, AccessKeyID: accessKeyID, SecretAccessKey: secret.New(canary)}.presignIdentity(t.Context(), Cluster{"demo", test.region}, w.clock())
		if err != nil || !strings.HasPrefix(url, "https://"+test.want+"/?") {
			t.Errorf("%s: %.60s, %v, want %s", test.region, url, err, test.want)
		}
		if !strings.Contains(url, "%2F"+test.region+"%2Fsts%2Faws4_request") {
			t.Errorf("%s: signed for another region: %s", test.region, url)
		}
	}
}

// A token ends a minute before its session, and never before it is made.
func TestKubeExpiry(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 600_000_000, time.UTC)
	for _, test := range []struct{ left, want time.Duration }{
		{0, 14 * time.Minute}, // no end
		{time.Hour, 14 * time.Minute},
		{15 * time.Minute, 14 * time.Minute},
		{15*time.Minute - time.Second, 14*time.Minute - time.Second},
		{2 * time.Minute, time.Minute},
		{62 * time.Second, 2 * time.Second},
		{60 * time.Second, 60 * time.Second},
		{30 * time.Second, 30 * time.Second},
	} {
		end := time.Time{}
		if test.left > 0 {
			end = now.Add(test.left)
		}
		if got, want := kubeExpiry(now, end), now.Add(test.want).Truncate(time.Second); !got.Equal(want) {
			t.Errorf("with %v left it is %v, want %v", test.left, got, want)
		}
	}
}

func TestClusterTokenOfAShortSession(t *testing.T) {
	w := newWorld(t, roleConnector+"expiration_seconds = 900\nexpires_skew_tolerance = 0\n")
	w.aws.SetClock(w.clock)
	s := w.get(t, "r")
	w.later(10 * time.Minute)
	if got := w.clusterToken(t, "r", demo); !got.Expires.Equal(s.Expires.Add(-time.Minute)) {
		t.Errorf("it expires at %v, its session at %v", got.Expires, s.Expires)
	}
}

func TestClusterTokenIsTooLong(t *testing.T) {
	w := newWorld(t, "")
	w.Helper.Keys = keys{"main": {ID: accessKeyID, Secret: w.Keys.(keys)["main"].Secret, SessionToken: secret.New(strings.Repeat("t", 3000)), Expires: w.clock().Add(time.Hour)}}
	w.edit(t, "[connectors.t]\nauth_method = \"sts-token\"\n")
	_, err := w.ClusterToken(t.Context(), "t", demo)
	var e *Error
	if !errors.As(err, &e) || e.Reason != Misconfigured || !strings.Contains(err.Error(), "EKS takes 4096 at most") || strings.Contains(err.Error(), "ttt") {
		t.Errorf("ClusterToken = %v", err)
	}
}

func TestFiftyClusterTokensAtOnce(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.Helper.Now = func() time.Time { // so that no two are signed at one time
		w.later(time.Second)
		return w.clock()
	}
	var all sync.WaitGroup
	got := make([]ClusterToken, 50)
	for i := range got {
		all.Go(func() { got[i], _ = w.ClusterToken(t.Context(), "r", demo) })
	}
	all.Wait()
	for i := range got {
		if got[i].Bearer.Empty() || !got[i].Bearer.Equal(got[0].Bearer) {
			t.Errorf("the token of %d is not that of 0", i)
		}
	}
	if n := w.aws.Calls("AssumeRole"); n != 1 {
		t.Errorf("%d calls of AssumeRole, want 1", n)
	}
}
