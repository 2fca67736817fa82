package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// closed returns an address at which nobody listens.
func closed(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, l.Close())
	return l.Addr().String()
}

// Each way of not being reached, as real connections fail, has its own message.
func TestUnreachable(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	secure.Config.ErrorLog = nil
	defer secure.Close()
	release := make(chan struct{})
	stalling := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer stalling.Close()
	defer close(release)
	breaking := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		panic(http.ErrAbortHandler)
	}))
	defer breaking.Close()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	defer refusing.Close()
	nobody := closed(t)
	trusted := x509.NewCertPool()
	trusted.AddCert(secure.Certificate())

	for _, test := range []struct {
		name, url, proxy string
		tls              *tls.Config
		about, text      string
	}{
		{"refused", "http://" + nobody, "", nil, nobody, "it refuses connections"},
		{"proxy refused", "https://sts.example", "http://user:CANARY@" + nobody, nil, "proxy http://" + nobody, "it refuses connections"},
		{"proxy wants a password", "https://sts.example", refusing.URL, nil, "sts.example", "the proxy " + refusing.URL + " requires a user name"},
		{"not TLS", strings.Replace(plain.URL, "http:", "https:", 1), "", nil, "127.0.0.1", "it does not use TLS"},
		{"unknown authority", secure.URL, "", nil, "127.0.0.1", "not signed by a trusted authority"},
		{"wrong name", secure.URL, "", &tls.Config{RootCAs: trusted, ServerName: "other.test"}, "127.0.0.1", "is for another name"},
		{"expired", secure.URL, "", &tls.Config{RootCAs: trusted, Time: func() time.Time { return time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) }}, "127.0.0.1", "its certificate is not valid"},
		{"breaks off", breaking.URL, "", nil, "127.0.0.1", "the connection was closed"},
		{"stalls", stalling.URL, "", nil, "127.0.0.1", "does not answer in time"},
	} {
		transport := &http.Transport{TLSClientConfig: test.tls}
		shown := ""
		if test.proxy != "" {
			u, err := url.Parse(test.proxy)
			must(t, err)
			transport.Proxy, shown = http.ProxyURL(u), "http://"+u.Host
		}
		m := Machine{Proxy: func(string) (string, error) { return shown, nil }, Fetch: Fetcher(&http.Client{Transport: transport}, time.Now)}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if test.name == "stalls" {
			ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
		}
		_, found := m.reachOne(ctx, endpoint{url: test.url, users: []string{"deploy"}})
		cancel()
		transport.CloseIdleConnections()
		if len(found) != 1 || found[0].Severity != Broken || !strings.Contains(found[0].About, test.about) || !strings.Contains(found[0].Text, test.text) || found[0].Fix == "" {
			t.Errorf("%s: reachOne() = %q, want %q: …%q…", test.name, found, test.about, test.text)
		}
		if s := (Report{Findings: found}).String(); strings.Contains(s, "CANARY") {
			t.Errorf("%s: a password is shown: %s", test.name, s)
		}
	}
}

func TestUnresolved(t *testing.T) {
	err := &url.Error{Op: "Get", URL: "https://sts.nowhere.test", Err: &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "sts.nowhere.test"}}}
	f := unreachable("sts.nowhere.test", err, "http://proxy:3128")
	if want := `its name "sts.nowhere.test" cannot be resolved, through the proxy http://proxy:3128`; f.Text != want {
		t.Errorf("unreachable() = %q, want %q", f.Text, want)
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// The Date of an answer is compared with the middle of the call.
func TestFetcherMeasuresTheClock(t *testing.T) {
	for _, test := range []struct {
		date, age string
		want      Answer
	}{
		{"Fri, 15 Jan 2027 08:00:00 GMT", "", Answer{Status: 302, Dated: true, Drift: -500 * time.Millisecond}},
		{"Fri, 15 Jan 2027 08:10:00 GMT", "", Answer{Status: 302, Dated: true, Drift: 10*time.Minute - 500*time.Millisecond}},
		{"Fri, 15 Jan 2027 08:10:00 GMT", "3", Answer{Status: 302}},
		{"", "", Answer{Status: 302}},
		{"yesterday", "", Answer{Status: 302}},
	} {
		now := time.Unix(1_800_000_000, 0) // 08:00:00
		fetch := Fetcher(doer(func(r *http.Request) (*http.Response, error) {
			now = now.Add(2 * time.Second)
			h := http.Header{}
			h.Set("Date", test.date)
			h.Set("Age", test.age)
			if r.Header.Get("Authorization") != "" {
				return nil, errors.New("signed")
			}
			return &http.Response{StatusCode: 302, Header: h, Body: http.NoBody}, nil
		}), func() time.Time { return now })
		if got, err := fetch(t.Context(), "https://sts.eu-central-1.amazonaws.com"); err != nil || got != test.want {
			t.Errorf("fetch with Date %q, Age %q = %+v, %v, want %+v", test.date, test.age, got, err, test.want)
		}
	}
}

func TestDrift(t *testing.T) {
	for by, want := range map[time.Duration]Severity{
		0: well, 60 * time.Second: well, -60 * time.Second: well, 61 * time.Second: Warning, -300 * time.Second: Warning,
		301 * time.Second: Broken, -time.Hour: Broken,
	} {
		var got Severity
		if f := drift(by); len(f) > 0 {
			got = f[0].Severity
		}
		if got != want {
			t.Errorf("drift(%s) is %q, want %q", by, got, want)
		}
	}
}
