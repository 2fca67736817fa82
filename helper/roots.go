package helper

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// handshakeTimeout is the SDK's own, as it is for connections through a proxy.
const handshakeTimeout = 10 * time.Second

// Roots are the authorities whose certificates are trusted, read at most once.
//
// Without a bundle of the person's own they are the system's. Where those are
// files (Linux), Go reads all that its list of files and directories leads to,
// most of them twice, before it looks at the first certificate of a server; one
// file of them nearly always suffices. So that comes first, and Go's own set only
// for a server that no authority in it vouches for. Whatever the set, it is Go
// that verifies.
type Roots struct {
	bundle string
	files  []string
	read   func() ([]byte, error)
	// parse fills some, and returns whether anything is in it.
	parse func() bool
	some  *x509.CertPool
	// all says that some did not do.
	all atomic.Bool
	// changed says that the file that was read is not the one of the beginning.
	changed atomic.Bool
	ahead   aheads
}

// NewRoots returns the authorities in the file bundle, where it is not empty, and
// else the system's, of which named is $SSL_CERT_FILE. It reads nothing yet.
func NewRoots(bundle, named string) *Roots {
	files := systemBundles(named)
	if bundle != "" {
		files = []string{bundle}
	}
	before := ""
	if len(files) == 1 { // one that the environment names
		before = Stamp(files[0])
	}
	r := &Roots{bundle: bundle, files: files, some: x509.NewCertPool()}
	r.read = sync.OnceValues(func() ([]byte, error) {
		var err error
		for _, path := range files {
			var text []byte
			if text, err = readBundle(path); err == nil {
				r.changed.Store(before != "" && Stamp(path) != before)
				return text, nil
			}
			if unread := (*fs.PathError)(nil); !errors.As(err, &unread) {
				break // Go would read this one, and none after it
			}
		}
		return nil, err
	})
	r.parse = sync.OnceValue(func() bool {
		text, _ := r.read()
		return r.some.AppendCertsFromPEM(text)
	})
	return r
}

// check tells what is wrong with the person's own bundle.
func (r *Roots) check() error {
	if r.bundle == "" {
		return nil
	}
	text, err := r.read()
	switch {
	case err != nil:
		return &Error{Reason: Misconfigured, Text: fmt.Sprintf("AWS_CA_BUNDLE: %v", err), Advice: "name a readable file of PEM certificates, or unset AWS_CA_BUNDLE"}
	case !certified(text):
		return &Error{Reason: Misconfigured, Text: fmt.Sprintf("AWS_CA_BUNDLE: no PEM certificate in %q", r.bundle), Advice: "name a file of PEM certificates, or unset AWS_CA_BUNDLE"}
	}
	return nil
}

// certified reports whether there is a certificate in text, as
// [x509.CertPool.AppendCertsFromPEM] does.
func certified(text []byte) bool {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return false
		}
		if block.Type != "CERTIFICATE" || len(block.Headers) != 0 {
			continue
		}
		if _, err := x509.ParseCertificate(block.Bytes); err == nil {
			return true
		}
	}
}

// differ reports whether what was read is another file than the one that was there
// when r was made, which is the one that the cache's key tells of.
func (r *Roots) differ() bool { return r != nil && r.changed.Load() }

// use makes t, which is not yet in use, trust these and no others.
func (r *Roots) use(t *http.Transport) {
	if len(r.files) == 0 {
		return // the system verifies
	}
	config := t.TLSClientConfig.Clone()
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	dial := t.DialContext
	t.DialTLSContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if ctx.Value(aheadKey{}) == nil {
			if one := r.ahead.take(ctx, addr); one != nil {
				return one.conn, one.err
			}
		}
		return r.dial(ctx, func(ctx context.Context) (net.Conn, error) { return dial(ctx, network, addr) }, addr, config)
	}
	if r.bundle == "" {
		return // behind a proxy Go's own set is good enough
	}
	t.TLSClientConfig = config.Clone()
	t.TLSClientConfig.RootCAs = r.some
	// Behind a proxy the transport itself verifies, with what is parsed by then.
	through := t.Proxy
	t.Proxy = func(q *http.Request) (*url.URL, error) {
		u, err := through(q)
		if u != nil {
			r.parse()
		}
		return u, err
	}
}

// ready starts to read what will be needed soon.
func (r *Roots) ready() {
	if !r.all.Load() {
		go r.parse()
	}
}

// dial connects and shakes hands, twice if need be: nothing was sent then but a
// greeting.
func (r *Roots) dial(ctx context.Context, connect func(context.Context) (net.Conn, error), addr string, config *tls.Config) (net.Conn, error) {
	raw, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	config = config.Clone()
	config.ServerName, _, _ = net.SplitHostPort(addr)
	if r.bundle == "" && (r.all.Load() || !r.parse()) {
		return greet(ctx, raw, config)
	}
	r.parse()
	config.RootCAs = r.some
	conn, err := greet(ctx, raw, config)
	if err == nil || r.bundle != "" || !rootless(err) {
		return conn, err
	}
	r.all.Store(true)
	config.RootCAs = nil
	if raw, err = connect(ctx); err != nil {
		return nil, err
	}
	return greet(ctx, raw, config)
}

func greet(ctx context.Context, raw net.Conn, config *tls.Config) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	conn := tls.Client(raw, config)
	err := conn.HandshakeContext(ctx)
	if err == nil {
		return conn, nil
	}
	raw.Close()
	if unverified := (*tls.CertificateVerificationError)(nil); errors.As(err, &unverified) {
		err = &strangerError{unverified}
	}
	return nil, err
}

// strangerError is a server for which nobody vouches. Asking again does not help.
type strangerError struct {
	*tls.CertificateVerificationError
}

// RetryableError tells the SDK to leave it at that.
func (*strangerError) RetryableError() bool { return false }

func (e *strangerError) Unwrap() error { return e.CertificateVerificationError }

// rootless reports whether err says that another authority might vouch for the
// server: none was found, or one that is no longer valid.
func rootless(err error) bool {
	var unverified *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case !errors.As(err, &unverified):
		return false
	case errors.As(err, &invalid):
		return !invalid.Cert.Equal(unverified.UnverifiedCertificates[0])
	}
	return errors.As(err, &unknown)
}

// readBundle reads the file at path, unless it is one that has no end or that
// nobody may ever write to.
func readBundle(path string) ([]byte, error) {
	const most = 16 << 20
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	case info.Size() > most:
		return nil, fmt.Errorf("%s is larger than %d bytes", path, most)
	}
	return os.ReadFile(path)
}
