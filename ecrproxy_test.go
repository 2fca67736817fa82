package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// registries HOST…: registries of these names answer behind a proxy, with a
// certificate that $AWS_CA_BUNDLE names; the proxy reaches no other host.
func registries(ts *testscript.TestScript, neg bool, hosts []string) {
	if neg {
		ts.Fatalf("registries cannot be negated")
	}
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/" {
			http.NotFound(w, r)
		}
	}))
	ts.Defer(upstream.Close)
	target, err := url.Parse(upstream.URL)
	ts.Check(err)
	pair, bundle := certificate(ts, hosts)
	tlsServer := httptest.NewUnstartedServer(server(ts).RegistryProxy(target))
	tlsServer.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	tlsServer.StartTLS()
	ts.Defer(tlsServer.Close)
	proxy := httptest.NewServer(connectTo(tlsServer.Listener.Addr().String(), hosts))
	ts.Defer(proxy.Close)
	path := filepath.Join(ts.MkAbs("."), "ca.pem")
	ts.Check(os.WriteFile(path, bundle, 0o600))
	ts.Setenv("AWS_CA_BUNDLE", path)
	ts.Setenv("HTTPS_PROXY", proxy.URL)
}

// certificate makes one that signs itself, with its PEM form.
func certificate(ts *testscript.TestScript, hosts []string) (tls.Certificate, []byte) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: hosts, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	ts.Check(err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// connectTo is an HTTP proxy that takes these hosts to one address and refuses others.
func connectTo(address string, hosts []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := strings.TrimSuffix(r.Host, ":443")
		if r.Method != http.MethodConnect || !slices.Contains(hosts, host) {
			http.Error(w, "no such host here", http.StatusBadGateway)
			return
		}
		out, err := net.Dial("tcp", address)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer out.Close()
		in, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer in.Close()
		if _, err := io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
			return
		}
		go io.Copy(out, buffered)
		io.Copy(in, out)
	})
}
