package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
)

const (
	// driftTold and driftBroken are how far the clock may be off: beyond five
	// minutes AWS refuses signatures.
	driftTold   = 60 * time.Second
	driftBroken = 300 * time.Second
)

// Answer is an answer to an unsigned request.
type Answer struct {
	Status int
	// Drift is by how much AWS's clock is ahead of ours; it is known where Dated is set.
	Drift time.Duration
	Dated bool
}

// Doer sends HTTP requests.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Fetcher returns a Fetch for a [Machine]. It compares the Date of an answer,
// which has whole seconds, with the middle of the time that the answer took.
func Fetcher(client Doer, now func() time.Time) func(context.Context, string) (Answer, error) {
	return func(ctx context.Context, url string) (Answer, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return Answer{}, err
		}
		start := now()
		resp, err := client.Do(r)
		if err != nil {
			return Answer{}, err
		}
		resp.Body.Close()
		end := now()
		a := Answer{Status: resp.StatusCode}
		date, err := http.ParseTime(resp.Header.Get("Date"))
		if err == nil && resp.Header.Get("Age") == "" { // not from a cache
			a.Dated, a.Drift = true, date.Add(time.Second/2).Sub(start.Add(end.Sub(start)/2))
		}
		return a, nil
	}
}

// endpoint is a URL that connectors call.
type endpoint struct {
	url string
	// sts tells that it is that of AWS STS, whose clock counts.
	sts   bool
	users []string
}

func (m *Machine) network() []check {
	switch {
	case m.Helper == nil:
		return nil
	case m.FetchErr != nil:
		return []check{one("network", func() []Finding {
			return list(fromError(Broken, "network", m.FetchErr, "correct AWS_CA_BUNDLE"))
		})}
	}
	endpoints, found := m.endpoints()
	checks := []check{{about: "network", things: 1, run: func(context.Context) []Finding { return found }}}
	if len(endpoints) > 0 {
		// One check, so that the clock is told once.
		checks = append(checks, check{about: "network", things: len(endpoints) + 1, run: func(ctx context.Context) []Finding { return m.reach(ctx, endpoints) }})
	}
	return checks
}

// endpoints lists what connectors would call, and why some would call nothing.
func (m *Machine) endpoints() (all []endpoint, found []Finding) {
	byURL := map[string]*endpoint{}
	add := func(url string, sts bool, c connector.Connector) {
		e := byURL[url]
		if e == nil {
			e = &endpoint{url: url}
			byURL[url] = e
		}
		e.sts = e.sts || sts
		if !slices.Contains(e.users, c.Name) {
			e.users = append(e.users, c.Name)
		}
	}
	for _, c := range m.valid() {
		called, err := m.callsSTS(c)
		if err != nil {
			f := fromError(Broken, "endpoint", err, "correct endpoint_url, or AWS_ENDPOINT_URL")
			if !slices.Contains(found, f) {
				found = append(found, f)
			}
			continue
		}
		add(called, true, c)
		for _, own := range append(slices.Collect(maps.Values(c.EndpointURLs)), c.EndpointURL) {
			if own != "" {
				add(own, false, c)
			}
		}
	}
	for _, url := range slices.Sorted(maps.Keys(byURL)) {
		all = append(all, *byURL[url])
	}
	return all, found
}

// callsSTS returns the URL at which STS is called for c.
func (m *Machine) callsSTS(c connector.Connector) (string, error) {
	client, err := m.Helper.Client(c, helper.Credentials{}, "sts", c.Region)
	if err != nil {
		return "", err
	}
	return client.URL(context.Background())
}

func (m *Machine) reach(ctx context.Context, endpoints []endpoint) []Finding {
	answers, found := make([]Answer, len(endpoints)), make([][]Finding, len(endpoints))
	var all sync.WaitGroup
	for i, e := range endpoints {
		all.Go(func() { answers[i], found[i] = m.reachOne(ctx, e) })
	}
	all.Wait()
	findings := slices.Concat(found...)
	for i, a := range answers {
		if endpoints[i].sts && a.Dated {
			return append(findings, drift(a.Drift)...)
		}
	}
	return findings
}

// drift judges the clock. AWS's own clocks do not differ.
func drift(d time.Duration) []Finding {
	by := d.Abs().Round(time.Second)
	where := "behind"
	if d < 0 {
		where = "ahead of"
	}
	f := Finding{Warning, "clock", fmt.Sprintf("this machine's clock is %s %s AWS's", by, where), "set it by NTP: `timedatectl set-ntp true`, on Windows `w32tm /resync`, for WSL `wsl --shutdown`"}
	switch {
	case by <= driftTold:
		return list(Finding{well, "clock", "agrees with AWS's clock to within a minute", ""})
	case by > driftBroken:
		f.Severity = Broken
		f.Text += ", and beyond 5 minutes AWS refuses signatures"
	default:
		f.Text += ", so sessions end earlier or later than tools believe"
	}
	return list(f)
}

func (m *Machine) reachOne(ctx context.Context, e endpoint) (Answer, []Finding) {
	u, err := url.Parse(e.url)
	if err != nil || u.Host == "" {
		return Answer{}, list(Finding{Broken, "endpoint", "the endpoint URL of " + some(e.users) + " is not a URL", "write it as https://HOST"})
	}
	about := u.Host
	proxy, err := m.Proxy(e.url)
	if text, fix, ok := helper.ProxyProblem(err); ok {
		return Answer{}, list(Finding{Broken, "proxy", text, fix})
	}
	if err != nil {
		return Answer{}, list(Finding{Broken, "proxy", "HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy", "set it to http://HOST:PORT, or unset it"})
	}
	a, err := m.Fetch(ctx, e.url)
	if text, fix, ok := helper.ProxyProblem(err); ok {
		return a, list(Finding{Broken, about, text + "; used by " + some(e.users), fix})
	}
	if err != nil {
		f := unreachable(about, err, proxy)
		f.Text += "; used by " + some(e.users)
		return a, list(f)
	}
	switch {
	case a.Status == http.StatusProxyAuthRequired:
		return a, list(Finding{Broken, about, "the proxy " + proxy + " requires a user name and a password", "set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT"})
	case a.Status >= http.StatusInternalServerError:
		return a, list(Finding{Warning, about, fmt.Sprintf("it answers with status %d%s", a.Status, through(proxy)), "try again later; see https://health.aws.amazon.com, or the proxy or endpoint of your own"})
	}
	return a, list(Finding{well, about, "answers" + through(proxy), ""})
}

func through(proxy string) string {
	if proxy == "" {
		return ""
	}
	return ", through the proxy " + proxy
}

// unreachable tells apart why there was no answer. It shows no text of err,
// where a proxy's password may be.
func unreachable(about string, err error, proxy string) Finding {
	var dns *net.DNSError
	var op *net.OpError
	var untrusted x509.UnknownAuthorityError
	var wrongName x509.HostnameError
	var certificate *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	toProxy := errors.As(err, &op) && op.Op == "proxyconnect"
	f := Finding{Severity: Broken, About: about}
	if toProxy {
		f.About = "proxy " + proxy
		proxy = ""
	}
	name := strings.TrimPrefix(f.About, "proxy ")
	switch {
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		f.Text, f.Fix = "it does not answer in time", "check whether a firewall drops packets, or a proxy is needed (HTTPS_PROXY)"
	case errors.As(err, &dns):
		f.Text, f.Fix = fmt.Sprintf("its name %q cannot be resolved", dns.Name), "check the region or endpoint, the network, and DNS: nslookup "+dns.Name
	case refused(err):
		f.Text, f.Fix = "it refuses connections: nothing is listening there", "start the server that should listen at "+name+", or correct the address"
	case errors.As(err, &wrongName):
		f.Text, f.Fix = "its certificate is for another name", "correct the host of the endpoint URL; a captive portal or proxy may be in between"
	case errors.As(err, &untrusted):
		f.Text, f.Fix = "its certificate is not signed by a trusted authority", "behind a company's proxy set AWS_CA_BUNDLE to its certificates in PEM"
	case errors.As(err, &certificate):
		f.Text, f.Fix = "its certificate is not valid", "check the certificate's dates and this machine's clock"
	case errors.As(err, &noTLS), strings.Contains(err.Error(), "HTTP response to HTTPS client"):
		f.Text, f.Fix = "it does not use TLS", "use http:// instead of https:// if that is intended"
	case strings.Contains(err.Error(), "Proxy Authentication Required"):
		f.Text, f.Fix = "the proxy "+proxy+" requires a user name and a password", "set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT"
		return f
	default:
		f.Text, f.Fix = "the connection was closed", "check what is in between: a firewall, a proxy, a VPN"
	}
	f.Text += through(proxy)
	return f
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
