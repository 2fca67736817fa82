package helper

import (
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A bundle is read once in a process, whoever asks for it.
func TestBundleIsReadOnce(t *testing.T) {
	w, _ := secureWorld(t, roleConnector)
	w.get(t, "r")
	if err := os.Remove(w.Env.CABundle); err != nil {
		t.Fatal(err)
	}
	o := Client{CABundle: w.Env.CABundle, Roots: w.Env.Roots}
	client, err := o.HTTPClient(AnswerLimit)
	if err != nil {
		t.Fatalf("HTTPClient = %v", err)
	}
	answer, err := client.Get(w.aws.URL)
	if err != nil {
		t.Fatalf("Get = %v", err)
	}
	answer.Body.Close()
}

// What was made while a bundle was replaced is not kept: its slot is named after
// the one of before.
func TestBundleThatIsReplaced(t *testing.T) {
	for name, replace := range map[string]bool{"it stays": false, "it is replaced": true} {
		w, _ := secureWorld(t, roleConnector)
		if replace {
			text, err := os.ReadFile(w.Env.CABundle)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(w.Env.CABundle+".new", append(text, '\n'), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(w.Env.CABundle+".new", w.Env.CABundle); err != nil {
				t.Fatal(err)
			}
		}
		w.get(t, "r")
		if all, err := w.Sessions(t.Context()); err != nil || (len(all) == 0) != replace {
			t.Errorf("%s: Sessions = %v, %v, want none: %t", name, all, err, replace)
		}
	}
}

// HTTP/2 is not offered, with whatever was built in: the answer would not be read.
func TestSecureConnections(t *testing.T) {
	w, _ := secureWorld(t, roleConnector)
	o := Client{CABundle: w.Env.CABundle, Roots: w.Env.Roots}
	client, err := o.transport()
	if err != nil {
		t.Fatal(err)
	}
	if got := client.GetTransport().TLSClientConfig.NextProtos; slices.Contains(got, "h2") {
		t.Errorf("the transport offers %q, which nothing here speaks", got)
	}
	if got := client.GetTransport().TLSHandshakeTimeout; got != handshakeTimeout {
		t.Errorf("the SDK's time for a handshake is %v, ours %v", got, handshakeTimeout)
	}
}

// Behind a proxy the transport verifies by itself, with a bundle that is read by then.
func TestBundleBehindAProxy(t *testing.T) {
	w, _ := secureWorld(t, roleConnector)
	transport := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy:3128"})}
	w.Env.Roots.use(transport)
	if _, err := transport.Proxy(&http.Request{URL: &url.URL{Scheme: "https", Host: "x"}}); err != nil {
		t.Fatal(err)
	}
	if transport.TLSClientConfig.RootCAs.Equal(x509.NewCertPool()) {
		t.Error("the bundle is not read")
	}
}

// Where the system verifies, what Go's variables name is nothing.
func TestRootsOfEverySystem(t *testing.T) {
	for _, named := range []string{"", filepath.Join(t.TempDir(), "absent")} {
		r := NewRoots("", named)
		if err := r.check(); err != nil {
			t.Errorf("SSL_CERT_FILE %q: check = %v", named, err)
		}
		transport := &http.Transport{}
		r.use(transport)
		if own := transport.DialTLSContext != nil; own != (len(systemBundles(named)) > 0) {
			t.Errorf("SSL_CERT_FILE %q: a way of its own: %t", named, own)
		}
	}
}
