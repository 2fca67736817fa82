package fakeaws

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// RegistryRequest is one request as it reached a registry proxy. It never holds
// a password or a bearer token.
type RegistryRequest struct {
	Host     string    `json:"host"` // as the client wrote it
	Method   string    `json:"method"`
	Path     string    `json:"path"`
	Scheme   string    `json:"scheme,omitempty"`   // of its credentials, "Basic", "Bearer" or "other"; empty if it brought none
	Username string    `json:"username,omitempty"` // of Basic credentials
	Refused  int       `json:"refused,omitempty"`  // status of the proxy's own refusal; 0 if it was let through
	Time     time.Time `json:"time"`               // by the server's clock, UTC
}

// RegistryRequests returns every request that a proxy of [Server.RegistryProxy]
// got since the start or the last [Server.ClearRequests], in the order in which
// they were let through or refused.
func (s *Server) RegistryRequests() []RegistryRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]RegistryRequest{}, s.proxied...) // not nil: JSON has an empty list
}

// RegistryProxy returns a handler that makes the Docker registry at upstream,
// which itself asks for no credentials, answer as ECR does. It is meant to be
// served over TLS under the registries' own names, since the Host header says
// which of them a client means:
//
//   - 123456789012.dkr.ecr.REGION.amazonaws.com and the FIPS, dual-stack and other
//     partitions' forms of it want "AWS" and a live token of that region;
//   - public.ecr.aws and ecr-public.aws.com let anyone pull and want a live token
//     of ECR Public for the rest. As theirs do, clients trade it at /token/ for a
//     bearer token; GET /v2/ alone tells them so;
//   - any other name asks for credentials and honours none.
//
// Repositories are not kept apart by registry: all names show those of upstream.
// Requests reach it with their Host and without their credentials.
func (s *Server) RegistryProxy(upstream *url.URL) http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(upstream)
			p.Out.Host = p.In.Host
			p.Out.Header.Del("Authorization")
			p.Out.Header.Set("X-Forwarded-Proto", "https")
			p.Out.Header.Set("X-Forwarded-Host", p.In.Host)
		},
		ModifyResponse: func(r *http.Response) error {
			if location, err := r.Location(); err == nil && (location.Host == upstream.Host || location.Host == r.Request.Host) {
				location.Scheme, location.Host = "https", r.Request.Host
				r.Header.Set("Location", location.String())
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			writeRegistryError(w, http.StatusBadGateway, "UNAVAILABLE", "upstream: "+err.Error())
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l := s.login(r)
		s.recordProxied(r, l)
		switch {
		case l.refused != 0:
			w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
			l.refuse(w, r)
		case l.registry.service == "ecr-public" && isTokenPath(r.URL.Path):
			writeBearer(w, s.issueBearer(l.digest))
		default:
			proxy.ServeHTTP(w, r)
		}
	})
}

// registry is one of ECR's, as a Host header names it.
type registry struct {
	service, region string // both empty if it is none
}

var registryForm = regexp.MustCompile(`^[0-9]{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9][a-z0-9-]*)\.(.+)$`)

// registryOf returns the registry that a Host header names. The suffix must be
// the one of the region's partition.
func registryOf(host string) registry {
	if name, port, err := net.SplitHostPort(host); err == nil && port != "" {
		host = name
	}
	host = strings.ToLower(host)
	if host == "public.ecr.aws" || host == "ecr-public.aws.com" {
		return registry{"ecr-public", "us-east-1"}
	}
	m := registryForm.FindStringSubmatch(host)
	if m == nil {
		return registry{}
	}
	region, suffix := m[1], m[2]
	p := partitionOf(region)
	if dual := strings.Contains(host, ".dkr-ecr"); !dual && suffix == p.suffix || dual && suffix == p.dualStack {
		return registry{"ecr", region}
	}
	return registry{}
}

func (s *Server) recordProxied(r *http.Request, l login) {
	username, _, _ := r.BasicAuth()
	req := RegistryRequest{
		Host: r.Host, Method: r.Method, Path: r.URL.Path,
		Scheme: l.scheme, Username: username,
		Refused: l.refused, Time: s.Now(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proxied = append(s.proxied, req)
}

// writeRegistryError writes an error in the form of the distribution spec.
func writeRegistryError(w http.ResponseWriter, status int, code, message string) {
	type item struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(struct {
		Errors []item `json:"errors"`
	}{[]item{{code, message}}})
}

func writeBearer(w http.ResponseWriter, token string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	fmt.Fprintf(w, "{\"token\":%q}\n", token)
}
