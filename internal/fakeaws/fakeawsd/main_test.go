package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/fakeaws"
)

const host = "123456789012.dkr.ecr.us-east-1.amazonaws.com"

// certificate writes one for host, and its key, and returns their files.
func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(certPEM)
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for path, text := range map[string][]byte{cert: certPEM, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, roots
}

func TestListenRegistry(t *testing.T) {
	s := fakeaws.Start()
	defer s.Close()
	cert, key, roots := certificate(t)
	o := options{registry: "127.0.0.1:0", upstream: "http://127.0.0.1:1", cert: cert, key: key}
	l, handler, err := o.listenRegistry(s)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	defer server.Close()
	go server.Serve(l)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: host}}
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+l.Addr().String()+"/v2/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	answer, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	want := `Basic realm="https://` + host + `/",service="ecr.amazonaws.com"`
	if got := answer.Header.Get("Www-Authenticate"); answer.StatusCode != 401 || got != want {
		t.Errorf("GET /v2/ = %d, challenge %q, want 401, %q", answer.StatusCode, got, want)
	}
}

func TestListenRegistryRefuses(t *testing.T) {
	s := fakeaws.Start()
	defer s.Close()
	cert, key, _ := certificate(t)
	const addr, upstream = "127.0.0.1:0", "http://127.0.0.1:1"
	for _, test := range []struct {
		o    options
		want string
	}{
		{options{registry: addr}, "go together"},
		{options{upstream: upstream, cert: cert, key: key}, "go together"},
		{options{registry: addr, upstream: upstream, cert: cert}, "go together"},
		{options{registry: addr, upstream: "127.0.0.1:1", cert: cert, key: key}, `-upstream "127.0.0.1:1": not an http or https URL`},
		{options{registry: addr, upstream: "http:", cert: cert, key: key}, `-upstream "http:": not an http or https URL`},
		{options{registry: addr, upstream: upstream, cert: key, key: key}, "key.pem"},
		{options{registry: "127.0.0.1:x", upstream: upstream, cert: cert, key: key}, `-registry "127.0.0.1:x": `},
	} {
		l, _, err := test.o.listenRegistry(s)
		if err == nil {
			l.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("listenRegistry(%+v) = %v, want … %s", test.o, err, test.want)
		}
	}
}
