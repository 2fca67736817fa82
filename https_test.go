package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// https [expired]: AWS answers over TLS too, at $AWS_ENDPOINT_URL, with a certificate,
// perhaps one that is no longer valid, of an authority whose own is in ca.pem. In
// old.pem is one that the same authority had before, in other.pem another's.
func https(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("https cannot be negated")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	now := time.Now()
	authority := func(from, until time.Time) *x509.Certificate {
		return &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: from, NotAfter: until,
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	}
	valid := authority(now.Add(-time.Hour), now.Add(time.Hour))
	write := func(name string, template *x509.Certificate, key *ecdsa.PrivateKey) {
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	}
	write("ca.pem", valid, key)
	write("old.pem", authority(now.Add(-2*time.Hour), now.Add(-time.Hour)), key)
	another, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	write("other.pem", valid, another)

	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "AWS"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)}
	if slices.Contains(args, "expired") {
		leaf.NotAfter = now.Add(-time.Minute)
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, valid, key.Public(), key)
	ts.Check(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server(ts).Serve(tls.NewListener(&counted{l, greetingsOf(ts)}, config))
	ts.Setenv("AWS_ENDPOINT_URL", "https://"+l.Addr().String())
}

// greeted N: there were so many connections since it was last asked.
func greeted(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := int(greetingsOf(ts).Swap(0)); got != want || neg {
		ts.Fatalf("%d connections, want %d", got, want)
	}
}

func greetingsOf(ts *testscript.TestScript) *atomic.Int32 {
	return ts.Value("greetings").(*atomic.Int32)
}

// counted counts the connections of a listener.
type counted struct {
	net.Listener
	n *atomic.Int32
}

func (c *counted) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.n.Add(1)
	}
	return conn, err
}
