package main

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	account     = "123456789012"
	accessKeyID = "AKIAIOSFODNN7EXAMPLE"
	secretKey   = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"
	region      = "eu-central-1"
	role        = "arn:aws:iam::" + account + ":role/Deploy"
	registry    = account + ".dkr.ecr." + region + ".amazonaws.com"
)

// fake is a fake AWS in a process of its own.
type fake struct {
	url string
	cmd *exec.Cmd
}

// startFake starts one that takes delay to answer.
func startFake(program string, delay time.Duration) (*fake, error) {
	cmd := exec.Command(program)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, err
	}
	url, err := bufio.NewReader(out).ReadString('\n')
	f := &fake{strings.TrimSpace(url), cmd}
	for _, what := range []struct {
		path string
		body map[string]any
	}{
		{"user", map[string]any{"arn": "arn:aws:iam::" + account + ":user/alice", "access_key_id": accessKeyID, "secret": secretKey}},
		{"role", map[string]any{"arn": role}},
		{"fault", map[string]any{"delay": delay.String()}},
	} {
		if err == nil {
			err = f.post(what.path, what.body)
		}
	}
	if err != nil {
		f.stop()
	}
	return f, err
}

func (f *fake) stop() {
	f.cmd.Process.Kill()
	f.cmd.Wait()
}

func (f *fake) post(path string, body map[string]any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.Post(f.url+"/_fake/"+path, "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(r.Body)
		return fmt.Errorf("fake AWS: %s: %s", path, said)
	}
	return nil
}

// calls is how often action was called.
func (f *fake) calls(action string) (int, error) {
	r, err := http.Get(f.url + "/_fake/calls?action=" + action)
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// authority makes a certificate for 127.0.0.1 that is its own authority.
func authority() (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// encrypt listens with TLS before the server at url and returns its own URL.
func encrypt(url string, cert tls.Certificate) (string, error) {
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		return "", err
	}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer in.Close()
				out, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
				if err != nil {
					return
				}
				defer out.Close()
				go io.Copy(out, in)
				io.Copy(in, out)
			}()
		}
	}()
	return "https://" + l.Addr().String(), nil
}

// trust makes the programs that this thread starts trust the certificate beside
// the system's. How is told by the word, which is for the table: as root, in the
// system's bundle itself, mounted over for them alone; else the variable is to be
// set to a copy of it.
func trust(dir string, certificate []byte) (word, variable string, err error) {
	var system string
	var text []byte
	for _, system = range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"} {
		if text, err = os.ReadFile(system); err == nil {
			break
		}
	}
	if err != nil {
		return "", "", err
	}
	bundle := filepath.Join(dir, "bundle.pem")
	if err := os.WriteFile(bundle, append(certificate, text...), 0o644); err != nil {
		return "", "", err
	}
	if mountOver(bundle, system) == nil {
		return "system's roots", "", nil
	}
	return "SSL_CERT_FILE: a copy of the system's", "SSL_CERT_FILE=" + bundle, nil
}
